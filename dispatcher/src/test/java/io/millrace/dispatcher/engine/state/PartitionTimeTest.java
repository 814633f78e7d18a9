package io.millrace.dispatcher.engine.state;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dispatcher.engine.MemoryStorage;
import io.millrace.dispatcher.engine.command.CommandMeta;
import io.millrace.dispatcher.engine.command.Rules;
import io.millrace.dispatcher.engine.store.Table;
import java.util.Random;
import java.util.UUID;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** One clock decides: the broker's. What a writer says of the time is only what it asked for. */
class PartitionTimeTest {

    private static final long NOW_MS = 10_000_000;
    private static final long HOUR_MS = 3_600_000;

    private static CommandMeta command(long writtenMs, long appendedMs) {
        return new CommandMeta(new UUID(1, 1), new UUID(7, 7), writtenMs, appendedMs, 0, 0);
    }

    /** @return times of a partition of this age after each of the commands */
    private static long[] times(PartitionTime time, long... appendedMs) {
        return LongStream.of(appendedMs)
                .map(at -> {
                    time.advance(command(at, at), Rules.ONE_CLOCK);
                    return time.ms();
                })
                .toArray();
    }

    private static PartitionTime at(long ms) {
        return new PartitionTime(ms, ms);
    }

    @Test
    void itIsTheTimeAtWhichTheBrokerTookTheCommandIn() {
        assertArrayEquals(
                new long[] {NOW_MS + 5, NOW_MS + 5, NOW_MS + 70},
                times(at(NOW_MS), NOW_MS + 5, NOW_MS + 5, NOW_MS + 70));
    }

    @Test
    void aWriterWhoseClockIsAheadOrBehindMovesNothing() {
        PartitionTime time = at(NOW_MS);
        time.advance(command(NOW_MS + 59 * 60_000, NOW_MS + 1), Rules.ONE_CLOCK);
        assertEquals(NOW_MS + 1, time.ms());
        time.advance(command(0, NOW_MS + 2), Rules.ONE_CLOCK);
        assertEquals(NOW_MS + 2, time.ms());
    }

    @Test
    void underOldRulesItIsTheLatestTimeOfAnyWriter() {
        PartitionTime time = new PartitionTime(NOW_MS, PartitionTime.NONE);
        time.advance(command(NOW_MS + 7, NOW_MS + 1_000), Rules.OLDEST);
        assertEquals(NOW_MS + 7, time.ms());
        time.advance(command(NOW_MS, NOW_MS + 2_000), Rules.OLDEST);
        assertEquals(NOW_MS + 7, time.ms());
        assertFalse(time.ahead());
    }

    @Test
    void whatWritersHadMovedAheadIsCaughtUpWithAtHalfSpeed() {
        PartitionTime time = new PartitionTime(NOW_MS, PartitionTime.NONE);
        time.advance(command(NOW_MS + 100, NOW_MS), Rules.OLDEST);

        long[] times = times(time, NOW_MS, NOW_MS + 60, NOW_MS + 180, NOW_MS + 200, NOW_MS + 201);

        assertArrayEquals(new long[] {NOW_MS + 100, NOW_MS + 130, NOW_MS + 190, NOW_MS + 200, NOW_MS + 201}, times);
        assertFalse(time.ahead());
    }

    @Test
    void afterTheBrokersClockWentBackTimeGoesOnAtHalfSpeedInsteadOfStandingStill() {
        PartitionTime time = at(NOW_MS);

        times(time, NOW_MS - HOUR_MS);
        assertEquals(NOW_MS, time.ms());
        assertTrue(time.ahead());
        times(time, NOW_MS - HOUR_MS + 10_000);
        assertEquals(NOW_MS + 5_000, time.ms());
        times(time, NOW_MS + HOUR_MS - 1_000);
        assertEquals(NOW_MS + HOUR_MS - 500, time.ms());
        times(time, NOW_MS + HOUR_MS);
        assertEquals(NOW_MS + HOUR_MS, time.ms());
        assertFalse(time.ahead());
    }

    @Test
    void aJumpForwardIsFollowedAndTheWayBackIsNoJump() {
        assertArrayEquals(
                new long[] {NOW_MS + HOUR_MS, NOW_MS + HOUR_MS, NOW_MS + HOUR_MS + 50},
                times(at(NOW_MS), NOW_MS + HOUR_MS, NOW_MS, NOW_MS + 100));
    }

    @Test
    void singleMillisecondsAddUpWhileItGoesSlowly() {
        PartitionTime time = new PartitionTime(NOW_MS + 1_000, NOW_MS);
        for (int ms = 1; ms <= 10; ms++) {
            times(time, NOW_MS + ms);
        }
        assertEquals(NOW_MS + 1_005, time.ms());
    }

    @Test
    void whateverTheBrokersClockDoesItNeitherRunsBackwardsNorFasterThanAppendTimes() {
        Random random = new Random(7);
        PartitionTime time = at(NOW_MS);
        long appended = NOW_MS;
        for (int i = 0; i < 100_000; i++) {
            long before = time.ms();
            long step = random.nextInt(50) == 0 ? random.nextInt(600_000) - 300_000 : random.nextInt(100);
            appended += step;
            times(time, appended);
            assertTrue(time.ms() >= before, () -> "back from " + before);
            assertTrue(time.ms() >= appended, "behind the broker");
            assertTrue(time.ms() - before <= Math.max(step, 0) + 1, "faster than the broker");
        }
    }

    @Test
    void itIsTheSameAfterItWasStored() {
        MemoryStorage storage = new MemoryStorage();
        PartitionState state = new PartitionState(storage, 1 << 20);
        state.partition().rules(Rules.ONE_CLOCK);
        state.advanceTime(command(0, NOW_MS));
        state.advanceTime(command(0, NOW_MS - 1_000));
        state.advanceTime(command(0, NOW_MS - 901));
        state.flush();
        PartitionState reopened = new PartitionState(storage, 1 << 20);
        assertEquals(NOW_MS + 49, reopened.timeMs());
        assertTrue(reopened.timeAhead());

        state.advanceTime(command(0, NOW_MS - 900));
        reopened.advanceTime(command(0, NOW_MS - 900));

        assertEquals(NOW_MS + 50, state.timeMs());
        assertEquals(NOW_MS + 50, reopened.timeMs());
    }

    @Test
    void underOldRulesTheStoredFormIsTheOldOne() {
        MemoryStorage storage = new MemoryStorage();
        PartitionState state = new PartitionState(storage, 1 << 20);
        state.advanceTime(command(NOW_MS, NOW_MS + 5));
        state.flush();
        assertEquals(3, storage.get(Table.PARTITION, new byte[] {0})[0]);
        assertEquals(NOW_MS, new PartitionState(storage, 1 << 20).timeMs());
    }
}
