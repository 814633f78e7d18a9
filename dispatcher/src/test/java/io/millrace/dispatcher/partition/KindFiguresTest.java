package io.millrace.dispatcher.partition;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.millrace.dispatcher.engine.command.WorkType;
import io.millrace.dispatcher.partition.KindFigures.Of;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class KindFiguresTest {

    private static final UUID ACME = new UUID(1, 1);
    private static final UUID OTHERS = new UUID(2, 2);
    private static final UUID LATE = new UUID(3, 3);
    private static final UUID LATER = new UUID(4, 4);

    @Test
    void whatComesLaterCountsAsOtherOfItsOrganisationAndThenOfNone() {
        KindFigures figures = new KindFigures(2);

        figures.of(ACME, WorkType.TASK, "mail").claimed(7);
        figures.of(ACME, WorkType.WORKFLOW, "order").claimed(3);
        figures.of(ACME, WorkType.TASK, "pay").claimed(1);
        figures.of(OTHERS, WorkType.TASK, "mail").claimed(1);
        figures.of(LATE, WorkType.TASK, "mail").claimed(1);
        figures.of(LATER, WorkType.TASK, "print").claimed(1);
        figures.of(ACME, WorkType.TASK, "mail").claimed(9);

        assertEquals(
                List.of(
                        of(KindFigures.OTHER, "task", KindFigures.OTHER) + " 2",
                        of(ACME, "task", KindFigures.OTHER) + " 1",
                        of(ACME, "task", "mail") + " 2",
                        of(ACME, "workflow", "order") + " 1",
                        of(OTHERS, "task", KindFigures.OTHER) + " 1"),
                figures.counted().entrySet().stream()
                        .map(each -> each.getKey() + " " + each.getValue().claims())
                        .toList());
    }

    private static Of of(Object organisation, String work, String kind) {
        return new Of(organisation.toString(), work, kind);
    }

    @Test
    void howeverManyComeThereAreNoMoreThanThat() {
        KindFigures figures = new KindFigures(5);
        for (int i = 0; i < 1_000; i++) {
            figures.of(new UUID(9, i % 50), WorkType.TASK, "kind-" + i).claimed(1);
            figures.of(new UUID(9, i % 50), WorkType.WORKFLOW, "kind-" + i).claimed(1);
        }

        // So many kinds, so many organisations for both types of work, and what is left of both.
        int most = 5 + 2 * 5 + 2;
        assertFalse(figures.counted().size() > most, () -> figures.counted().toString());
        assertEquals(
                2_000,
                figures.counted().values().stream()
                        .mapToLong(KindFigures.Counted::claims)
                        .sum());
    }

    @Test
    void workflowsHaveNoRunsAndTasksNoStarts() {
        KindFigures figures = new KindFigures(5);
        figures.of(ACME, WorkType.WORKFLOW, "order").started(40);
        figures.of(ACME, WorkType.TASK, "mail").ran(50);
        figures.of(ACME, WorkType.TASK, "mail").lost();

        KindFigures.Counted order = figures.counted().get(of(ACME, "workflow", "order"));
        KindFigures.Counted mail = figures.counted().get(of(ACME, "task", "mail"));
        assertNull(order.runs());
        assertNull(mail.starts());
        assertEquals(
                List.of(40L, 50L, 1L),
                List.of(order.starts().sumMs(), mail.runs().sumMs(), mail.lost()));
    }

    @Test
    void withoutAWishNothingIsCounted() {
        assertFalse(new KindFigures(0).wanted());
    }
}
