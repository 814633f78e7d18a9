package io.millrace.ingest.operations;

import com.google.protobuf.Message;
import io.millrace.ingest.approvals.Approvals;
import io.millrace.ingest.auth.Request;
import io.millrace.ingest.validation.Checks;
import io.millrace.ingest.validation.RefusedException;
import io.millrace.proto.Ids;
import io.millrace.proto.Shards;
import io.millrace.proto.flovyn.v1.CommandType;
import io.millrace.proto.flovyn.v1.CreatePromiseCommand;
import io.millrace.proto.flovyn.v1.ScheduleChildWorkflowCommand;
import io.millrace.proto.flovyn.v1.ScheduleTaskCommand;
import io.millrace.proto.flovyn.v1.SubmitWorkflowCommandsRequest;
import io.millrace.proto.flovyn.v1.WorkflowCommand;
import io.millrace.proto.flovyn.v1.WorkflowCommand.CommandDataCase;
import io.millrace.proto.flovyn.v1.WorkflowStatus;
import io.millrace.proto.v1.ContinueAsNewRequest;
import io.millrace.proto.v1.ContinueAsNewResponse;
import io.millrace.proto.v1.SubmitCommands;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

/**
 * Takes in what a worker decided about its workflow. Safe from any thread, never blocks; a batch that does not pass the
 * checks throws {@link RefusedException} as a whole.
 */
public final class SubmissionOperations {

    private static final List<WorkflowStatus> STATUSES = Arrays.stream(WorkflowStatus.values())
            .filter(status -> status != WorkflowStatus.UNRECOGNIZED)
            .toList();

    /** Commands that end the workflow, or its activation. */
    private static final Set<CommandDataCase> ENDS = EnumSet.of(
            CommandDataCase.COMPLETE_WORKFLOW,
            CommandDataCase.FAIL_WORKFLOW,
            CommandDataCase.CANCEL_WORKFLOW,
            CommandDataCase.SUSPEND_WORKFLOW);

    private final CommandSender sender;
    private final Checks checks;
    private final StampedSettings settings;
    private final RefusedReportSender refusedReports;
    private final ScopeGuard guard;
    private final Approvals approvals;

    SubmissionOperations(
            CommandSender sender,
            Checks checks,
            StampedSettings settings,
            RefusedReportSender refusedReports,
            ScopeGuard guard,
            Approvals approvals) {
        this.approvals = approvals;
        this.sender = sender;
        this.checks = checks;
        this.settings = settings;
        this.refusedReports = refusedReports;
        this.guard = guard;
    }

    /** Hands the batch to the engine, which takes all of it or nothing. */
    public CompletableFuture<Void> submit(Request request, SubmitWorkflowCommandsRequest asked) {
        UUID id = checks.id("workflow_execution_id", asked.getWorkflowExecutionId());
        approvals.expectWorkerReports(request);
        return guard.ofWorkflow(
                request.caller(),
                id,
                () -> refusedReports.ofWorkflow(
                        request,
                        id,
                        () -> firstSequenceNumber(asked.getCommandsList()),
                        () -> submit(request, id, asked)));
    }

    /** Hands a batch to the engine by which the run ends and a new one begins: all of it is taken or nothing. */
    public CompletableFuture<ContinueAsNewResponse> continueAsNew(Request request, ContinueAsNewRequest asked) {
        UUID id = checks.id("workflow_execution_id", asked.getWorkflowExecutionId());
        approvals.expectWorkerReports(request);
        return guard.ofWorkflow(
                request.caller(),
                id,
                () -> refusedReports.ofWorkflow(
                        request,
                        id,
                        () -> asked.getCommandsCount() == 0
                                ? asked.getSequenceNumber()
                                : firstSequenceNumber(asked.getCommandsList()),
                        () -> continueAsNew(request, id, asked)));
    }

