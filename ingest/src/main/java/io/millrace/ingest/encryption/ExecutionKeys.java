package io.millrace.ingest.encryption;

import com.google.protobuf.ByteString;
import io.millrace.ingest.validation.RefusedException;
import io.millrace.proto.reads.Reads;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

/**
 * Which data key is an execution's: the one by which its input is encrypted. So a child has that of its parent, from whom its
 * input came. It is remembered where this node learnt it lately; otherwise the dispatcher is asked. Safe from any thread, never
 * blocks.
 */
final class ExecutionKeys {

    private static final int REMEMBERED = 100_000;

    private final Encryption encryption;
    private final Reads reads;
    private final Map<Execution, UUID> known = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Execution, UUID> eldest) {
            return size() > REMEMBERED;
        }
    };

    /** Ids come from callers: one organisation may name an execution of another. */
    private record Execution(UUID orgId, UUID id) {}

    ExecutionKeys(Encryption encryption, Reads reads) {
        this.encryption = encryption;
        this.reads = reads;
    }

    /** Notes whose key is which. */
    void remember(UUID orgId, UUID executionId, UUID keyId) {
        synchronized (known) {
            known.put(new Execution(orgId, executionId), keyId);
        }
    }

    /**
     * @param executionId a workflow, or a standalone task
     * @return its key; one that began before its organisation encrypted gets one of its own now. Fails with a NOT_FOUND where the
     *     organisation has no such execution, and as {@link DataKeys#find} does
     */
    CompletableFuture<DataKey> of(UUID orgId, UUID executionId) {
        UUID remembered;
        synchronized (known) {
            remembered = known.get(new Execution(orgId, executionId));
        }
        if (remembered != null) {
            return encryption.keys().find(orgId, remembered);
        }
        return found(orgId, executionId).thenCompose(execution -> {
            Set<UUID> ids = Decryption.keysIn(execution.input());
            CompletableFuture<DataKey> key = ids.isEmpty()
                    ? encryption.keys().ofOwner(orgId, new Owner.Execution(execution.id()))
                    : encryption.keys().find(orgId, ids.iterator().next());
            return key.thenApply(found -> {
                remember(orgId, executionId, found.id());
                return found;
            });
        });
    }

    private record Found(UUID id, ByteString input) {}

    private CompletableFuture<Found> found(UUID orgId, UUID executionId) {
        return workflow(orgId, executionId)
                .thenCompose(workflow -> workflow.isPresent()
                        ? CompletableFuture.completedFuture(workflow)
                        : reads.task(orgId, executionId, executionId)
                                .thenApply(task -> task.map(found -> new Found(executionId, found.getInput()))))
                .thenCompose(found ->
                        found.isPresent() ? CompletableFuture.completedFuture(found) : newestRun(orgId, executionId))
                .thenApply(found -> found.orElseThrow(() -> RefusedException.notFound(
                        "expected an execution of your organisation, but there is none of the id " + executionId)));
    }

    private CompletableFuture<Optional<Found>> workflow(UUID orgId, UUID executionId) {
        return reads.execution(orgId, executionId)
                .thenApply(workflow -> workflow.map(found -> new Found(executionId, found.getInput())));
    }

    /** What is said to a run that has left is said to the newest one of its workflow. */
    private CompletableFuture<Optional<Found>> newestRun(UUID orgId, UUID executionId) {
        return reads.newestRun(orgId, executionId)
                .thenCompose(newest -> newest.map(id -> workflow(orgId, id))
                        .orElse(CompletableFuture.completedFuture(Optional.empty())));
    }

    /** @return the workflow of a promise; fails with a NOT_FOUND where the organisation has no such promise */
    CompletableFuture<UUID> homeOfPromise(UUID orgId, UUID promiseId) {
        return reads.promiseHome(orgId, promiseId)
                .thenApply(home -> home.orElseThrow(() -> RefusedException.notFound(
                        "expected a promise of your organisation whose workflow is there, but there is none of the id "
                                + promiseId)));
    }
}
