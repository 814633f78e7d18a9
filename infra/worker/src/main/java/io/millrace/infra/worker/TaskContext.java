package io.millrace.infra.worker;

import io.millrace.proto.flovyn.v1.TaskExecutionInfo;

/**
 * What a task knows of itself.
 *
 * @param id id of the task execution
 * @param workflowId id of the workflow that scheduled it; empty for a standalone task
 * @param attempt number of the attempt, from 1
 * @param traceparent trace that its work belongs to, as W3C Trace Context has it: to be sent along with calls to others; empty: none
 */
public record TaskContext(String id, String workflowId, int attempt, String traceparent) {

    static TaskContext of(TaskExecutionInfo task) {
        return new TaskContext(
                task.getTaskExecutionId(),
                task.getWorkflowExecutionId(),
                task.getExecutionCount(),
                task.getTraceparent());
    }
}
