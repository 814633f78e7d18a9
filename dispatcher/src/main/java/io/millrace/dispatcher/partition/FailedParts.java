package io.millrace.dispatcher.partition;

import io.millrace.dispatcher.engine.HalfAppliedException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Parts of commands that failed while they were applied. The partition is opened anew after each, and then the part is refused
 * before it begins. Kept in memory alone: a node that does not know of one finds out by failing once. Any thread.
 */
public final class FailedParts {

    private record LogOffset(int partition, long offset) {}

    private final Map<LogOffset, Map<Integer, String>> failures = new ConcurrentHashMap<>();

    /** Notes one. */
    void note(int partition, HalfAppliedException failure) {
        failures.computeIfAbsent(new LogOffset(partition, failure.offset()), place -> new ConcurrentHashMap<>())
                .put(failure.part(), failure.exception());
    }

    /** @return what failed of the command: names of exceptions by part */
    Map<Integer, String> of(int partition, long offset) {
        return failures.isEmpty() ? Map.of() : failures.getOrDefault(new LogOffset(partition, offset), Map.of());
    }
}
