package io.millrace.ingest.operations;

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
import io.millrace.proto.v1.ExecutionView;
import io.millrace.proto.v1.ReplyRecord;
import io.millrace.proto.v1.SignalWithStart;
import io.millrace.proto.v1.SignalWorkflow;
import io.millrace.proto.v1.StartWorkflow;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

/**
 * Starts workflow executions, and signals them. Safe from any thread, never blocks; a request that does not pass the checks throws
 * {@link RefusedException}.
 */
public final class StartOperations {

    private final CommandSender sender;
    private final Checks checks;
    private final StampedSettings settings;
    private final Reads reads;
    private final ClosedExecutions closed;
    private final ScopeGuard guard;
    private final Quotas quotas;

    StartOperations(
            CommandSender sender,
            Checks checks,
            StampedSettings settings,
            Reads reads,
            ClosedExecutions closed,
            ScopeGuard guard,
            Quotas quotas) {
        this.sender = sender;
        this.checks = checks;
        this.settings = settings;
        this.reads = reads;
        this.closed = closed;
        this.guard = guard;
        this.quotas = quotas;
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
                            throw ClosedExecutions.notOpen("an open workflow execution", id, status);
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
                    throw ClosedExecutions.notOpen("an open workflow execution as parent", parentId, status);
                })
                .thenApply(parent -> {
                    if (ClosedExecutions.is(parent.getStatus())) {
                        throw ClosedExecutions.notOpen(
                                "an open workflow execution as parent", parentId, parent.getStatus());
                    }
                    return parent;
                });
    }

    /** All starts with one key meet in one partition, which alone decides which of them is the first. */
    private static UUID newExecutionId(Request request, String key) {
        return key.isEmpty()
                ? Shards.newId()
                : Shards.newId(Shards.of(request.caller().orgId(), key));
    }
}
