package io.millrace.ingest.operations;

import io.millrace.ingest.approvals.ApprovalAction;
import io.millrace.ingest.approvals.Approvals;
import io.millrace.ingest.auth.Request;
import io.millrace.ingest.validation.Checks;
import io.millrace.ingest.validation.RefusedException;
import io.millrace.proto.Ids;
import io.millrace.proto.Shards;
import io.millrace.proto.flovyn.v1.SignalWithStartWorkflowRequest;
import io.millrace.proto.flovyn.v1.SignalWithStartWorkflowResponse;
import io.millrace.proto.flovyn.v1.SignalWorkflowRequest;
import io.millrace.proto.flovyn.v1.SignalWorkflowResponse;
import io.millrace.proto.flovyn.v1.StartChildWorkflowRequest;
import io.millrace.proto.flovyn.v1.StartChildWorkflowResponse;
import io.millrace.proto.flovyn.v1.StartWorkflowRequest;
import io.millrace.proto.flovyn.v1.StartWorkflowResponse;
import io.millrace.proto.reads.Reads;
import io.millrace.proto.v1.AnnotateWorkflow;
import io.millrace.proto.v1.CancelWorkflow;
import io.millrace.proto.v1.CommandRecord;
import io.millrace.proto.v1.ExecutionStatus;
import io.millrace.proto.v1.ExecutionView;
import io.millrace.proto.v1.PauseWorkflow;
import io.millrace.proto.v1.RefusalReason;
import io.millrace.proto.v1.ReplyRecord;
import io.millrace.proto.v1.RequestCancellation;
import io.millrace.proto.v1.ResetPoint;
import io.millrace.proto.v1.ResetWorkflow;
import io.millrace.proto.v1.ResumeWorkflow;
import io.millrace.proto.v1.SignalWithStart;
import io.millrace.proto.v1.SignalWorkflow;
import io.millrace.proto.v1.StartWorkflow;
import io.millrace.proto.v1.TerminateWorkflow;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

/**
 * Starts, signals, ends and resets workflow executions. Safe from any thread, never blocks; a request that does not pass the
 * checks throws {@link RefusedException}.
 */
public final class WorkflowOperations {

    /** Longest annotation, in characters. */
    static final int MOST_ANNOTATION = 1_000;

    private final CommandSender sender;
    private final Checks checks;
    private final StampedSettings settings;
    private final Reads reads;
    private final ClosedExecutions closed;
    private final ScopeGuard guard;
    private final Approvals approvals;
    private final Quotas quotas;

    WorkflowOperations(
            CommandSender sender,
            Checks checks,
            StampedSettings settings,
            Reads reads,
            ClosedExecutions closed,
            ScopeGuard guard,
            Approvals approvals,
            Quotas quotas) {
        this.quotas = quotas;
        this.approvals = approvals;
        this.sender = sender;
        this.checks = checks;
        this.settings = settings;
        this.reads = reads;
        this.closed = closed;
        this.guard = guard;
    }

    /** Starts an execution, or finds the one that the idempotency key stands for. */
    public CompletableFuture<StartWorkflowResponse> start(Request request, StartWorkflowRequest asked) {
        checks.org(request.caller(), asked.getOrgId());
        String key = checks.nameOrEmpty("idempotency_key", asked.getIdempotencyKey());
        UUID id = newExecutionId(request, key);
        StartWorkflow.Builder start = StartWorkflow.newBuilder()
                .setExecutionId(Ids.toByteString(id))
                .setKind(checks.name("workflow_kind", asked.getWorkflowKind()))
                .setInput(checks.json("input", asked.getInput()))
                .putAllMetadata(checks.metadata(asked.getMetadataMap()))
                .setQueue(checks.queue(asked.getQueue()))
                .setPrioritySeconds(asked.getPrioritySeconds())
                .setWorkflowVersion(checks.nameOrEmpty("workflow_version", asked.getWorkflowVersion()))
                .setWorkflowDefinitionId(checks.nameOrEmpty("workflow_definition_id", asked.getWorkflowDefinitionId()))
                .setIdempotencyKey(key)
                .setIdempotencyKeyTtlMs(
                        checks.keyTtlMs(asked.hasIdempotencyKeyTtlSeconds(), asked.getIdempotencyKeyTtlSeconds()))
                .setRetentionMs(settings.retention().toMillis());
        ScopeGuard.check(request.caller(), "a workflow", start.getQueue(), start.getKind());
        if (asked.getParentWorkflowExecutionId().isEmpty()) {
            return starts(request, key).thenCompose(mayStart -> send(request, id, start));
        }
        UUID parentId = checks.id("parent_workflow_execution_id", asked.getParentWorkflowExecutionId());
        return starts(request, key)
                .thenCompose(mayStart -> parent(request, parentId))
                .thenCompose(parent -> send(
                        request,
                        id,
                        start.setParentExecutionId(Ids.toByteString(parentId)).setChildExecutionName(id.toString())));
    }

