package io.millrace.dispatcher.engine.state;

import java.util.Iterator;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The executions of a partition that are in memory, bounded by bytes. What changed since the last flush cannot leave, all else
 * can: those touched longest ago go first. Changed on the partition's thread, read on any.
 */
final class Residents {

    /** Ages in flushes; after each look through it only what is younger stays. */
    private static final long[] AGES = {32, 8, 2, 0};

    private final Map<UUID, Execution> all = new ConcurrentHashMap<>();
    private final LongSupplier budget;
    private volatile long bytes;

    /** @param budget bytes that they may take, asked at each flush */
    Residents(LongSupplier budget) {
        this.budget = budget;
    }

    @Nullable
    Execution get(UUID id) {
        return all.get(id);
    }

    void put(Execution execution) {
        Execution earlier = all.put(execution.id(), execution);
        forget(earlier);
        measure(execution);
    }

    /** Lets this one go, and not another of the same id that was loaded since. */
    void remove(Execution execution) {
        if (all.remove(execution.id(), execution)) {
            forget(execution);
        }
    }

    private void forget(Execution execution) {
        if (execution != null) {
            bytes -= execution.measuredBytes;
            execution.measuredBytes = 0;
        }
    }

    /** Takes over how large the execution is now, if it is one of them. */
    void measure(Execution execution) {
        if (all.get(execution.id()) == execution) {
            long now = execution.memoryBytes();
            bytes += now - execution.measuredBytes;
            execution.measuredBytes = now;
        }
    }

    /** @return how many there are; any thread */
    int count() {
        return all.size();
    }

    /** @return what they take, about; any thread */
    long bytes() {
        return bytes;
    }

    /**
     * Lets go of so much that an eighth of the budget is free again, where there is too much.
     *
     * @param flushes number of the present flush: everything is stored, so any execution may leave
     */
    void shrink(long flushes) {
        long allowed = budget.getAsLong();
        if (bytes <= allowed) {
            return;
        }
        long wanted = allowed - allowed / 8;
        for (long age : AGES) {
            for (Iterator<Execution> each = all.values().iterator(); each.hasNext() && bytes > wanted; ) {
                Execution execution = each.next();
                if (execution.touchedFlush < flushes - age) {
                    each.remove();
                    forget(execution);
                }
            }
        }
    }
}
