package io.millrace.dispatcher.partition;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dispatcher.codec.CommandDecoder;
import io.millrace.dispatcher.engine.Engine;
import io.millrace.dispatcher.engine.MemoryStorage;
import io.millrace.dispatcher.engine.Outcome;
import io.millrace.dispatcher.engine.command.Command;
import io.millrace.dispatcher.engine.command.Command.BackfillSchedule;
import io.millrace.dispatcher.engine.command.Command.BeginTenure;
import io.millrace.dispatcher.engine.command.Command.CreateSchedule;
import io.millrace.dispatcher.engine.command.CommandMeta;
import io.millrace.dispatcher.engine.command.Payload;
import io.millrace.dispatcher.engine.command.Rules;
import io.millrace.dispatcher.engine.command.ScheduleDefinition;
import io.millrace.dispatcher.engine.command.ScheduleDefinition.Missed;
import io.millrace.dispatcher.engine.command.ScheduleDefinition.Overlap;
import io.millrace.dispatcher.engine.command.ScheduleDefinition.Time;
import io.millrace.dispatcher.engine.state.LastTenure;
import io.millrace.dispatcher.engine.state.PartitionState;
import io.millrace.dispatcher.engine.state.Schedule;
import io.millrace.dispatcher.engine.store.Storage;
import io.millrace.dispatcher.engine.store.Table;
import io.millrace.proto.ScheduleTiming;
import io.millrace.proto.ScheduleTiming.Form;
import io.millrace.proto.v1.CommandRecord;
import io.millrace.proto.v1.PlanSchedule;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Schedules are told when they are due, by commands from which a replay takes the times. */
class SchedulePlannerTest {

    private static final UUID ORG = new UUID(7, 7);
    private static final UUID ID = new UUID(9, 9);
    private static final long NOW = Instant.parse("2026-03-28T00:00:00Z").toEpochMilli();
    private static final long HOUR = 3_600_000;

    private final WrittenCommands written = new WrittenCommands();
    private final Partitions partitions = new Partitions();
    private final SchedulePlanner planner = new SchedulePlanner(partitions, written, "node");
    private final AtomicInteger read = new AtomicInteger();
    private final PartitionState state = new PartitionState(counting(new MemoryStorage()), 16 << 20);
    private final Engine engine = new Engine(state);
    private long nowMs = NOW;
    private long offset;
    private Partition partition;

    @AfterEach
    void close() {
        planner.close();
    }

    private Storage counting(MemoryStorage memory) {
        return new Storage() {
            @Override
            public byte[] get(Table table, byte[] key) {
                read.incrementAndGet();
                return memory.get(table, key);
            }

            @Override
            public void put(Table table, byte[] key, byte[] value) {
                memory.put(table, key, value);
            }

            @Override
            public void scanFrom(Table table, byte[] firstKey, Visitor visitor) {
                memory.scanFrom(table, firstKey, visitor);
            }
        };
    }

    private Outcome carriedOut(Command command) {
        UUID id = new UUID(5, offset);
        Outcome outcome = engine.process(new CommandMeta(id, ORG, nowMs, nowMs, offset++, 0), command);
        assertNull(outcome.refusal());
        if (partition != null) {
            partition.time(state.timeMs(), false);
            planner.consider(partition);
        }
        return outcome;
    }

    private void owned() {
        Tenure tenure = new Tenure(
                0,
                new TenureLog(0, "node", new WrittenCommands(), () -> 0),
                TenureContext.ofTheOnlyNode(),
                LastTenure.NONE,
                () -> Rules.VERSION);
        tenure.open();
        tenure.passed(new BeginTenure(tenure.id(), "node", 1, 0, 0, 0), 0);
        partition = new Partition(0, state, tenure);
        partitions.opened(partition);
        carriedOut(new Command.RaiseRules(Rules.VERSION));
        planner.start();
    }

    private static ScheduleDefinition definition(ScheduleTiming timing, Missed missed) {
        return new ScheduleDefinition(
                "nightly",
                ID,
                timing,
                new ScheduleDefinition.Start("order", Payload.NULL, Map.of(), "q", 0, "", "", 1_000),
                Overlap.ALLOW,
                missed,
                60_000,
                0);
    }

    private static ScheduleTiming cron(String expression) {
        return new ScheduleTiming(Form.CRON, expression, 0, 0, "Europe/Berlin", 0, 0, 0, 0);
    }

    private Schedule schedule() {
        return state.schedule(ORG, "nightly");
    }

    private PlanSchedule taken() throws Exception {
        CommandRecord command = written.take().command();
        carriedOut(CommandDecoder.decode(command));
        return command.getPlanSchedule();
    }

    private static Schedule plannedUntil(ScheduleDefinition definition, long untilMs) {
        return new Schedule(ORG, definition, false, List.of(), 1, untilMs, false, false, null, null, null, 1);
    }

    private static List<String> times(PlanSchedule.Builder plan) {
        return plan.getTimesList().stream()
                .map(time -> Instant.ofEpochMilli(time.getDueMs()).toString())
                .toList();
    }

    @Test
    void aNewScheduleIsToldItsNextTimesAndMoreWhenTheyAreUsedUp() throws Exception {
        owned();
        carriedOut(new CreateSchedule(definition(cron("30 2 * * *"), Missed.SKIP), false, "ann"));

        PlanSchedule plan = taken();

        assertEquals(NOW, plan.getAfterMs());
        assertEquals(
                List.of("2026-03-28T01:30:00Z", "2026-03-29T01:00:00Z"),
                times(plan.toBuilder()),
                "the time of the second day does not exist, so the first moment after counts");
        assertFalse(plan.getLast());
        assertFalse(schedule().wantsPlan());

        nowMs = NOW + 3 * HOUR;
        carriedOut(new Command.FireDue(10));
        assertEquals(List.of("2026-03-30T00:30:00Z"), times(taken().toBuilder()));
        assertEquals(2, schedule().plan().size());
    }