    /** A start that finds what is there already opens nothing, so no quota holds it up. */
    private CompletableFuture<Void> starts(Request request, String key) {
        return quotas.startsUnlessFound(
                request.caller(),
                () -> key.isEmpty()
                        ? CompletableFuture.completedFuture(Optional.empty())
                        : reads.startedUnder(request.caller().orgId(), key));
    }

    /** Starts an execution as the child of another; its queue is the parent's where none is named. */
    public CompletableFuture<StartChildWorkflowResponse> startChild(Request request, StartChildWorkflowRequest asked) {
        checks.org(request.caller(), asked.getOrgId());
        UUID parentId = checks.id("parent_workflow_execution_id", asked.getParentWorkflowExecutionId());
        UUID id = Shards.newId();
        StartWorkflow.Builder start = StartWorkflow.newBuilder()
                .setExecutionId(Ids.toByteString(id))
                .setKind(checks.name("workflow_kind", asked.getWorkflowKind()))
                .setInput(checks.json("input", asked.getInput()))
                .setPrioritySeconds(asked.getPrioritySeconds())
                .setRetentionMs(settings.retention().toMillis())
                .setParentExecutionId(Ids.toByteString(parentId))
                .setChildExecutionName(checks.name("child_execution_name", asked.getChildExecutionName()));
        String queue = checks.nameOrEmpty("queue", asked.getQueue());
        quotas.startsWorkflow(request.caller());
        return parent(request, parentId)
                .thenCompose(parent -> {
                    start.setQueue(queue.isEmpty() ? parent.getQueue() : queue);
                    ScopeGuard.check(request.caller(), "a workflow", start.getQueue(), start.getKind());
                    return send(request, id, start);
                })
                .thenApply(started -> StartChildWorkflowResponse.newBuilder()
                        .setChildWorkflowExecutionId(started.getWorkflowExecutionId())
                        .build());
    }

    /** Appends a signal to an execution that is not closed. */
    public CompletableFuture<SignalWorkflowResponse> signal(Request request, SignalWorkflowRequest asked) {
        return signal(request, asked, SignalKey.NONE);
    }

    /**
     * Appends a signal to an execution that is not closed.
     *
     * @param key by which the signal is known if it is sent again
     */
    public CompletableFuture<SignalWorkflowResponse> signal(
            Request request, SignalWorkflowRequest asked, SignalKey key) {
        checks.org(request.caller(), asked.getOrgId());
        UUID id = checks.id("workflow_execution_id", asked.getWorkflowExecutionId());
        SignalWorkflow.Builder signal = SignalWorkflow.newBuilder()
                .setExecutionId(Ids.toByteString(id))
                .setSignalName(checks.name("signal_name", asked.getSignalName()))
                .setSignalValue(checks.json("signal_value", asked.getSignalValue()))
                .setMaxSignals(settings.maxSignals())
                .setIdempotencyKey(checks.nameOrEmpty("idempotency_key", key.key()))
                .setIdempotencyKeyTtlMs(checks.keyTtlMs(
                        key.ttlSeconds().isPresent(), key.ttlSeconds().orElse(0)));
        return guard.ofWorkflow(
                request.caller(),
                id,
                () -> closed.workflow(
                        request.caller().orgId(),
                        id,
                        sender.ask(Shards.of(id), sender.command(request).setSignalWorkflow(signal))
                                .thenApply(reply -> SignalWorkflowResponse.newBuilder()
                                        .setSignalEventSequence(
                                                reply.getSignalAccepted().getSequence())
                                        .build()),
                        status -> {
                            throw notOpen("an open workflow execution", id, status);
                        }));
    }

