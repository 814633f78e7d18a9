package io.millrace.dispatcher.partition;

import io.millrace.dispatcher.engine.event.SealedEvent;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * Who is to be woken when something happens to an execution of a partition. Whoever registers first and reads the state then
 * misses nothing. Any thread.
 */
public final class Watches {

    private final Map<UUID, List<Runnable>> byExecution = new ConcurrentHashMap<>();
    private volatile boolean closed;

    Watches() {}

    /**
     * Adds one.
     *
     * @param wake called on the stream thread after each command that did something to the execution, and by any thread when the
     *     node loses the partition; must not block
     */
    public void add(UUID executionId, Runnable wake) {
        byExecution.merge(
                executionId,
                List.of(wake),
                (there, added) -> Stream.concat(there.stream(), added.stream()).toList());
    }

    /** Forgets one that was added. */
    public void remove(UUID executionId, Runnable wake) {
        byExecution.computeIfPresent(executionId, (id, there) -> {
            List<Runnable> left = there.stream().filter(other -> other != wake).toList();
            return left.isEmpty() ? null : left;
        });
    }

    /** @return whether the node has lost the partition */
    public boolean closed() {
        return closed;
    }

    void happened(List<SealedEvent> events) {
        if (byExecution.isEmpty()) {
            return;
        }
        UUID woken = null;
        for (SealedEvent event : events) {
            UUID id = event.executionId();
            if (id != null && !id.equals(woken)) {
                byExecution.getOrDefault(id, List.of()).forEach(Runnable::run);
                woken = id;
            }
        }
    }

    void close() {
        closed = true;
        wake();
    }

    /** Lets each look again how its partition stands. */
    void wake() {
        byExecution.values().forEach(wakes -> wakes.forEach(Runnable::run));
    }
}
