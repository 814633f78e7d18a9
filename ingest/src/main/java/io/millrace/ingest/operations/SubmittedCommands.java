package io.millrace.ingest.operations;

import io.millrace.proto.flovyn.v1.CreatePromiseCommand;
import io.millrace.proto.flovyn.v1.ScheduleChildWorkflowCommand;
import io.millrace.proto.flovyn.v1.ScheduleTaskCommand;
import io.millrace.proto.flovyn.v1.WorkflowCommand;
import io.millrace.proto.flovyn.v1.WorkflowStatus;
import io.millrace.proto.v1.SubmitCommands;
import io.millrace.proto.v1.SubmittedCommand;

/**
 * Writes a worker's commands as they stand in the log. The API and the log have messages of their own, since the log is read
 * for ever. What a worker left out is left out there too. Shares what it is given; any thread.
 */
final class SubmittedCommands {

    private SubmittedCommands() {}

    /** @param status one that is known */
    static SubmitCommands.Status status(WorkflowStatus status) {
        return switch (status) {
            case WORKFLOW_STATUS_UNSPECIFIED -> SubmitCommands.Status.STATUS_UNSPECIFIED;
            case RUNNING -> SubmitCommands.Status.RUNNING;
            case SUSPENDED -> SubmitCommands.Status.SUSPENDED;
            case COMPLETED -> SubmitCommands.Status.COMPLETED;
            case CANCELLED -> SubmitCommands.Status.CANCELLED;
            case FAILED -> SubmitCommands.Status.FAILED;
            case UNRECOGNIZED -> throw new IllegalArgumentException("expected a known status, but got " + status);
        };
    }

    static SubmittedCommand of(WorkflowCommand command) {
        SubmittedCommand.Builder to = SubmittedCommand.newBuilder().setSequenceNumber(command.getSequenceNumber());
        switch (command.getCommandDataCase()) {
            case RECORD_OPERATION ->
                to.getRecordOperationBuilder()
                        .setOperationName(command.getRecordOperation().getOperationName())
                        .setResult(command.getRecordOperation().getResult());
            case SET_STATE ->
                to.getSetStateBuilder()
                        .setKey(command.getSetState().getKey())
                        .setValue(command.getSetState().getValue());
            case CLEAR_STATE ->
                to.getClearStateBuilder().setKey(command.getClearState().getKey());
            case SCHEDULE_TASK -> task(command.getScheduleTask(), to.getScheduleTaskBuilder());
            case COMPLETE_WORKFLOW ->
                to.getCompleteWorkflowBuilder()
                        .setOutput(command.getCompleteWorkflow().getOutput());
            case FAIL_WORKFLOW ->
                to.getFailWorkflowBuilder()
                        .setError(command.getFailWorkflow().getError())
                        .setStackTrace(command.getFailWorkflow().getStackTrace())
                        .setFailureType(command.getFailWorkflow().getFailureType());
            case SUSPEND_WORKFLOW ->
                to.getSuspendWorkflowBuilder()
                        .setReason(command.getSuspendWorkflow().getReason());
            case CANCEL_WORKFLOW ->
                to.getCancelWorkflowBuilder()
                        .setReason(command.getCancelWorkflow().getReason());
            case CREATE_PROMISE -> promise(command.getCreatePromise(), to.getCreatePromiseBuilder());
            case RESOLVE_PROMISE ->
                to.getResolvePromiseBuilder()
                        .setPromiseId(command.getResolvePromise().getPromiseId())
                        .setValue(command.getResolvePromise().getValue());
            case SCHEDULE_CHILD_WORKFLOW ->
                child(command.getScheduleChildWorkflow(), to.getScheduleChildWorkflowBuilder());
            case START_TIMER ->
                to.getStartTimerBuilder()
                        .setTimerId(command.getStartTimer().getTimerId())
                        .setDurationMs(command.getStartTimer().getDurationMs());
            case CANCEL_TIMER ->
                to.getCancelTimerBuilder().setTimerId(command.getCancelTimer().getTimerId());
            case REQUEST_CANCEL_CHILD_WORKFLOW ->
                to.getRequestCancelChildWorkflowBuilder()
                        .setChildExecutionName(
                                command.getRequestCancelChildWorkflow().getChildExecutionName())
                        .setChildWorkflowExecutionId(
                                command.getRequestCancelChildWorkflow().getChildWorkflowExecutionId())
                        .setReason(command.getRequestCancelChildWorkflow().getReason());
            case COMMANDDATA_NOT_SET -> {}
        }
        return to.build();
    }

    private static void task(ScheduleTaskCommand task, SubmittedCommand.ScheduleTask.Builder to) {
        to.setKind(task.getKind()).setInput(task.getInput()).setTaskExecutionId(task.getTaskExecutionId());
        if (task.hasMaxRetries()) {
            to.setMaxRetries(task.getMaxRetries());
        }
        if (task.hasTimeoutMs()) {
            to.setTimeoutMs(task.getTimeoutMs());
        }
        if (task.hasQueue()) {
            to.setQueue(task.getQueue());
        }
        if (task.hasPrioritySeconds()) {
            to.setPrioritySeconds(task.getPrioritySeconds());
        }
        if (task.hasIdempotencyKey()) {
            to.setIdempotencyKey(task.getIdempotencyKey());
        }
        if (task.hasIdempotencyKeyTtlSeconds()) {
            to.setIdempotencyKeyTtlSeconds(task.getIdempotencyKeyTtlSeconds());
        }
    }

    private static void promise(CreatePromiseCommand promise, SubmittedCommand.CreatePromise.Builder to) {
        to.setPromiseId(promise.getPromiseId());
        if (promise.hasTimeoutMs()) {
            to.setTimeoutMs(promise.getTimeoutMs());
        }
        if (promise.hasIdempotencyKey()) {
            to.setIdempotencyKey(promise.getIdempotencyKey());
        }
        if (promise.hasIdempotencyKeyTtlSeconds()) {
            to.setIdempotencyKeyTtlSeconds(promise.getIdempotencyKeyTtlSeconds());
        }
    }

    private static void child(ScheduleChildWorkflowCommand child, SubmittedCommand.ScheduleChildWorkflow.Builder to) {
        to.setChildExecutionName(child.getChildExecutionName())
                .setChildWorkflowExecutionId(child.getChildWorkflowExecutionId())
                .setInput(child.getInput())
                .setQueue(child.getQueue())
                .setPrioritySeconds(child.getPrioritySeconds());
        if (child.hasWorkflowKind()) {
            to.setWorkflowKind(child.getWorkflowKind());
        }
        if (child.hasWorkflowDefinitionId()) {
            to.setWorkflowDefinitionId(child.getWorkflowDefinitionId());
        }
    }
}