    /** Appends a signal to the open execution bound to the workflow id, which is started first where there is none. */
    public CompletableFuture<SignalWithStartWorkflowResponse> signalWithStart(
            Request request, SignalWithStartWorkflowRequest asked) {
        return signalWithStart(request, asked, "");
    }

    /**
     * Appends a signal to the open execution bound to the workflow id, which is started first where there is none.
     *
     * @param signalKey by which the signal is known if it is sent again, as long as the key of the start lives; empty: none
     */
    public CompletableFuture<SignalWithStartWorkflowResponse> signalWithStart(
            Request request, SignalWithStartWorkflowRequest asked, String signalKey) {
        checks.org(request.caller(), asked.getOrgId());
        String key = checks.name("workflow_id", asked.getWorkflowId());
        // The execution that the key stands for may be of any queue and kind, and only the engine finds it.
        ScopeGuard.onlyWhole(request.caller(), "a workflow_id may stand for a workflow of another queue or kind");
        UUID id = newExecutionId(request, key);
        StartWorkflow.Builder start = StartWorkflow.newBuilder()
                .setExecutionId(Ids.toByteString(id))
                .setKind(checks.name("workflow_kind", asked.getWorkflowKind()))
                .setInput(checks.json("workflow_input", asked.getWorkflowInput()))
                .putAllMetadata(checks.metadata(asked.getMetadataMap()))
                .setQueue(checks.queue(asked.getQueue()))
                .setPrioritySeconds(asked.getPrioritySeconds())
                .setWorkflowVersion(checks.nameOrEmpty("workflow_version", asked.getWorkflowVersion()))
                .setIdempotencyKey(key)
                .setIdempotencyKeyTtlMs(
                        checks.keyTtlMs(asked.hasIdempotencyKeyTtlSeconds(), asked.getIdempotencyKeyTtlSeconds()))
                .setRetentionMs(settings.retention().toMillis());
        SignalWithStart.Builder body = SignalWithStart.newBuilder()
                .setStart(start)
                .setSignalName(checks.name("signal_name", asked.getSignalName()))
                .setSignalValue(checks.json("signal_value", asked.getSignalValue()))
                .setMaxSignals(settings.maxSignals())
                .setSignalIdempotencyKey(checks.nameOrEmpty("idempotency_key", signalKey));
        return quotas.startsUnlessFound(
                        request.caller(),
                        () -> reads.signalledUnder(request.caller().orgId(), key, signalKey))
                .thenCompose(mayStart ->
                        sender.ask(Shards.of(id), sender.command(request).setSignalWithStart(body)))
                .thenApply(reply -> {
                    ReplyRecord.WorkflowStarted started = reply.getWorkflowStarted();
                    if (!started.getCreated()) {
                        quotas.startedNone(request.caller());
                    }
                    return SignalWithStartWorkflowResponse.newBuilder()
                            .setWorkflowExecutionId(
                                    Ids.fromBytes(started.getExecutionId()).toString())
                            .setWorkflowCreated(started.getCreated())
                            .setSignalEventSequence(started.getSignalSequence())
                            .build();
                });
    }

    /**
     * Cancels an execution, whatever its worker does, or asks for an approval where one is needed.
     *
     * @return whether that changed anything: an execution that is closed stays as it is
     */
    public CompletableFuture<Cancellation> cancel(Request request, String executionId, String reason) {
        return cancel(request, executionId, reason, Ending.AT_ONCE);
    }

