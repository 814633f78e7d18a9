package io.millrace.notifier.claim;

import io.millrace.notifier.queue.WorkQueue;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * Remembers the queue and kind of workflows that were handed out here lately. A later one takes the place of an earlier
 * one with the same place in the table. What is forgotten costs a claim of its own. Safe from any thread, without
 * locks.
 */
public final class HandedOut {

    /** Power of two; about 150 bytes each. */
    private static final int PLACES = 1 << 14;

    private final AtomicReferenceArray<Workflow> places = new AtomicReferenceArray<>(PLACES);

    /** A workflow, where it waits for its workers. */
    record Workflow(UUID id, WorkQueue queue, String kind) {}

    void put(WorkQueue queue, UUID executionId, String kind) {
        int place = place(executionId);
        Workflow before = places.get(place);
        if (before == null
                || !before.id().equals(executionId)
                || !before.queue().equals(queue)) {
            places.set(place, new Workflow(executionId, queue, kind));
        }
    }

    /** @return the workflow of the organisation, empty if it is not remembered (any more) */
    Optional<Workflow> find(UUID orgId, UUID executionId) {
        Workflow found = places.get(place(executionId));
        return found != null
                        && found.id().equals(executionId)
                        && found.queue().orgId().equals(orgId)
                ? Optional.of(found)
                : Optional.empty();
    }

    private static int place(UUID id) {
        int hash = id.hashCode();
        return (hash ^ hash >>> 16) & (PLACES - 1);
    }
}
