package io.millrace.dispatcher.partition;

import io.millrace.proto.FailureTrace;
import io.millrace.proto.kafka.Outage;
import io.millrace.proto.thread.WokenThread;
import io.millrace.proto.time.SleepDetector;
import io.millrace.proto.v1.CommandRecord;
import io.millrace.proto.v1.FireDue;
import java.util.Collection;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Turns the passing of time into commands. When something of an owned partition falls due, it writes FireDue to the
 * log, and the engine lets happen what is due by the partition's time. So a replay fires the same timers at the same
 * places. It reckons when that is by each partition's own time and by this machine's monotonic clock, since time of
 * day, here or at the broker, may be set while it sleeps. A command that comes too early is followed by another in due
 * time.
 *
 * <p>One thread, asleep until the next due time; an idle timer costs nothing. What goes wrong with one partition is logged, and
 * keeps nothing from happening in others.
 */
public final class DueClock implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(DueClock.class);
    /** How much of what is due one command looks at, at the most; the rest follows in the next one. */
    private static final int LIMIT = 250;
    /** After so long a command that nobody has carried out is written again. */
    private static final long LOST_AFTER_NANOS = TimeUnit.SECONDS.toNanos(2);

    private static final long MAX_SLEEP_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Supplier<Collection<Partition>> partitions;
    private final Unserved unserved;
    private final CommandWriter writer;
    private final String node;
    private final long maxHistoryBytes;
    private final Outage outage = new Outage("could not look what is due, will try again");
    private final SleepDetector sleep = new SleepDetector();
    private final WokenThread thread;
    private volatile long wakeAtNanos = System.nanoTime();

    /** When Kafka did not answer this node. Asked by the clock's thread; must not block. */
    public interface Unserved {

        /**
         * @param nowNanos a value of {@link System#nanoTime}
         * @return end of the last stretch in which it did not, by the same clock; now, where it still does not; empty: it always did
         */
        OptionalLong untilNanos(long nowNanos);
    }

    /** @param unserved tells when workers could not be heard */
    public DueClock(Partitions partitions, CommandWriter writer, String node, long maxHistoryBytes, Unserved unserved) {
        this(partitions::all, writer, node, maxHistoryBytes, unserved);
    }

    /** @param partitions those that are here */
    DueClock(
            Supplier<Collection<Partition>> partitions,
            CommandWriter writer,
            String node,
            long maxHistoryBytes,
            Unserved unserved) {
        this.partitions = partitions;
        this.writer = writer;
        this.node = node;
        this.maxHistoryBytes = maxHistoryBytes;
        this.unserved = unserved;
        this.thread = new WokenThread("millrace-due-clock", this::run);
    }

    public void start() {
        thread.start();
    }

    /** Tells that a partition's next due time may have come nearer, or its time on. Stream threads; cheap. */
    void consider(Partition partition) {
        long nowNanos = System.nanoTime();
        long dueMs = partition.nextDueMs();
        if (dueMs != Partition.NEVER
                && partition.tenure().timers()
                && !partition.firing(nowNanos, LOST_AFTER_NANOS)
                && nowNanos + partition.time().nanosUntil(dueMs, nowNanos) - wakeAtNanos < 0) {
            thread.wake();
        }
    }

    private void run() {
        while (thread.running()) {
            long nowNanos = System.nanoTime();
            // A partition that changes from now on either sees this wakeAtNanos or leaves its unpark permit.
            wakeAtNanos = nowNanos + MAX_SLEEP_NANOS;
            long restNanos = lookAgainIfItFails(nowNanos);
            wakeAtNanos = nowNanos + restNanos;
            long leftNanos = nowNanos + restNanos - System.nanoTime();
            if (leftNanos > 0) {
                LockSupport.parkNanos(leftNanos);
            }
        }
    }

    /** Without this thread no timer of the node fires and no lease of it ends, so nothing may end it. */
    private long lookAgainIfItFails(long nowNanos) {
        try {
            return look(nowNanos);
        } catch (Throwable e) {
            outage.failed(e);
            return MAX_SLEEP_NANOS;
        }
    }

    /** @return nanoseconds until there is something to do */
    private long look(long nowNanos) {
        long restNanos = MAX_SLEEP_NANOS;
        boolean slept = sleep.suspected(System.currentTimeMillis(), nowNanos);
        for (Partition partition : partitions.get()) {
            try {
                if (slept) {
                    partition.doubtTime();
                }
                restNanos = Math.min(restNanos, look(partition, nowNanos));
            } catch (RuntimeException | Error e) {
                LOG.error(
                        "could not look what is due in partition {}, will try again: {}",
                        partition.number(),
                        FailureTrace.of(e));
            }
        }
        return restNanos;
    }

    private long look(Partition partition, long nowNanos) {
        if (!partition.tenure().timers()) {
            return MAX_SLEEP_NANOS; // whoever owns it fires them; this thread is woken when that is this node
        }
        long dueMs = partition.nextDueMs();
        if (dueMs == Partition.NEVER || partition.firing(nowNanos, LOST_AFTER_NANOS)) {
            return MAX_SLEEP_NANOS; // carrying it out wakes this thread again
        }
        long leftNanos = partition.time().nanosUntil(dueMs, nowNanos);
        if (leftNanos > 0) {
            return leftNanos;
        }
        for (int left = partition.fires(nowNanos, dueMs); left > 0; left--) {
            fire(partition, nowNanos);
        }
        return MAX_SLEEP_NANOS;
    }

    private void fire(Partition partition, long nowNanos) {
        // Under rules by which writers move the time, one whose clock is behind would keep it standing still.
        long timeMs = Math.max(System.currentTimeMillis(), partition.time().at(nowNanos));
        FireDue.Builder due = FireDue.newBuilder().setLimit(LIMIT);
        unserved.untilNanos(nowNanos)
                .ifPresent(nanos ->
                        due.setUnservedUntilMs(Math.max(0, partition.time().at(nanos))));
        CommandRecord command = NodeCommand.by("clock", NodeCommand.SERVER, node, timeMs)
                .setMaxHistoryBytes(maxHistoryBytes)
                .setFireDue(due)
                .build();
        writer.write(partition.number(), command.getCommandId().toByteArray(), command.toByteArray(), failure -> {
            if (failure != null) {
                LOG.warn("could not write what is due in partition {}, will try again", partition.number(), failure);
            }
        });
    }

    @Override
    public void close() {
        thread.close();
    }
}