    /**
     * Cancels an execution, or asks for an approval where one is needed.
     *
     * @param how how long its worker has to end it, and as what it was seen
     * @return whether that changed anything: an execution that is closed stays as it is
     */
    public CompletableFuture<Cancellation> cancel(Request request, String executionId, String reason, Ending how) {
        UUID id = checks.id("id", executionId);
        checks.durationMs("forceAfterMs", how.forceAfterMs());
        Request because = request.because(checks.reason(reason));
        return approvals
                .askWith(because, ApprovalAction.CANCEL, id, how.parameters())
                .thenCompose(pending -> pending.isPresent()
                        ? CompletableFuture.completedFuture(Cancellation.asked(pending.get()))
                        : cancel(because, id, how).thenApply(Cancellation::done));
    }

    /**
     * Ends an execution at once, without a word to its worker, or asks for an approval where one is needed.
     *
     * @param expectedSequence last of its history as the caller saw it; 0: whatever it is
     * @return whether that changed anything: an execution that is closed stays as it is
     */
    public CompletableFuture<Cancellation> terminate(
            Request request, String executionId, String reason, int expectedSequence) {
        UUID id = checks.id("id", executionId);
        Request because = request.because(checks.reason(reason));
        return approvals
                .askWith(because, ApprovalAction.TERMINATE, id, new Ending(0, expectedSequence).parameters())
                .thenCompose(pending -> pending.isPresent()
                        ? CompletableFuture.completedFuture(Cancellation.asked(pending.get()))
                        : terminate(because, id, expectedSequence).thenApply(Cancellation::done));
    }

    /**
     * Lets an execution go on in a new run, or asks for an approval where one is needed.
     *
     * @param how from where it goes on
     * @return the new run, and what happens again in it
     */
    public CompletableFuture<Resetting> reset(Request request, String executionId, String reason, Reset how) {
        UUID id = checks.id("id", executionId);
        Request because = request.because(checks.reason(reason));
        how.input().ifPresent(input -> checks.json("input", input));
        if (how.point() == ResetPoint.SEQUENCE && how.sequence() < 1) {
            throw RefusedException.invalid(
                    "expected the number of the last event that is kept, 1 or more, as toEvent, but got "
                            + (how.sequence() == 0 ? "none" : how.sequence()));
        }
        // What is only asked for, and what has failed already, ends nothing.
        boolean endsNothing = how.dryRun() || how.point() == ResetPoint.LAST_GOOD_POINT;
        if (endsNothing) {
            return reset(because, id, how);
        }
        if (how.input().isPresent() && approvals.isNeeded(because, ApprovalAction.RESET)) {
            throw RefusedException.invalid(
                    "expected no input, since somebody else has to approve the restart first and requests"
                            + " for an approval keep no payloads, but there is one: start the workflow anew with it");
        }
        return approvals
                .askWith(because, ApprovalAction.RESET, id, how.parameters())
                .thenCompose(pending -> {
                    if (pending.isPresent()) {
                        return CompletableFuture.completedFuture(Resetting.asked(pending.get()));
                    }
                    return reset(because, id, how);
                });
    }

    private CompletableFuture<Resetting> reset(Request because, UUID id, Reset how) {
        ResetWorkflow.Builder reset = ResetWorkflow.newBuilder()
                .setExecutionId(Ids.toByteString(id))
                .setNewExecutionId(Ids.toByteString(Shards.newIdBeside(id)))
                .setPoint(how.point())
                .setSequence(how.sequence())
                .setEventType(how.eventType())
                .setDryRun(how.dryRun())
                .setReason(because.reason())
                .setRequestedBy(because.caller().principal().getId())
                .setExpectedSequence(how.expectedSequence())
                .setKeyTtlMs(checks.keyTtlMs(false, 0));
        how.input().ifPresent(input -> reset.setInput(input).setOtherInput(true));
        return closed.workflow(
                because.caller().orgId(),
                id,
                sender.askIfKnown(
                                "let workflows go on in a new run",
                                Shards.of(id),
                                sender.command(because).setResetWorkflow(reset))
                        .thenApply(reply -> Resetting.done(reply.getWorkflowReset())),
                status -> {
                    throw new RefusedException(
                            RefusalReason.FAILED_PRECONDITION,
                            "expected a workflow execution whose history is still in the dispatcher's stores"
                                    + " (limits.closed_retention), but " + id + " is " + status
                                    + " and has left them: start it anew");
                });
    }

