package io.millrace.dispatcher.engine.event;

import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * An event in its final form: numbered, rendered, and chained to the one before it.
 *
 * @param executionId execution in whose chain it stands; null for events of the partition
 * @param orgId organisation it belongs to
 * @param taskId task it is about, or null
 * @param historySequence place in the history that workers replay, from 1; 0: not part of it
 * @param chainSequence place in the execution's chain, from 1
 * @param type name of its type
 * @param data JSON object, never to be changed
 * @param timeMs time of the partition
 * @param status of the workflow, or of the task for an event about one, after the event; null for events of the partition
 * @param standaloneTask whether the execution is a standalone task
 * @param hash SHA-256, never to be changed
 */
public record SealedEvent(
        @Nullable UUID executionId,
        UUID orgId,
        @Nullable UUID taskId,
        int historySequence,
        long chainSequence,
        String type,
        byte[] data,
        long timeMs,
        @Nullable Status status,
        boolean standaloneTask,
        byte[] hash) {

    /** What a history event costs on the wire besides its data, at the most. */
    private static final long PER_EVENT_BYTES = 64;

    /** @return what it adds to the size of its history, in bytes */
    public long historyBytes() {
        return data.length + PER_EVENT_BYTES;
    }
}
