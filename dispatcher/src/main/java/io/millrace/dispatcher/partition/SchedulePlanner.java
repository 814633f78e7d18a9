package io.millrace.dispatcher.partition;

import io.millrace.dispatcher.engine.command.ScheduleDefinition;
import io.millrace.dispatcher.engine.command.ScheduleDefinition.Missed;
import io.millrace.dispatcher.engine.command.ScheduleDefinition.Time;
import io.millrace.dispatcher.engine.state.PartitionState.ToPlan;
import io.millrace.dispatcher.engine.state.Schedule;
import io.millrace.dispatcher.engine.state.Schedule.Backfill;
import io.millrace.dispatcher.engine.store.StorageException;
import io.millrace.proto.FailureTrace;
import io.millrace.proto.Ids;
import io.millrace.proto.kafka.Outage;
import io.millrace.proto.schedule.ScheduleTimes;
import io.millrace.proto.thread.WokenThread;
import io.millrace.proto.v1.PlanSchedule;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the schedules of the partitions that this node owns when they are due, by commands to the log. Calendars and time zones
 * differ from one Java to the next, so the engine takes the times from the log, and a replay has the same ones. A plan says where
 * it goes on from; of two that go on from the same place the engine ignores the second.
 *
 * <p>One thread, asleep while no schedule wants anything. What goes wrong with one schedule is logged, and keeps no other from
 * being planned.
 */