    /**
     * Lets nothing of an execution be handed out.
     *
     * @param expectedSequence last of its history as the caller saw it; 0: whatever it is
     * @return whether that changed anything: it may be paused already
     */
    public CompletableFuture<Boolean> pause(Request request, String executionId, String reason, int expectedSequence) {
        UUID id = checks.id("id", executionId);
        Request because = request.because(checks.reason(reason));
        return held(
                because,
                id,
                sender.command(because)
                        .setPauseWorkflow(PauseWorkflow.newBuilder()
                                .setExecutionId(Ids.toByteString(id))
                                .setReason(because.reason())
                                .setRequestedBy(because.caller().principal().getId())
                                .setExpectedSequence(expectedSequence)));
    }

    /**
     * Lets a paused execution be handed out again.
     *
     * @param expectedSequence last of its history as the caller saw it; 0: whatever it is
     * @return whether it was paused
     */
    public CompletableFuture<Boolean> resume(Request request, String executionId, String reason, int expectedSequence) {
        UUID id = checks.id("id", executionId);
        Request because = request.because(checks.shortText("reason", reason));
        return held(
                because,
                id,
                sender.command(because)
                        .setResumeWorkflow(ResumeWorkflow.newBuilder()
                                .setExecutionId(Ids.toByteString(id))
                                .setReason(because.reason())
                                .setRequestedBy(because.caller().principal().getId())
                                .setExpectedSequence(expectedSequence)));
    }

    /**
     * Notes something about an execution, open or ended.
     *
     * @param text one line
     */
    public CompletableFuture<Void> annotate(Request request, String executionId, String text) {
        UUID id = checks.id("id", executionId);
        if (text.isBlank() || text.length() > MOST_ANNOTATION || text.chars().anyMatch(Character::isISOControl)) {
            throw RefusedException.invalid("expected one line of 1 to " + MOST_ANNOTATION
                    + " characters as text, but it is empty, longer, or has others");
        }
        AnnotateWorkflow.Builder annotate = AnnotateWorkflow.newBuilder()
                .setExecutionId(Ids.toByteString(id))
                .setText(text)
                .setRequestedBy(request.caller().principal().getId());
        return guard.ofWorkflow(
                request.caller(),
                id,
                () -> closed.workflow(
                        request.caller().orgId(),
                        id,
                        sender.askIfKnown(
                                        "annotate workflows",
                                        Shards.of(id),
                                        sender.command(request).setAnnotateWorkflow(annotate))
                                .thenAccept(reply -> {}),
                        status -> {
                            throw new RefusedException(
                                    RefusalReason.FAILED_PRECONDITION,
                                    "expected a workflow execution that is still in the dispatcher's stores"
                                            + " (limits.closed_retention), but " + id + " is " + status
                                            + " and has left them: its chain of events is closed");
                        }));
    }

    private CompletableFuture<Boolean> held(Request because, UUID id, CommandRecord.Builder command) {
        return closed.workflow(
                because.caller().orgId(),
                id,
                sender.askIfKnown("pause workflows", Shards.of(id), command)
                        .thenApply(reply -> reply.getAccepted().getChanged()),
                status -> {
                    throw notOpen("an open workflow execution", id, status);
                });
    }

