package io.millrace.ingest.operations;

import com.google.protobuf.ByteString;
import io.millrace.ingest.approvals.ApprovalAction;
import io.millrace.ingest.approvals.Approvals;
import io.millrace.ingest.auth.Request;
import io.millrace.ingest.queries.ExecutionQueries;
import io.millrace.ingest.queries.TaskDetail;
import io.millrace.ingest.validation.Checks;
import io.millrace.ingest.validation.RefusedException;
import io.millrace.proto.Excerpt;
import io.millrace.proto.Failures;
import io.millrace.proto.Ids;
import io.millrace.proto.Shards;
import io.millrace.proto.auth.Caller;
import io.millrace.proto.flovyn.v1.CancelTaskRequest;
import io.millrace.proto.flovyn.v1.CompleteTaskRequest;
import io.millrace.proto.flovyn.v1.FailTaskRequest;
import io.millrace.proto.flovyn.v1.HeartbeatRequest;
import io.millrace.proto.flovyn.v1.LogMessageRequest;
import io.millrace.proto.flovyn.v1.ReportProgressRequest;
import io.millrace.proto.flovyn.v1.SubmitTaskRequest;
import io.millrace.proto.flovyn.v1.SubmitTaskResponse;
import io.millrace.proto.v1.CancelTask;
import io.millrace.proto.v1.CommandRecord;
import io.millrace.proto.v1.CompleteTask;
import io.millrace.proto.v1.FailTask;
import io.millrace.proto.v1.HeartbeatTask;
import io.millrace.proto.v1.LogTaskMessage;
import io.millrace.proto.v1.RefusalReason;
import io.millrace.proto.v1.ReplyRecord;
import io.millrace.proto.v1.ReportTaskProgress;
import io.millrace.proto.v1.RetryTask;
import io.millrace.proto.v1.SubmitTask;
import io.millrace.proto.v1.TaskView;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.BiConsumer;
import java.util.function.Supplier;

/**
 * Submits tasks and takes in what becomes of them. Late and repeated reports are accepted and change nothing. Safe from any
 * thread, never blocks; a request that does not pass the checks throws {@link RefusedException}.
 */
public final class TaskOperations {

    private static final Set<String> LOG_LEVELS = Set.of("TRACE", "DEBUG", "INFO", "WARN", "ERROR");

    private final CommandSender sender;
    private final Checks checks;
    private final StampedSettings settings;
    private final TaskOwners owners;
    private final RefusedReportSender refusedReports;
    private final ExecutionQueries queries;
    private final HistoryOperations history;
    private final ClosedExecutions closed;
    private final ScopeGuard guard;
    private final Approvals approvals;

    TaskOperations(
            CommandSender sender,
            Checks checks,
            StampedSettings settings,
            TaskOwners owners,
            RefusedReportSender refusedReports,
            ExecutionQueries queries,
            HistoryOperations history,
            ClosedExecutions closed,
            ScopeGuard guard,
            Approvals approvals) {
        this.approvals = approvals;
        this.sender = sender;
        this.checks = checks;
        this.settings = settings;
        this.owners = owners;
        this.refusedReports = refusedReports;
        this.queries = queries;
        this.history = history;
        this.closed = closed;
        this.guard = guard;
    }

    /** Submits a task to be run as soon as a worker is free. */
    public CompletableFuture<SubmitTaskResponse> submit(Request request, SubmitTaskRequest asked) {
        return submit(request, asked, 0);
    }

