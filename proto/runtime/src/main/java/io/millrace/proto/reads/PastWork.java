package io.millrace.proto.reads;

import java.util.UUID;

/**
 * A workflow or a task that stood ready, or that a worker had.
 *
 * @param queue where it belongs
 * @param task whether it is a task
 * @param kind of the workflow or task
 * @param id of the workflow execution or the task
 * @param executionId of the workflow execution, or the task's own where it has none
 * @param readySinceMs since when it stood ready, milliseconds since the epoch; 0: a worker had it
 * @param worker who had it, as workers name themselves to the dispatcher; empty: nobody
 * @param untilMs when the lease would have ended, milliseconds since the epoch; 0: nobody had it
 */
public record PastWork(
        String queue,
        boolean task,
        String kind,
        UUID id,
        UUID executionId,
        long readySinceMs,
        String worker,
        long untilMs) {}
