package io.millrace.dispatcher.partition;

import io.millrace.dispatcher.engine.state.QueueKey;
import io.millrace.proto.FailureTrace;
import io.millrace.proto.levels.LevelSink;
import io.millrace.proto.v1.WorkAvailable;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says levels, and remembers those of queues with ready work. So they can be said again without the stream thread: whatever
 * that does now and then ends in a commit of Kafka Streams. A level that is said again may come after a newer one, which its
 * position tells.
 */
final class StandingLevels {

    private static final Logger LOG = LoggerFactory.getLogger(StandingLevels.class);
    /** It is said no more often than that. */
    private static final long BETWEEN_NANOS = TimeUnit.SECONDS.toNanos(10);

    private volatile long toldNanos = System.nanoTime() - BETWEEN_NANOS - 1;
    private final LevelSink levels;
    private final BooleanSupplier allowed;
    private final Map<QueueKey, WorkAvailable> standing = new ConcurrentHashMap<>();

    /** @param allowed whether levels may be said at this moment; any thread */
    StandingLevels(LevelSink levels, BooleanSupplier allowed) {
        this.levels = levels;
        this.allowed = allowed;
    }

    /** Says the level of the queue as it is now. Stream thread. */
    void say(QueueKey queue, WorkAvailable level) {
        remember(queue, level);
        if (allowed.getAsBoolean()) {
            offer(level);
        }
    }

    /** What fails in who hears it is no affair of the partition. It is said again while the work stands there. */
    private void offer(WorkAvailable level) {
        try {
            levels.offer(level);
        } catch (RuntimeException e) {
            long nowNanos = System.nanoTime();
            if (nowNanos - toldNanos > BETWEEN_NANOS) {
                toldNanos = nowNanos;
                LOG.error("whoever heard of work of queue {} failed: {}", level.getQueue(), FailureTrace.of(e));
            }
        }
    }

    /** Takes over what stands ready, without saying it yet. Stream thread. */
    void remember(QueueKey queue, WorkAvailable level) {
        if (level.getKindsCount() > 0) {
            standing.put(queue, level);
        } else {
            standing.remove(queue);
        }
    }

    /** Says again what stands ready. Any thread. */
    void repeat() {
        if (allowed.getAsBoolean()) {
            standing.values().forEach(this::offer);
        }
    }
}
