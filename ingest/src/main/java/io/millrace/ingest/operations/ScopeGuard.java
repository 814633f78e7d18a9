package io.millrace.ingest.operations;

import io.millrace.ingest.queries.ExecutionQueries;
import io.millrace.ingest.queries.ExecutionRow;
import io.millrace.ingest.queries.TaskRow;
import io.millrace.ingest.validation.Checks;
import io.millrace.ingest.validation.RefusedException;
import io.millrace.proto.auth.Caller;
import io.millrace.proto.auth.Scope;
import io.millrace.proto.reads.Reads;
import io.millrace.proto.v1.RefusalReason;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * Holds callers to the queues and kinds that their keys are for. Costs nothing where a key is for all; otherwise what a request
 * is about is read before it goes on. What is not there goes on too, and is then refused as not found. Safe from any thread,
 * never blocks.
 */
final class ScopeGuard {

    private final Reads reads;
    private final ExecutionQueries queries;
    private final TaskOwners owners;

    ScopeGuard(Reads reads, ExecutionQueries queries, TaskOwners owners) {
        this.reads = reads;
        this.queries = queries;
        this.owners = owners;
    }

    /**
     * Checks work that is to be started, or was found.
     *
     * @param what "a workflow", "a task"
     * @throws RefusedException PERMISSION_DENIED if the caller's key is not for it
     */
    static void check(Caller caller, String what, String queue, String kind) {
        Scope scope = caller.scope();
        if (!scope.hasQueue(queue) || !scope.hasKind(kind)) {
            throw denied(
                    caller,
                    "it is about " + what + " of the kind " + Checks.shown(kind) + " on the queue "
                            + Checks.shown(queue));
        }
    }

    /**
     * Refuses what cannot be told to be about work that the caller's key is for.
     *
     * @param found what was found instead, behind "but …"
     * @throws RefusedException PERMISSION_DENIED if the caller's key is not for all work
     */
    static void onlyWhole(Caller caller, String found) {
        if (!caller.scope().isWhole()) {
            throw denied(caller, found);
        }
    }

    /** @return what the action returns, or PERMISSION_DENIED where the workflow is not one that the key is for */
    <T> CompletableFuture<T> ofWorkflow(Caller caller, UUID id, Supplier<CompletableFuture<T>> action) {
        if (caller.scope().isWhole()) {
            return action.get();
        }
        return workflow(caller.orgId(), id).thenCompose(place -> {
            place.ifPresent(at -> check(caller, "a workflow", at.queue(), at.kind()));
            return action.get();
        });
    }

    /** The same for a task. */
    <T> CompletableFuture<T> ofTask(Caller caller, UUID id, Supplier<CompletableFuture<T>> action) {
        if (caller.scope().isWhole()) {
            return action.get();
        }
        return task(caller.orgId(), id).thenCompose(place -> {
            place.ifPresent(at -> check(caller, "a task", at.queue(), at.kind()));
            return action.get();
        });
    }

    private CompletableFuture<Optional<QueueAndKind>> workflow(UUID orgId, UUID id) {
        return reads.execution(orgId, id)
                .thenCompose(live -> live.isPresent()
                        ? CompletableFuture.completedFuture(
                                live.map(view -> new QueueAndKind(view.getQueue(), view.getKind())))
                        : queries.execution(orgId, id)
                                .thenApply(found -> found.map(detail -> QueueAndKind.of(detail.row()))));
    }

    private CompletableFuture<Optional<QueueAndKind>> task(UUID orgId, UUID id) {
        return owners.find(orgId, id)
                .thenCompose(live -> live.isPresent()
                        ? CompletableFuture.completedFuture(
                                live.map(view -> new QueueAndKind(view.getQueue(), view.getKind())))
                        : queries.task(orgId, id)
                                .thenApply(found -> found.map(detail -> QueueAndKind.of(detail.row()))));
    }

    private static RefusedException denied(Caller caller, String found) {
        return new RefusedException(
                RefusalReason.PERMISSION_DENIED,
                "expected a request about " + caller.scope() + ", which the key of "
                        + caller.principal().getId() + " is kept to, but " + found);
    }

    private record QueueAndKind(String queue, String kind) {

        static QueueAndKind of(ExecutionRow row) {
            return new QueueAndKind(row.queue(), row.kind());
        }

        static QueueAndKind of(TaskRow row) {
            return new QueueAndKind(row.queue(), row.kind());
        }
    }
}
