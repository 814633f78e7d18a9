package io.millrace.ingest.readmodel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.ingest.queries.Reach;
import io.millrace.proto.Moment;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class CommandEndsTest {

    private static final long MARGIN = CommandEnds.MARGIN_MS;

    private final CommandEnds ends = new CommandEnds();

    private void look(long atMs, long first, long second) {
        ends.add(new CommandEnds.Look(atMs, Map.of(0, first, 1, second)));
    }

    private Reach time(long ms, long first, long second) {
        return ends.of(new Moment.Time(ms), null, Map.of(0, first, 1, second));
    }

    private Reach place(long offset, long next) {
        return ends.of(new Moment.LogOffset(1, offset), 1, Map.of(1, next));
    }

    @Test
    void nobodyKnowsBeforeTheFirstLook() {
        assertEquals(Reach.NOT_YET, time(5, 9, 9));
        assertEquals(Reach.NOT_YET, ends.of(Moment.NOW, null, Map.of()));
        assertEquals(Reach.NOT_YET, place(9, 8));
    }

    @Test
    void aTimeIsReachedWithAllCommandsThatStoodThereAtTheFirstLookBehindIt() {
        look(10_000, 5, 7);
        look(11_000, 6, 7);

        assertEquals(Reach.ALL, time(10_000 - MARGIN, 5, 7));
        assertEquals(Reach.NOT_YET, time(10_000 - MARGIN, 4, 7));
        assertEquals(Reach.NOT_YET, time(10_000 - MARGIN, 5, 6));
        assertEquals(Reach.NOT_YET, time(10_001 - MARGIN, 5, 7));
        assertEquals(Reach.ALL, time(10_001 - MARGIN, 6, 7));
        assertEquals(Reach.ALL, time(1, 5, 7));
    }

    @Test
    void aTimeBehindTheLastLookIsNotReachedHoweverMuchIsThere() {
        look(10_000, 5, 7);

        assertEquals(Reach.NOT_YET, time(10_001 - MARGIN, 100, 100));
        assertEquals(Reach.NOT_YET, time(10_000, 100, 100));
    }

    @Test
    void nowIsTheLastLook() {
        look(10_000, 5, 7);
        look(11_000, 6, 7);

        assertEquals(Reach.NOT_YET, ends.of(Moment.NOW, null, Map.of(0, 5L, 1, 7L)));
        assertEquals(Reach.ALL, ends.of(Moment.NOW, null, Map.of(0, 6L, 1, 7L)));
    }

    @Test
    void aNowThatIsKeptStaysWhereItWasWhileCommandsCome() {
        assertEquals(Moment.NOW, ends.now());
        look(10_000, 5, 7);
        Moment kept = ends.now();
        look(11_000, 6, 9);

        assertEquals(Reach.ALL, ends.of(kept, null, Map.of(0, 5L, 1, 7L)));
        assertEquals(Reach.NOT_YET, ends.of(kept, null, Map.of(0, 5L, 1, 6L)));
    }

    @Test
    void otherPartitionsDoNotMatterWhereOneIsNamed() {
        look(10_000, 5, 7);

        assertEquals(Reach.ALL, ends.of(new Moment.Time(1), 1, Map.of(1, 7L)));
        assertEquals(Reach.NOT_YET, ends.of(new Moment.Time(1), 0, Map.of(1, 7L)));
    }

    @Test
    void aPlaceIsReachedWithTheCommandBeforeItAndNoneIsBehindTheLastCommand() {
        look(10_000, 5, 7);

        assertEquals(Reach.ALL, place(6, 6));
        assertEquals(Reach.NOT_YET, place(7, 6));
        assertEquals(Reach.ALL, place(7, 7));
        assertEquals(Reach.BEHIND_THE_LOG, place(8, 7));
        assertEquals(Reach.BEHIND_THE_LOG, place(8, 6));
        assertEquals(Reach.ALL, place(8, 8));
    }

    @Test
    void aLookThatWasUnderWayIsNotTheNextOne() throws Exception {
        look(10_000, 5, 7);
        assertFalse(ends.awaitNext(1));
        CompletableFuture<Boolean> waits = new CompletableFuture<>();
        Thread waiting = Thread.ofVirtual().start(() -> {
            try {
                waits.complete(ends.awaitNext(60_000));
            } catch (InterruptedException e) {
                waits.completeExceptionally(e);
            }
        });
        while (waiting.getState() != Thread.State.TIMED_WAITING) {
            Thread.onSpinWait();
        }

        look(11_000, 6, 7);
        assertFalse(waits.isDone());
        look(12_000, 6, 7);

        assertTrue(waits.get(60, TimeUnit.SECONDS));
    }

    @Test
    void whatIsOlderThanAMinuteIsHeldAgainstTheOldestLookThatIsKept() {
        for (int i = 0; i <= 60; i++) {
            look(10_000 + 1_000L * i, i, 0);
        }

        assertEquals(Reach.NOT_YET, time(1, 0, 0));
        assertEquals(Reach.ALL, time(1, 1, 0));
        assertEquals(2, ends.partitions());
    }
}