    /**
     * Submits a task.
     *
     * @param scheduledAtMs not to be handed out before this time, milliseconds since the epoch; 0: at once
     */
    public CompletableFuture<SubmitTaskResponse> submit(Request request, SubmitTaskRequest asked, long scheduledAtMs) {
        checks.org(request.caller(), asked.getOrgId());
        UUID orgId = request.caller().orgId();
        String key = checks.nameOrEmpty("idempotency_key", asked.getIdempotencyKey());
        boolean standalone = asked.getWorkflowExecutionId().isEmpty();
        UUID executionId = standalone ? null : checks.id("workflow_execution_id", asked.getWorkflowExecutionId());
        int shard;
        if (executionId == null) {
            shard = key.isEmpty() ? Shards.of(Shards.newId()) : Shards.of(orgId, key);
        } else {
            shard = Shards.of(executionId);
        }
        SubmitTask.Builder body = SubmitTask.newBuilder()
                .setTaskId(Ids.toByteString(Shards.newId(shard)))
                .setExecutionId(executionId == null ? ByteString.EMPTY : Ids.toByteString(executionId))
                .setKind(checks.name("kind", asked.getKind()))
                .setInput(checks.json("input", asked.getInput()))
                .putAllMetadata(checks.metadata(asked.getMetadataMap()))
                .setMaxRetries(checks.upTo(
                        "max_retries", asked.getMaxRetries(), checks.limits().maxTaskRetries()))
                .setTimeoutMs(checks.durationMs("timeout_ms", asked.getTimeoutMs()))
                .setIdempotencyKey(key)
                .setIdempotencyKeyTtlMs(
                        checks.keyTtlMs(asked.hasIdempotencyKeyTtlSeconds(), asked.getIdempotencyKeyTtlSeconds()))
                .setQueue(checks.queue(asked.getQueue()))
                .setRetentionMs(settings.retention().toMillis())
                .setScheduledAtMs(scheduledAtMs);
        ScopeGuard.check(request.caller(), "a task", body.getQueue(), body.getKind());
        CompletableFuture<?> known = standalone
                ? CompletableFuture.completedFuture(null)
                : history.execution(request.caller(), asked.getWorkflowExecutionId());
        return known.thenCompose(
                        there -> sender.ask(shard, sender.command(request).setSubmitTask(body)))
                .thenApply(reply -> {
                    ReplyRecord.TaskSubmitted submitted = reply.getTaskSubmitted();
                    UUID taskId = Ids.fromBytes(submitted.getTaskId());
                    owners.remember(orgId, taskId, taskId);
                    return SubmitTaskResponse.newBuilder()
                            .setTaskExecutionId(taskId.toString())
                            .setIdempotencyKeyUsed(submitted.getIdempotencyKeyUsed())
                            .setIdempotencyKeyNew(submitted.getIdempotencyKeyNew())
                            .build();
                });
    }

    /** The task is done. */
    public CompletableFuture<Void> complete(Request request, CompleteTaskRequest asked) {
        approvals.expectWorkerReports(request);
        return report(request, asked.getTaskExecutionId(), () -> {
            ByteString output = checks.json("output", asked.getOutput());
            return send(
                    request,
                    asked.getTaskExecutionId(),
                    (ids, command) -> command.setCompleteTask(CompleteTask.newBuilder()
                            .setTaskId(ids.task())
                            .setExecutionId(ids.execution())
                            .setOutput(output)));
        });
    }

    /** An attempt at the task failed; the engine decides whether there is another. */
    public CompletableFuture<Void> fail(Request request, FailTaskRequest asked) {
        approvals.expectWorkerReports(request);
        return report(request, asked.getTaskExecutionId(), () -> {
            String error = checks.text("error", asked.getError());
            return send(
                    request,
                    asked.getTaskExecutionId(),
                    (ids, command) -> command.setFailTask(FailTask.newBuilder()
                            .setTaskId(ids.task())
                            .setExecutionId(ids.execution())
                            .setError(error)
                            .setRetryDelayMs(settings.taskRetryDelay().toMillis())));
        });
    }

    private CompletableFuture<Void> report(
            Request request, String taskExecutionId, Supplier<CompletableFuture<Boolean>> report) {
        UUID taskId = checks.id("task_execution_id", taskExecutionId);
        return guard.ofTask(request.caller(), taskId, () -> refusedReports.ofTask(request, taskId, report))
                .thenAccept(changed -> {});
    }

    /**
     * Cancels the task, whatever its worker does, or asks for an approval where one is needed. FAILED_PRECONDITION if it is over.
     *
     * @param reason why, which the server may require
     * @param expectedVersion of the task as the caller saw it; empty: whatever it is
     */
    public CompletableFuture<Cancellation> cancel(
            Request request, CancelTaskRequest asked, String reason, OptionalLong expectedVersion) {
        UUID taskId = checks.id("task_execution_id", asked.getTaskExecutionId());
        Request because = request.because(checks.reason(reason));
        return approvals
                .askWithTask(because, ApprovalAction.CANCEL, taskId, SeenVersion.parameters(expectedVersion))
                .thenCompose(pending -> pending.isPresent()
                        ? CompletableFuture.completedFuture(Cancellation.asked(pending.get()))
                        : cancel(because, asked, taskId, expectedVersion).thenApply(done -> Cancellation.done(true)));
    }

