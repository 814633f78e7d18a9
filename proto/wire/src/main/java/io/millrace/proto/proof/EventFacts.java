package io.millrace.proto.proof;

import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What an event says besides its data.
 *
 * @param subject number of what it is about: 1 a workflow, 2 a standalone task, 3 the partition itself
 * @param executionId null for an event of the partition
 * @param taskId null where it is about no task
 * @param chainSequence place in the chain, from 1
 * @param historySequence place in the history that workers replay, 0 if it has none
 * @param timeMs milliseconds since the epoch
 * @param status number of the status after it, 0 for an event of the partition
 */
public record EventFacts(
        int subject,
        @Nullable UUID executionId,
        @Nullable UUID orgId,
        @Nullable UUID taskId,
        long chainSequence,
        int historySequence,
        String type,
        long timeMs,
        int status) {}
