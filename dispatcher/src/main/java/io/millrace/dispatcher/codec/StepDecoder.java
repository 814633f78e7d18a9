package io.millrace.dispatcher.codec;

import io.millrace.dispatcher.engine.command.Command;
import io.millrace.dispatcher.engine.command.WorkflowStep;
import io.millrace.dispatcher.engine.command.WorkflowStep.*;
import io.millrace.proto.Ids;
import io.millrace.proto.v1.SubmitCommands;
import io.millrace.proto.v1.SubmittedCommand;
import java.util.ArrayList;
import java.util.List;

/** Turns the commands of a submission, which stand in its record as the worker sent them, into steps of the engine. */
final class StepDecoder {

    /** What the contract gives a task that names none. */
    private static final int DEFAULT_MAX_RETRIES = 3;

    private static final long DEFAULT_KEY_TTL_SECONDS = 86_400;

    private StepDecoder() {}

    static Command submission(SubmitCommands c) {
        List<WorkflowStep> steps = new ArrayList<>(c.getCommandsCount());
        int firstSequence = c.getCommandsCount() == 0 ? 0 : Integer.MAX_VALUE;
        for (SubmittedCommand command : c.getCommandsList()) {
            firstSequence = Math.min(firstSequence, command.getSequenceNumber());
            steps.add(step(command));
        }
        return new Command.SubmitCommands(
                Ids.fromBytes(c.getExecutionId()),
                steps,
                firstSequence,
                status(c.getStatus()),
                c.getMaxStaleRounds(),
                c.getStaleRetryDelayMs(),
                c.getRetentionMs());
    }

    private static Command.SubmissionStatus status(SubmitCommands.Status status) {
        return switch (status) {
            case COMPLETED -> Command.SubmissionStatus.COMPLETED;
            case FAILED -> Command.SubmissionStatus.FAILED;
            case CANCELLED -> Command.SubmissionStatus.CANCELLED;
            case SUSPENDED, RUNNING, STATUS_UNSPECIFIED, UNRECOGNIZED -> Command.SubmissionStatus.SUSPENDED;
        };
    }

    private static WorkflowStep step(SubmittedCommand command) {
        return switch (command.getBodyCase()) {
            case RECORD_OPERATION ->
                new RecordOperation(
                        command.getRecordOperation().getOperationName(),
                        CommandDecoder.payload(command.getRecordOperation().getResult()));
            case SET_STATE ->
                new SetState(
                        command.getSetState().getKey(),
                        CommandDecoder.payload(command.getSetState().getValue()));
            case CLEAR_STATE -> new ClearState(command.getClearState().getKey());
            case SCHEDULE_TASK -> {
                var c = command.getScheduleTask();
                yield new ScheduleTask(
                        c.getKind(),
                        CommandDecoder.payload(c.getInput()),
                        CommandDecoder.id(c.getTaskExecutionId(), "task_execution_id"),
                        c.hasMaxRetries() ? c.getMaxRetries() : DEFAULT_MAX_RETRIES,
                        c.getTimeoutMs(),
                        c.getQueue());
            }
            case COMPLETE_WORKFLOW ->
                new CompleteWorkflow(
                        CommandDecoder.payload(command.getCompleteWorkflow().getOutput()));
            case FAIL_WORKFLOW -> {
                var c = command.getFailWorkflow();
                yield new FailWorkflow(c.getError(), c.getStackTrace(), c.getFailureType());
            }
            case SUSPEND_WORKFLOW ->
                new SuspendWorkflow(command.getSuspendWorkflow().getReason());
            case CANCEL_WORKFLOW ->
                new CancelWorkflow(command.getCancelWorkflow().getReason());
            case CREATE_PROMISE -> {
                var c = command.getCreatePromise();
                long ttlSeconds =
                        c.hasIdempotencyKeyTtlSeconds() ? c.getIdempotencyKeyTtlSeconds() : DEFAULT_KEY_TTL_SECONDS;
                yield new CreatePromise(c.getPromiseId(), c.getTimeoutMs(), c.getIdempotencyKey(), ttlSeconds * 1000);
            }
            case RESOLVE_PROMISE ->
                new ResolvePromise(
                        command.getResolvePromise().getPromiseId(),
                        CommandDecoder.payload(command.getResolvePromise().getValue()));
            case SCHEDULE_CHILD_WORKFLOW -> {
                var c = command.getScheduleChildWorkflow();
                yield new ScheduleChildWorkflow(
                        c.getChildExecutionName(),
                        c.getWorkflowKind(),
                        c.getWorkflowDefinitionId(),
                        CommandDecoder.id(c.getChildWorkflowExecutionId(), "child_workflow_execution_id"),
                        CommandDecoder.payload(c.getInput()),
                        c.getQueue(),
                        c.getPrioritySeconds());
            }
            case START_TIMER ->
                new StartTimer(
                        command.getStartTimer().getTimerId(),
                        command.getStartTimer().getDurationMs());
            case CANCEL_TIMER -> new CancelTimer(command.getCancelTimer().getTimerId());
            case REQUEST_CANCEL_CHILD_WORKFLOW -> {
                var c = command.getRequestCancelChildWorkflow();
                yield new RequestCancelChild(
                        c.getChildExecutionName(),
                        Ids.parse(c.getChildWorkflowExecutionId()).orElse(null),
                        c.getReason());
            }
            case CONTINUE_AS_NEW -> {
                var c = command.getContinueAsNew();
                yield new ContinueAsNew(
                        Ids.fromBytes(c.getNewExecutionId()),
                        CommandDecoder.payload(c.getInput()),
                        c.getKeyTtlMs(),
                        c.getTakenSignalsMap());
            }
            case BODY_NOT_SET -> new Unspecified();
        };
    }
}
