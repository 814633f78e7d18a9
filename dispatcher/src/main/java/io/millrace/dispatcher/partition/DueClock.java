package io.millrace.dispatcher.partition;

import io.millrace.proto.Ids;
import io.millrace.proto.Shards;
import io.millrace.proto.v1.CommandRecord;
import io.millrace.proto.v1.FireDue;
import io.millrace.proto.v1.Principal;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Turns the passing of time into commands: when something of an owned partition falls due it writes FireDue to the log, and
 * the engine lets happen what is due by that command's time. So a replay fires the same timers at the same places. One
 * thread, asleep until the next due time; an idle timer costs nothing.
 */
public final class DueClock implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(DueClock.class);
    private static final Principal CLOCK =
            Principal.newBuilder().setType(Principal.Type.SYSTEM).setId("clock").build();
    /** How much one command lets happen at the most; the rest follows in the next one. */
    private static final int LIMIT = 250;
    /** After so long a command that nobody has carried out is written again. */
    private static final long LOST_AFTER_MS = 2_000;

    private static final long MAX_SLEEP_MS = 1_000;

    private final Partitions partitions;
    private final CommandWriter writer;
    private final String node;
    private final long maxHistoryBytes;
    private final Thread thread;
    private volatile boolean running = true;
    private volatile long wakeAtMs;

    public DueClock(Partitions partitions, CommandWriter writer, String node, long maxHistoryBytes) {
        this.partitions = partitions;
        this.writer = writer;
        this.node = node;
        this.maxHistoryBytes = maxHistoryBytes;
        this.thread = Thread.ofPlatform().name("millrace-due-clock").daemon(true).unstarted(this::run);
    }

    public void start() {
        thread.start();
    }

    /** Tells that a partition's next due time may have come nearer. Stream threads; cheap. */
    void consider(long dueMs) {
        if (dueMs < wakeAtMs) {
            LockSupport.unpark(thread);
        }
    }

    private void run() {
        while (running) {
            long now = System.currentTimeMillis();
            long next = now + MAX_SLEEP_MS;
            wakeAtMs = next;
            for (Partition partition : partitions.all()) {
                if (!partition.tenure().timers()) {
                    continue; // whoever owns it fires them; this thread is woken when that is this node
                }
                long due = partition.nextDueMs();
                long firing = partition.firingSinceMs();
                if (firing != 0 && now - firing < LOST_AFTER_MS) {
                    continue; // carrying it out wakes this thread again
                }
                if (due <= now) {
                    fire(partition, now);
                } else {
                    next = Math.min(next, due);
                }
            }
            wakeAtMs = next;
            // A partition that changed meanwhile has either seen the new wakeAtMs or left its unpark permit.
            long sleepMs = next - System.currentTimeMillis();
            if (sleepMs > 0) {
                LockSupport.parkUntil(next);
            }
        }
    }

    private void fire(Partition partition, long now) {
        partition.firingSinceMs(now);
        UUID id = Shards.newId();
        byte[] value = CommandRecord.newBuilder()
                .setCommandId(Ids.toByteString(id))
                .setOrgId(Ids.toByteString(new UUID(0, 0)))
                .setPrincipal(CLOCK)
                .setTimeMs(now)
                .setOrigin(node)
                .setMaxHistoryBytes(maxHistoryBytes)
                .setFireDue(FireDue.newBuilder().setLimit(LIMIT))
                .build()
                .toByteArray();
        writer.write(partition.number(), Ids.toBytes(id), value, failure -> {
            if (failure != null) {
                LOG.warn("could not write what is due in partition {}, will try again", partition.number(), failure);
            }
        });
    }

    @Override
    public void close() {
        running = false;
        LockSupport.unpark(thread);
        try {
            thread.join(2_000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