    /** As above, without asking anybody else. */
    CompletableFuture<Void> cancel(
            Request because, CancelTaskRequest asked, UUID taskId, OptionalLong expectedVersion) {
        CancelTask.Builder cancel = CancelTask.newBuilder();
        expectedVersion.ifPresent(cancel::setExpectedVersion);
        CompletableFuture<Boolean> answer = forTask(
                because,
                asked.getTaskExecutionId(),
                (ids, command) ->
                        command.setCancelTask(cancel.setTaskId(ids.task()).setExecutionId(ids.execution())));
        return closed.task(because.caller().orgId(), taskId, answer, status -> {
                    throw new RefusedException(
                            RefusalReason.FAILED_PRECONDITION,
                            "expected a task that is PENDING or RUNNING, but " + taskId + " is " + status);
                })
                .thenAccept(changed -> {});
    }

    /**
     * Gives the task its attempts and its time back, and hands it out at once.
     *
     * @param reason why, which the server may require
     * @param expectedVersion of the task as the caller saw it; empty: whatever it is
     * @return whether that changed anything: a task that has all its attempts and waits for a worker stays as it is
     */
    public CompletableFuture<Boolean> retry(
            Request request, String taskExecutionId, String reason, OptionalLong expectedVersion) {
        UUID taskId = checks.id("id", taskExecutionId);
        Request because = request.because(checks.reason(reason));
        RetryTask.Builder retry = RetryTask.newBuilder();
        expectedVersion.ifPresent(retry::setExpectedVersion);
        CompletableFuture<Boolean> answer = ownerOf(because, taskId)
                .thenCompose(executionId -> sender.askIfKnown(
                                "retry tasks",
                                Shards.of(executionId),
                                sender.command(because)
                                        .setRetryTask(retry.setTaskId(Ids.toByteString(taskId))
                                                .setExecutionId(Ids.toByteString(executionId))))
                        .thenApply(reply -> reply.getAccepted().getChanged()));
        return closed.task(because.caller().orgId(), taskId, answer, status -> {
            throw new RefusedException(
                    RefusalReason.FAILED_PRECONDITION,
                    "expected a task that is still in the dispatcher's stores (limits.closed_retention), but " + taskId
                            + " is " + status + " and has left them: submit it anew");
        });
    }

    /** The worker still works on the task. */
    public CompletableFuture<Void> heartbeat(Request request, HeartbeatRequest asked) {
        return forTask(
                        request,
                        asked.getTaskExecutionId(),
                        (ids, command) -> command.setHeartbeatTask(
                                HeartbeatTask.newBuilder().setTaskId(ids.task()).setExecutionId(ids.execution())))
                .thenAccept(changed -> {});
    }

    /** Keeps the task's latest progress. */
    public CompletableFuture<Void> progress(Request request, ReportProgressRequest asked) {
        if (!Double.isFinite(asked.getProgress())) {
            throw RefusedException.invalid("expected a finite number as progress, but got " + asked.getProgress());
        }
        String details = cut(asked.getDetails());
        return forTask(
                        request,
                        asked.getTaskExecutionId(),
                        (ids, command) -> command.setReportTaskProgress(ReportTaskProgress.newBuilder()
                                .setTaskId(ids.task())
                                .setExecutionId(ids.execution())
                                .setProgress(asked.getProgress())
                                .setDetails(details)))
                .thenAccept(changed -> {});
    }

    /** Keeps a message of the task. */
    public CompletableFuture<Void> log(Request request, LogMessageRequest asked) {
        String level = level(asked.getLevel());
        String message = cut(asked.getMessage());
        return forTask(
                        request,
                        asked.getTaskExecutionId(),
                        (ids, command) -> command.setLogTaskMessage(LogTaskMessage.newBuilder()
                                .setTaskId(ids.task())
                                .setExecutionId(ids.execution())
                                .setLevel(level)
                                .setMessage(message)
                                .setMaxMessages(settings.maxTaskLogMessages())
                                .setMaxLogBytes(settings.maxTaskLogBytes())))
                .thenAccept(changed -> {});
    }

