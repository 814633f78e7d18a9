package io.millrace.proto.reads;

import io.millrace.proto.Ids;
import io.millrace.proto.Shards;
import io.millrace.proto.directory.Directory;
import io.millrace.proto.v1.DispatcherNode;
import io.millrace.proto.v1.ExecutionView;
import io.millrace.proto.v1.FindPromiseResponse;
import io.millrace.proto.v1.HistoryView;
import io.millrace.proto.v1.ListQueuesResponse;
import io.millrace.proto.v1.TaskView;
import io.millrace.proto.v1.WatchRequest;
import io.millrace.proto.v1.WatchStep;
import io.millrace.proto.v1.WorkflowStateView;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Reads wherever the owner of the partition is: in memory when it is this very node, by gRPC otherwise. A read that meets a
 * partition on the move is tried once more a moment later.
 */
public final class RoutedReads implements Reads, AutoCloseable {

    private static final long RETRY_MS = 250;

    private final LocalReads local;
    private final Directory directory;
    private final int partitions;
    private final Map<Address, RemoteReads> remotes = new ConcurrentHashMap<>();

    private record Address(String host, int port) {}

    /**
     * @param local this node's own stores, or null
     * @param directory knows who owns what
     * @param partitions of the commands topic
     */
    public RoutedReads(LocalReads local, Directory directory, int partitions) {
        this.local = local;
        this.directory = directory;
        this.partitions = partitions;
    }

    @Override
    public CompletableFuture<Optional<HistoryView>> history(UUID orgId, UUID executionId) {
        return of(executionId, reads -> reads.history(orgId, executionId));
    }

    @Override
    public CompletableFuture<Optional<ExecutionView>> execution(UUID orgId, UUID executionId) {
        return of(executionId, reads -> reads.execution(orgId, executionId));
    }

    @Override
    public CompletableFuture<Optional<WorkflowStateView>> workflowState(UUID orgId, UUID executionId) {
        return of(executionId, reads -> reads.workflowState(orgId, executionId));
    }

    @Override
    public CompletableFuture<Optional<TaskView>> task(UUID orgId, UUID executionId, UUID taskId) {
        return of(executionId, reads -> reads.task(orgId, executionId, taskId));
    }

    @Override
    public CompletableFuture<Optional<FindPromiseResponse>> findPromise(UUID orgId, String key) {
        return at(Shards.partition(Shards.of(orgId, key), partitions), reads -> reads.findPromise(orgId, key));
    }

    @Override
    public CompletableFuture<Optional<TaskView>> findTask(UUID orgId, UUID taskId) {
        // The id of a standalone task says where it is.
        return task(orgId, taskId, taskId).thenCompose(standalone -> standalone.isPresent()
                ? CompletableFuture.completedFuture(standalone)
                : all(reads -> reads.findTask(orgId, taskId)).thenApply(answers -> answers.stream()
                        .flatMap(Optional::stream)
                        .findFirst()));
    }

    @Override
    public CompletableFuture<ListQueuesResponse> queues(UUID orgId) {
        return all(reads -> reads.queues(orgId)).thenApply(answers -> {
            ListQueuesResponse.Builder together = ListQueuesResponse.newBuilder();
            answers.forEach(answer -> together.addAllQueues(answer.getQueuesList()));
            return together.build();
        });
    }

    @Override
    public ExecutionWatch watch(WatchRequest request, Consumer<WatchStep> listener) {
        int partition = Shards.partition(Ids.fromBytes(request.getExecutionId()), partitions);
        if (local != null && local.owns(partition)) {
            return local.watch(request, listener);
        }
        return directory
                .dispatcherOf(partition)
                .map(owner -> remote(owner).watch(request, listener))
                .orElseGet(() -> new LostWatch(listener));
    }

    private <T> CompletableFuture<T> of(UUID executionId, Function<Reads, CompletableFuture<T>> read) {
        return at(Shards.partition(executionId, partitions), read);
    }

    private <T> CompletableFuture<T> at(int partition, Function<Reads, CompletableFuture<T>> read) {
        CompletableFuture<T> first = once(partition, read);
        if (first.isDone() && !first.isCompletedExceptionally()) {
            return first; // the common case, in memory: no further stage
        }
        return first.exceptionallyCompose(failure -> {
            Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
            if (!(cause instanceof ReadsUnavailableException)) {
                return CompletableFuture.failedFuture(cause);
            }
            Executor later = CompletableFuture.delayedExecutor(RETRY_MS, TimeUnit.MILLISECONDS);
            return CompletableFuture.supplyAsync(() -> once(partition, read), later).thenCompose(Function.identity());
        });
    }

    private <T> CompletableFuture<T> once(int partition, Function<Reads, CompletableFuture<T>> read) {
        if (local != null && local.owns(partition)) {
            return read.apply(local);
        }
        Optional<DispatcherNode> owner = directory.dispatcherOf(partition);
        if (owner.isEmpty()) {
            return CompletableFuture.failedFuture(new ReadsUnavailableException(
                    "expected a dispatcher that owns partition " + partition + ", but none has said so yet"));
        }
        return read.apply(remote(owner.get()));
    }

    private <T> CompletableFuture<List<T>> all(Function<Reads, CompletableFuture<T>> read) {
        Map<Address, Reads> owners = new ConcurrentHashMap<>();
        List<CompletableFuture<T>> answers = new ArrayList<>();
        boolean askLocal = false;
        for (int partition = 0; partition < partitions; partition++) {
            if (local != null && local.owns(partition)) {
                askLocal = true;
                continue;
            }
            Optional<DispatcherNode> owner = directory.dispatcherOf(partition);
            if (owner.isEmpty()) {
                return CompletableFuture.failedFuture(new ReadsUnavailableException(
                        "expected a dispatcher that owns partition " + partition + ", but none has said so yet"));
            }
            owners.computeIfAbsent(address(owner.get()), a -> remote(owner.get()));
        }
        if (askLocal) {
            answers.add(read.apply(local));
        }
        owners.values().forEach(reads -> answers.add(read.apply(reads)));
        return CompletableFuture.allOf(answers.toArray(CompletableFuture[]::new))
                .thenApply(done -> answers.stream().map(CompletableFuture::join).toList());
    }

    private RemoteReads remote(DispatcherNode node) {
        return remotes.computeIfAbsent(address(node), a -> new RemoteReads(a.host(), a.port()));
    }

    private static Address address(DispatcherNode node) {
        return new Address(node.getHost(), node.getPort());
    }

    @Override
    public void close() {
        remotes.values().forEach(RemoteReads::close);
    }
}