    private CompletableFuture<ContinueAsNewResponse> continueAsNew(
            Request request, UUID id, ContinueAsNewRequest asked) {
        checkSize(asked);
        checks.json("input", asked.getInput());
        asked.getTakenSignalsMap().forEach((name, taken) -> {
            checks.name("taken_signals", name);
            if (taken < 0) {
                throw RefusedException.invalid("expected how many signals of the name were taken, 0 or more, as"
                        + " taken_signals, but got " + taken);
            }
        });
        SubmitCommands.Builder body = body(id, asked.getCommandsList());
        for (WorkflowCommand command : asked.getCommandsList()) {
            if (ENDS.contains(command.getCommandDataCase())) {
                throw RefusedException.invalid(
                        "expected commands that do not end the activation, since it continues as new," + " but got "
                                + command.getCommandDataCase());
            }
        }
        body.addCommandsBuilder()
                .setSequenceNumber(asked.getSequenceNumber())
                .getContinueAsNewBuilder()
                .setNewExecutionId(Ids.toByteString(Shards.newIdBeside(id)))
                .setInput(asked.getInput())
                .setKeyTtlMs(checks.keyTtlMs(false, 0))
                .putAllTakenSignals(asked.getTakenSignalsMap());
        return sender.askIfKnown(
                        "let workflows continue as new",
                        Shards.of(id),
                        sender.command(request).setSubmitCommands(body))
                .thenApply(reply -> ContinueAsNewResponse.getDefaultInstance());
    }

    private static int firstSequenceNumber(List<WorkflowCommand> commands) {
        return commands.stream()
                .mapToInt(WorkflowCommand::getSequenceNumber)
                .min()
                .orElse(0);
    }

    private void checkSize(Message asked) {
        if (asked.getSerializedSize() > checks.limits().submissionBytes()) {
            throw RefusedException.tooMuch("expected at most " + checks.limits().submissionBytes()
                    + " bytes of commands, but got " + asked.getSerializedSize());
        }
    }

    private CompletableFuture<Void> submit(Request request, UUID id, SubmitWorkflowCommandsRequest asked) {
        checkSize(asked);
        if (asked.getStatus() == WorkflowStatus.UNRECOGNIZED) {
            throw RefusedException.invalid(
                    "expected one of " + STATUSES + " as status, but got " + asked.getStatusValue());
        }
        SubmitCommands.Builder body =
                body(id, asked.getCommandsList()).setStatus(SubmittedCommands.status(asked.getStatus()));
        return sender.ask(Shards.of(id), sender.command(request).setSubmitCommands(body))
                .thenAccept(reply -> {});
    }

    private SubmitCommands.Builder body(UUID id, List<WorkflowCommand> commands) {
        SubmitCommands.Builder body = SubmitCommands.newBuilder();
        for (WorkflowCommand command : commands) {
            try {
                check(command);
            } catch (RefusedException e) {
                throw new RefusedException(e.reason(), "command " + body.getCommandsCount() + ": " + e.getMessage());
            }
            body.addCommands(SubmittedCommands.of(command));
        }
        return body.setExecutionId(Ids.toByteString(id))
                .setMaxStaleRounds(settings.maxStaleRounds())
                .setStaleRetryDelayMs(settings.staleRetryDelay().toMillis())
                .setRetentionMs(settings.retention().toMillis());
    }

