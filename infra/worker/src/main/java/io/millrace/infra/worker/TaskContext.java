package io.millrace.infra.worker;

import io.millrace.proto.flovyn.v1.TaskExecutionInfo;

/**
 * What a task knows of itself.
 *
 * @param id of the task execution
 * @param workflowId of the workflow that scheduled it; empty for a standalone task
 * @param attempt 1 for the first
 */
public record TaskContext(String id, String workflowId, int attempt) {

    static TaskContext of(TaskExecutionInfo task) {
        return new TaskContext(task.getTaskExecutionId(), task.getWorkflowExecutionId(), task.getExecutionCount());
    }
}
