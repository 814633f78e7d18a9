package io.millrace.dispatcher.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dispatcher.engine.command.Command.FireDue;
import io.millrace.dispatcher.engine.command.Command.SignalWorkflow;
import io.millrace.dispatcher.engine.command.Command.SubmissionStatus;
import io.millrace.dispatcher.engine.command.Payload;
import io.millrace.dispatcher.engine.command.WorkflowStep.CancelTimer;
import io.millrace.dispatcher.engine.command.WorkflowStep.StartTimer;
import io.millrace.dispatcher.engine.event.SealedEvent;
import io.millrace.dispatcher.engine.state.PartitionState;
import io.millrace.dispatcher.engine.store.Table;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** However many things wait for their time, only those whose time is near are in memory, and each happens in its turn. */
class ManyTimersTest {

    private static final int WINDOW = 10;
    private static final int TIMERS = 500;

    private final Story story = new Story(WINDOW);

    /** Their times are in another order than their numbers. */
    private void manyTimers() {
        for (int n = 0; n < TIMERS; n++) {
            story.waiting(new StartTimer("t-" + n, 1_000 + n * 7 % TIMERS * 100L));
        }
    }

    @Test
    void onlyTheNearestAreInMemory() {
        manyTimers();
        story.state.flush();

        assertTrue(
                story.state.dues().size() <= 3 * WINDOW,
                () -> story.state.dues().size() + " are in memory");
        assertEquals(TIMERS, story.storage.size(Table.DUE));
    }

    @Test
    void allFireInTheOrderOfTheirTimesWithFlushesAndWithout() {
        List<Long> fired = new ArrayList<>();
        manyTimers();
        for (int n = 0; fired.size() < TIMERS; n++) {
            story.tick(333);
            Outcome outcome = story.given(new FireDue(40));
            outcome.events().stream()
                    .filter(event -> event.type().equals("TIMER_FIRED"))
                    .map(ManyTimersTest::number)
                    .forEach(fired::add);
            if (n % 3 == 0) {
                story.state.flush();
            }
        }

        List<Long> byTime = new ArrayList<>();
        for (long place = 0; place < TIMERS; place++) {
            long at = place;
            byTime.add(LongStream.range(0, TIMERS)
                    .filter(t -> t * 7 % TIMERS == at)
                    .findFirst()
                    .orElseThrow());
        }
        assertEquals(byTime, fired);
        story.state.flush();
        assertEquals(0, story.storage.size(Table.DUE));
    }

    private static long number(SealedEvent event) {
        return Long.parseLong(new String(event.data(), StandardCharsets.UTF_8).replaceAll("[^0-9]", ""));
    }

    @Test
    void oneThatIsCancelledBeyondTheHorizonLeavesTheStore() {
        manyTimers();
        UUID id = story.waiting(new StartTimer("far", 10_000_000));
        story.state.flush();
        assertEquals(TIMERS + 1, story.storage.size(Table.DUE));

        story.given(new SignalWorkflow(id, "wake", Payload.NULL, 10, "", 0));
        story.claim("w");
        story.given(story.submit(id, SubmissionStatus.SUSPENDED, new CancelTimer("far")));
        story.state.flush();

        assertEquals(TIMERS, story.storage.size(Table.DUE));
    }

    @Test
    void oneThatComesAndGoesBeyondTheHorizonBetweenTwoFlushesNeverTouchesTheStore() {
        manyTimers();
        story.state.flush();
        UUID id = story.waiting(new StartTimer("far", 10_000_000));
        story.given(new SignalWorkflow(id, "wake", Payload.NULL, 10, "", 0));
        story.claim("w");
        story.given(story.submit(id, SubmissionStatus.SUSPENDED, new CancelTimer("far")));
        story.state.flush();

        assertEquals(TIMERS, story.storage.size(Table.DUE));
    }

    @Test
    void openingReadsNoMoreThanWhatIsNear() {
        manyTimers();
        story.state.flush();
        long before = story.storage.visits();

        PartitionState reopened = new PartitionState(story.storage, () -> 1 << 20, WINDOW);
        assertEquals("t-0", reopened.dues().first().reference());

        assertTrue(
                story.storage.visits() - before < 100, () -> (story.storage.visits() - before) + " entries were read");
        assertNull(new Engine(reopened).process(story.meta(), new FireDue(10)).refusal());
    }
}