    @Test
    void aPlanThatIsLostIsMadeAgain() throws Exception {
        owned();
        carriedOut(new CreateSchedule(definition(cron("30 2 * * *"), Missed.SKIP), false, "ann"));
        PlanSchedule lost = written.take().command().getPlanSchedule();
        assertEquals(lost, written.take().command().getPlanSchedule());
    }

    /** Where thousands wait for their plans, each command that is carried out has them looked through. */
    @Test
    void aScheduleWhosePlanIsUnderWayIsNotReadAgain() throws Exception {
        owned();
        carriedOut(new CreateSchedule(definition(cron("30 2 * * *"), Missed.SKIP), false, "ann"));
        written.take();
        state.flush();
        int before = read.get();
        AtomicBoolean made = new AtomicBoolean();
        Thread commands = Thread.ofPlatform().start(() -> {
            while (!made.get()) {
                planner.consider(partition);
                LockSupport.parkNanos(1_000_000);
            }
        });
        written.take(); // it counts as lost by now, and is made again
        made.set(true);
        commands.join();
        assertTrue(read.get() - before <= 4, () -> "it was read " + (read.get() - before) + " times");
    }

    @Test
    void aRangeIsPlannedInPieces() throws Exception {
        owned();
        carriedOut(new CreateSchedule(definition(cron("* * * * *"), Missed.SKIP), false, "ann"));
        taken();
        carriedOut(new BackfillSchedule("nightly", NOW - HOUR, NOW, true, "r", "ann", Command.ANY_VERSION));
        PlanSchedule first = taken();
        assertTrue(first.getBackfill());
        assertEquals(NOW - HOUR - 1, first.getAfterMs());
        assertFalse(first.getLast());
        PlanSchedule second = taken();
        assertTrue(second.getLast());
        assertEquals(61, first.getTimesCount() + second.getTimesCount(), "both ends belong to it");
        assertNull(schedule().backfill());
    }

    @Test
    void whereMissedRunsAreSkippedNoneOfThemIsPlanned() {
        Schedule schedule = plannedUntil(definition(cron("0 * * * *"), Missed.SKIP), NOW);
        PlanSchedule.Builder plan = SchedulePlanner.next(schedule, NOW + 100 * HOUR + HOUR / 2);
        assertEquals(NOW + HOUR, plan.getPassedOverMs());
        assertEquals(NOW + 101 * HOUR, plan.getTimes(0).getDueMs());
    }

    @Test
    void whereTheLatestCountsItIsPlannedAndNoneBeforeIt() {
        Schedule schedule = plannedUntil(definition(cron("0 * * * *"), Missed.LATEST), NOW);
        PlanSchedule.Builder plan = SchedulePlanner.next(schedule, NOW + 100 * HOUR + HOUR / 2);
        assertEquals(NOW + HOUR, plan.getPassedOverMs());
        assertEquals(NOW + 100 * HOUR, plan.getTimes(0).getDueMs());
    }

    @Test
    void whereAllCountAllArePlannedPieceByPiece() {
        Schedule schedule = plannedUntil(definition(cron("0 * * * *"), Missed.ALL), NOW);
        PlanSchedule.Builder plan = SchedulePlanner.next(schedule, NOW + 100 * HOUR + HOUR / 2);
        assertEquals(0, plan.getPassedOverMs());
        assertEquals(NOW + HOUR, plan.getTimes(0).getDueMs());
        assertEquals(32, plan.getTimesCount());
    }

    @Test
    void ofWhatIsNeverDueAgainThatIsSaid() {
        ScheduleTiming once = new ScheduleTiming(Form.ONCE, "", 0, NOW + 5_000, "", 0, 0, 0, 0);
        PlanSchedule.Builder plan = SchedulePlanner.next(plannedUntil(definition(once, Missed.SKIP), NOW), NOW);
        assertTrue(plan.getLast());
        assertEquals(1, plan.getTimesCount());
        PlanSchedule.Builder over =
                SchedulePlanner.next(plannedUntil(definition(once, Missed.SKIP), NOW + 5_000), NOW + 6_000);
        assertTrue(over.getLast());
        assertEquals(0, over.getTimesCount());
        assertEquals(NOW + 5_000, over.getUntilMs());
    }

    @Test
    void jitterMovesStartsAndNotTimes() {
        ScheduleTiming timing = new ScheduleTiming(Form.INTERVAL, "", 60_000, 0, "", NOW, 0, 0, 30_000);
        PlanSchedule.Builder plan = SchedulePlanner.next(plannedUntil(definition(timing, Missed.SKIP), NOW), NOW);
        List<Time> times = plan.getTimesList().stream()
                .map(time -> new Time(time.getDueMs(), time.getAtMs()))
                .toList();
        assertTrue(times.stream().allMatch(time -> (time.dueMs() - NOW) % 60_000 == 0));
        assertTrue(
                times.stream().allMatch(time -> time.atMs() >= time.dueMs() && time.atMs() <= time.dueMs() + 30_000));
        assertTrue(times.stream().anyMatch(time -> time.atMs() != time.dueMs()));
    }
}