    private void check(WorkflowCommand command) {
        checkType(command);
        switch (command.getCommandDataCase()) {
            case RECORD_OPERATION -> {
                checks.nameOrEmpty(
                        "operation_name", command.getRecordOperation().getOperationName());
                checks.json("result", command.getRecordOperation().getResult());
            }
            case SET_STATE -> {
                checks.nameOrEmpty("key", command.getSetState().getKey());
                checks.json("value", command.getSetState().getValue());
            }
            case CLEAR_STATE ->
                checks.nameOrEmpty("key", command.getClearState().getKey());
            case SCHEDULE_TASK -> check(command.getScheduleTask());
            case COMPLETE_WORKFLOW ->
                checks.json("output", command.getCompleteWorkflow().getOutput());
            case FAIL_WORKFLOW -> {
                checks.text("error", command.getFailWorkflow().getError());
                checks.text("stack_trace", command.getFailWorkflow().getStackTrace());
                checks.nameOrEmpty("failure_type", command.getFailWorkflow().getFailureType());
            }
            case SUSPEND_WORKFLOW ->
                checks.text("reason", command.getSuspendWorkflow().getReason());
            case CANCEL_WORKFLOW ->
                checks.text("reason", command.getCancelWorkflow().getReason());
            case CREATE_PROMISE -> check(command.getCreatePromise());
            case RESOLVE_PROMISE -> {
                checks.name("promise_id", command.getResolvePromise().getPromiseId());
                checks.json("value", command.getResolvePromise().getValue());
            }
            case SCHEDULE_CHILD_WORKFLOW -> check(command.getScheduleChildWorkflow());
            case START_TIMER -> {
                checks.name("timer_id", command.getStartTimer().getTimerId());
                checks.notTooLong("duration_ms", command.getStartTimer().getDurationMs());
            }
            case CANCEL_TIMER ->
                checks.name("timer_id", command.getCancelTimer().getTimerId());
            case REQUEST_CANCEL_CHILD_WORKFLOW -> {
                checks.id(
                        "child_workflow_execution_id",
                        command.getRequestCancelChildWorkflow().getChildWorkflowExecutionId());
                checks.text("reason", command.getRequestCancelChildWorkflow().getReason());
            }
            case COMMANDDATA_NOT_SET -> {}
        }
    }

    /**
     * What is not known would be left out, and the workflow would wait for it for ever. A command of no type without data is
     * let through: SDKs send it for what they cannot express, and the engine skips it.
     */
    private static void checkType(WorkflowCommand command) {
        CommandType type = command.getCommandType();
        CommandDataCase data = command.getCommandDataCase();
        if (type == CommandType.UNRECOGNIZED) {
            throw RefusedException.invalid("expected a known command_type, but got " + command.getCommandTypeValue());
        }
        if (data != CommandDataCase.COMMANDDATA_NOT_SET) {
            if (type != CommandType.COMMAND_TYPE_UNSPECIFIED && !type.name().equals(data.name())) {
                throw RefusedException.invalid("expected the data of " + type + ", but got those of " + data);
            }
        } else if (type != CommandType.COMMAND_TYPE_UNSPECIFIED) {
            throw RefusedException.invalid("expected the data of " + type + ", but there are none");
        } else if (!command.getUnknownFields().asMap().isEmpty()) {
            throw RefusedException.invalid("expected data of a known command, but got fields of the numbers "
                    + command.getUnknownFields().asMap().keySet());
        }
    }

    private void check(ScheduleTaskCommand task) {
        checks.id("task_execution_id", task.getTaskExecutionId());
        checks.name("kind", task.getKind());
        checks.json("input", task.getInput());
        checks.nameOrEmpty("queue", task.getQueue());
        checks.upTo("max_retries", task.getMaxRetries(), checks.limits().maxTaskRetries());
        checks.durationMs("timeout_ms", task.getTimeoutMs());
        checks.nameOrEmpty("idempotency_key", task.getIdempotencyKey());
        checks.keyTtlMs(task.hasIdempotencyKeyTtlSeconds(), task.getIdempotencyKeyTtlSeconds());
    }

    private void check(CreatePromiseCommand promise) {
        checks.name("promise_id", promise.getPromiseId());
        checks.durationMs("timeout_ms", promise.getTimeoutMs());
        checks.nameOrEmpty("idempotency_key", promise.getIdempotencyKey());
        checks.keyTtlMs(promise.hasIdempotencyKeyTtlSeconds(), promise.getIdempotencyKeyTtlSeconds());
    }

    private void check(ScheduleChildWorkflowCommand child) {
        checks.id("child_workflow_execution_id", child.getChildWorkflowExecutionId());
        checks.name("child_execution_name", child.getChildExecutionName());
        checks.nameOrEmpty("workflow_kind", child.getWorkflowKind());
        checks.nameOrEmpty("workflow_definition_id", child.getWorkflowDefinitionId());
        checks.json("input", child.getInput());
        checks.nameOrEmpty("queue", child.getQueue());
    }
}