public final class SchedulePlanner implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(SchedulePlanner.class);
    /** Due times of one plan, at the most. */
    private static final int MOST = 32;
    /** A schedule knows two times however far away they are, and others that come within this time. */
    private static final long AHEAD_MS = TimeUnit.MINUTES.toMillis(5);

    private static final int LEAST = 2;
    /** After so long a plan that nobody has carried out is made again. */
    private static final long LOST_AFTER_NANOS = TimeUnit.SECONDS.toNanos(2);

    private static final long MIN_SLEEP_NANOS = TimeUnit.MILLISECONDS.toNanos(5);
    private static final long MAX_SLEEP_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Supplier<Collection<Partition>> partitions;
    private final CommandWriter writer;
    private final String node;
    private final Outage outage = new Outage("could not look which schedules want to be planned, will try again");
    /** What was written last for a schedule. */
    private final Map<Wanted, Long> written = new HashMap<>();

    /** How a schedule was when it was looked at last: until it changes, or its plan is lost, it is not read again. */
    private final Map<Place, Looked> looked = new HashMap<>();

    private final WokenThread thread;

    private record Place(Partition partition, UUID orgId, String name) {}

    private record Looked(long change, long nanos) {}

    /** A piece of a plan, which comes once. */
    private record Wanted(UUID scheduleId, boolean backfill, long afterMs) {}

    public SchedulePlanner(Partitions partitions, CommandWriter writer, String node) {
        this(partitions::all, writer, node);
    }

    /** @param partitions those that are here */
    SchedulePlanner(Supplier<Collection<Partition>> partitions, CommandWriter writer, String node) {
        this.partitions = partitions;
        this.writer = writer;
        this.node = node;
        this.thread = new WokenThread("millrace-schedule-planner", this::run);
    }

    public void start() {
        thread.start();
    }

    /** Tells that a command was carried out, after which schedules of the partition may want plans. Stream threads; cheap. */
    void consider(Partition partition) {
        if (partition.state().schedulesWait() && partition.tenure().timers()) {
            thread.wake();
        }
    }

    private void run() {
        while (thread.running()) {
            try {
                look(System.nanoTime());
            } catch (Throwable e) { // without this thread no schedule of the node goes on, so nothing may end it
                outage.failed(e);
            }
            rest();
        }
    }

    /** Until something is wanted, but never for nothing: while many plans are under way each command wakes this thread. */
    private void rest() {
        long beganNanos = System.nanoTime();
        LockSupport.parkNanos(MAX_SLEEP_NANOS);
        long leftNanos = beganNanos + MIN_SLEEP_NANOS - System.nanoTime();
        while (thread.running() && leftNanos > 0) {
            LockSupport.parkNanos(leftNanos);
            leftNanos = beganNanos + MIN_SLEEP_NANOS - System.nanoTime();
        }
    }

    private void look(long nowNanos) {
        written.values().removeIf(nanos -> nowNanos - nanos > LOST_AFTER_NANOS);
        looked.values().removeIf(last -> nowNanos - last.nanos() > LOST_AFTER_NANOS);
        for (Partition partition : partitions.get()) {
            if (!partition.tenure().timers() || !partition.state().schedulesWait()) {
                continue;
            }
            try {
                for (ToPlan wanting : partition.state().schedulesToPlan()) {
                    look(partition, wanting, nowNanos);
                }
            } catch (StorageException e) {
                // It moves to another owner, or is made anew; whoever has it then looks again.
                LOG.debug("could not read the schedules of partition {}", partition.number(), e);
            }
        }
    }

    private void look(Partition partition, ToPlan wanting, long nowNanos) {
        Place place = new Place(partition, wanting.orgId(), wanting.name());
        Looked last = looked.get(place);
        if (last != null && last.change() == wanting.change()) {
            return;
        }
        looked.put(place, new Looked(wanting.change(), nowNanos));
        Schedule schedule = partition.state().schedule(wanting.orgId(), wanting.name());
        if (schedule != null && schedule.wantsPlan()) {
            planOrLog(partition, schedule, nowNanos);
        }
    }

    private void planOrLog(Partition partition, Schedule schedule, long nowNanos) {
        try {
            plan(partition, schedule, nowNanos);
        } catch (RuntimeException | Error e) {
            LOG.error(
                    "could not plan schedule {} of partition {}, will try again: {}",
                    schedule.definition().id(),
                    partition.number(),
                    FailureTrace.of(e));
        }
    }

    private void plan(Partition partition, Schedule schedule, long nowNanos) {
        UUID id = schedule.definition().id();
        Backfill range = schedule.backfill();
        boolean backfill = !schedule.wantsNext(); // a long range must not keep what is due from happening
        long afterMs = backfill && range != null ? range.plannedUntilMs() : schedule.plannedUntilMs();
        if (written.putIfAbsent(new Wanted(id, backfill, afterMs), nowNanos) != null) {
            return;
        }
        PlanSchedule.Builder plan =
                backfill && range != null ? backfill(schedule.definition(), range) : next(schedule, partition.timeMs());
        plan.setSchedule(schedule.name()).setScheduleId(Ids.toByteString(id)).setAfterMs(afterMs);
        write(partition, schedule, plan);
    }

    /**
     * @param nowMs time of the partition
     * @return what comes next; where missed runs are skipped, without what is long over
     */
    static PlanSchedule.Builder next(Schedule schedule, long nowMs) {
        ScheduleDefinition definition = schedule.definition();
        ScheduleTimes times = new ScheduleTimes(definition.timing());
        PlanSchedule.Builder plan = PlanSchedule.newBuilder();
        long fromMs = from(schedule, times, nowMs);
        if (fromMs > schedule.plannedUntilMs()) {
            OptionalLong first = times.next(schedule.plannedUntilMs());
            if (first.isPresent() && first.getAsLong() <= fromMs) {
                plan.setPassedOverMs(first.getAsLong());
            }
        }
        int least = Math.max(1, LEAST - schedule.plan().size());
        List<Time> found = new ArrayList<>();
        OptionalLong next = times.next(fromMs);
        long untilMs = fromMs;
        while (next.isPresent()
                && found.size() < MOST
                && (found.size() < least || next.getAsLong() <= nowMs + AHEAD_MS)) {
            long dueMs = next.getAsLong();
            next = times.next(dueMs);
            found.add(new Time(dueMs, times.withJitter(definition.id(), dueMs, next)));
            untilMs = dueMs;
        }
        found.forEach(time -> plan.addTimesBuilder().setDueMs(time.dueMs()).setAtMs(time.atMs()));
        return plan.setUntilMs(untilMs).setLast(next.isEmpty());
    }

    /** @return from where to look for due times: not before the last of those that were missed, where others do not count */
    private static long from(Schedule schedule, ScheduleTimes times, long nowMs) {
        ScheduleDefinition definition = schedule.definition();
        long plannedUntilMs = schedule.plannedUntilMs();
        long missedUntilMs =
                nowMs - definition.missedAfterMs() - definition.timing().jitterMs() - 1;
        if (definition.missed() == Missed.ALL || missedUntilMs <= plannedUntilMs) {
            return plannedUntilMs;
        }
        if (definition.missed() == Missed.SKIP) {
            return missedUntilMs;
        }
        OptionalLong last = times.last(missedUntilMs);
        return last.isPresent() ? Math.max(plannedUntilMs, last.getAsLong() - 1) : plannedUntilMs;
    }

    private static PlanSchedule.Builder backfill(ScheduleDefinition definition, Backfill range) {
        ScheduleTimes times = new ScheduleTimes(definition.timing());
        PlanSchedule.Builder plan = PlanSchedule.newBuilder().setBackfill(true);
        long untilMs = range.plannedUntilMs();
        OptionalLong next = times.next(untilMs);
        while (next.isPresent() && next.getAsLong() <= range.untilMs() && plan.getTimesCount() < MOST) {
            untilMs = next.getAsLong();
            plan.addTimesBuilder().setDueMs(untilMs).setAtMs(untilMs);
            next = times.next(untilMs);
        }
        return plan.setUntilMs(untilMs).setLast(next.isEmpty() || next.getAsLong() > range.untilMs());
    }

    private void write(Partition partition, Schedule schedule, PlanSchedule.Builder plan) {
        long timeMs = Math.max(System.currentTimeMillis(), partition.timeMs());
        byte[] value = NodeCommand.by("planner", schedule.orgId(), node, timeMs)
                .setPlanSchedule(plan)
                .build()
                .toByteArray();
        writer.write(partition.number(), Ids.toBytes(schedule.definition().id()), value, failure -> {
            if (failure != null) {
                LOG.warn(
                        "could not write the plan of a schedule of partition {}, will try again",
                        partition.number(),
                        failure);
            }
        });
    }

    @Override
    public void close() {
        thread.close();
    }
}