    /** @return the task as the stores have it, or else as the read model has it */
    public CompletableFuture<Found> find(Caller caller, String taskExecutionId) {
        UUID taskId = checks.id("id", taskExecutionId);
        return guard.ofTask(
                caller,
                taskId,
                () -> owners.find(caller.orgId(), taskId)
                        .thenCompose(live -> live.isPresent()
                                ? CompletableFuture.completedFuture(new Found(live, Optional.empty()))
                                : queries.task(caller.orgId(), taskId)
                                        .thenApply(row -> new Found(
                                                Optional.empty(),
                                                Optional.of(row.orElseThrow(() -> TaskOwners.unknown(taskId)))))));
    }

    /** Finds the task's execution, if the caller's key is for the task, then asks the engine; the answer says whether anything changed. */
    CompletableFuture<Boolean> forTask(
            Request request, String taskExecutionId, BiConsumer<TaskIds, CommandRecord.Builder> body) {
        UUID taskId = checks.id("task_execution_id", taskExecutionId);
        return guard.ofTask(request.caller(), taskId, () -> send(request, taskExecutionId, body));
    }

    private CompletableFuture<Boolean> send(
            Request request, String taskExecutionId, BiConsumer<TaskIds, CommandRecord.Builder> body) {
        UUID taskId = checks.id("task_execution_id", taskExecutionId);
        return ownerOf(request, taskId).thenCompose(executionId -> {
            CommandRecord.Builder command = sender.command(request);
            body.accept(new TaskIds(Ids.toByteString(taskId), Ids.toByteString(executionId)), command);
            CompletableFuture<ReplyRecord> reply = command.getCancelTask().hasExpectedVersion()
                    ? sender.askIfKnown("cancel a task as it was seen", Shards.of(executionId), command)
                    : sender.ask(Shards.of(executionId), command);
            return reply.thenApply(answer -> answer.getAccepted().getChanged());
        });
    }

    /**
     * An item of a bulk job is asked of the engine also where nobody knows the task any more: its refusal stands in the trail, and so
     * among the items of the job.
     */
    private CompletableFuture<UUID> ownerOf(Request request, UUID taskId) {
        CompletableFuture<UUID> owner = owners.ownerOf(request.caller().orgId(), taskId);
        if (request.bulkJob().isEmpty()) {
            return owner;
        }
        return owner.exceptionally(failure -> {
            if (Failures.cause(failure) instanceof RefusedException refusal
                    && refusal.reason() == RefusalReason.NOT_FOUND) {
                return taskId;
            }
            throw new CompletionException(Failures.cause(failure));
        });
    }

    /** Languages name their levels differently, and a line is worth more than its level. */
    private static String level(String asked) {
        String level = asked.toUpperCase(Locale.ROOT);
        if (level.equals("WARNING")) {
            return "WARN";
        }
        return LOG_LEVELS.contains(level) ? level : "INFO";
    }

    /** Best-effort texts are cut rather than refused: they come from background forwarders that tell nobody. */
    private String cut(String text) {
        return Excerpt.of(text, checks.limits().logMessageBytes() / 3);
    }

    /**
     * A task; one of both is present.
     *
     * @param live as the dispatcher's stores have it
     * @param closed as the read model has it
     */
    public record Found(Optional<TaskView> live, Optional<TaskDetail> closed) {

        /** @return the workflow that the task of this id belongs to; its own id for a standalone task */
        public UUID owner(UUID taskId) {
            return live.map(TaskView::getExecutionId)
                    .map(Ids::fromBytesOrNull)
                    .or(() -> closed.map(ended -> ended.row().executionId()))
                    .orElse(taskId);
        }

        /** @return whether it stays as it is; the read model may know of an open one which its new owner does not know yet */
        public boolean ended() {
            return ClosedExecutions.is(live.map(TaskView::getStatus)
                    .orElseGet(() -> closed.orElseThrow().row().status()));
        }
    }

    /**
     * Ids as commands carry them.
     *
     * @param task the task
     * @param execution the workflow that it belongs to, its own id for a standalone one
     */
    record TaskIds(ByteString task, ByteString execution) {}
}