    private CompletableFuture<Boolean> terminate(Request because, UUID id, int expectedSequence) {
        TerminateWorkflow.Builder terminate = TerminateWorkflow.newBuilder()
                .setExecutionId(Ids.toByteString(id))
                .setReason(because.reason())
                .setRequestedBy(because.caller().principal().getId())
                .setExpectedSequence(expectedSequence);
        return ended(
                because,
                id,
                sender.askIfKnown(
                        "terminate workflows",
                        Shards.of(id),
                        sender.command(because).setTerminateWorkflow(terminate)));
    }

    private CompletableFuture<Boolean> cancel(Request because, UUID id, Ending how) {
        if (how.equals(Ending.AT_ONCE)) {
            return cancel(because, id);
        }
        RequestCancellation.Builder cancel = RequestCancellation.newBuilder()
                .setExecutionId(Ids.toByteString(id))
                .setReason(because.reason())
                .setRequestedBy(because.caller().principal().getId())
                .setForceAfterMs(how.forceAfterMs())
                .setExpectedSequence(how.expectedSequence());
        return ended(
                because,
                id,
                sender.askIfKnown(
                        "cancel workflows after a time, or only as they were seen",
                        Shards.of(id),
                        sender.command(because).setRequestCancellation(cancel)));
    }

    private CompletableFuture<Boolean> ended(Request because, UUID id, CompletableFuture<ReplyRecord> reply) {
        return closed.workflow(
                because.caller().orgId(),
                id,
                reply.thenApply(answer -> answer.getAccepted().getChanged()),
                status -> false);
    }

    /** As above, without asking anybody else. */
    CompletableFuture<Boolean> cancel(Request because, UUID id) {
        CancelWorkflow.Builder cancel = CancelWorkflow.newBuilder()
                .setExecutionId(Ids.toByteString(id))
                .setReason(because.reason())
                .setRequestedBy(because.caller().principal().getId());
        return ended(
                because, id, sender.ask(Shards.of(id), sender.command(because).setCancelWorkflow(cancel)));
    }

    private CompletableFuture<StartWorkflowResponse> send(Request request, UUID id, StartWorkflow.Builder start) {
        return sender.ask(Shards.of(id), sender.command(request).setStartWorkflow(start))
                .thenApply(reply -> {
                    ReplyRecord.WorkflowStarted started = reply.getWorkflowStarted();
                    if (started.getIdempotencyKeyUsed() && !started.getIdempotencyKeyNew()) {
                        quotas.startedNone(request.caller());
                    }
                    return StartWorkflowResponse.newBuilder()
                            .setWorkflowExecutionId(
                                    Ids.fromBytes(started.getExecutionId()).toString())
                            .setIdempotencyKeyUsed(started.getIdempotencyKeyUsed())
                            .setIdempotencyKeyNew(started.getIdempotencyKeyNew())
                            .build();
                });
    }

    private CompletableFuture<ExecutionView> parent(Request request, UUID parentId) {
        UUID orgId = request.caller().orgId();
        CompletableFuture<ExecutionView> live = guard.ofWorkflow(
                        request.caller(), parentId, () -> reads.execution(orgId, parentId))
                .thenApply(parent -> parent.orElseThrow(() -> RefusedException.notFound(
                        "expected a workflow execution as parent, but there is none of the id " + parentId)));
        return closed.workflow(orgId, parentId, live, status -> {
                    throw notOpen("an open workflow execution as parent", parentId, status);
                })
                .thenApply(parent -> {
                    if (ClosedExecutions.is(parent.getStatus())) {
                        throw notOpen("an open workflow execution as parent", parentId, parent.getStatus());
                    }
                    return parent;
                });
    }

    private static RefusedException notOpen(String expected, UUID id, ExecutionStatus status) {
        return new RefusedException(
                RefusalReason.FAILED_PRECONDITION, "expected " + expected + ", but " + id + " is " + status);
    }

    /** All starts with one key meet in one partition, which alone decides which of them is the first. */
    private static UUID newExecutionId(Request request, String key) {
        return key.isEmpty()
                ? Shards.newId()
                : Shards.newId(Shards.of(request.caller().orgId(), key));
    }
}
