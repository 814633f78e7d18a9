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
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Reads wherever the owner of the partition is: in memory when it is this very node, by gRPC otherwise. A read that meets a
 * partition on the move, or a node that still starts, is tried again for a while: workers take a history that cannot be read
 * for an empty one, and report the end of a task once.
 */
public final class RoutedReads implements Reads, AutoCloseable {

    private static final long FIRST_PAUSE_MS = 25;
    private static final long LONGEST_PAUSE_MS = 500;

    private final LocalReads local;
    private final Directory directory;
    private final int partitions;
    private final Duration patience;
    private final Duration reportPatience;
    private final Map<Address, RemoteReads> remotes = new ConcurrentHashMap<>();
    private final ScheduledExecutorService later = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("millrace-reads").daemon(true).factory());

    private record Address(String host, int port) {}

    /**
     * @param local this node's own stores, or null
     * @param directory knows who owns what
     * @param partitions of the commands topic
     * @param patience how long a read is tried while nobody serves its partition
     * @param reportPatience the same for looking for a task, which reports of its end may have to wait for
     */
    public RoutedReads(
            LocalReads local, Directory directory, int partitions, Duration patience, Duration reportPatience) {
        this.local = local;
        this.directory = directory;
        this.partitions = partitions;
        this.patience = patience;
        this.reportPatience = reportPatience;
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
        int home = Shards.partition(Shards.of(orgId, key), partitions);
        return at(home, patience, reads -> reads.findPromise(orgId, key));
    }

    @Override
    public CompletableFuture<Optional<TaskView>> findTask(UUID orgId, UUID taskId) {
        // The id of a standalone task says where it is.
        int home = Shards.partition(taskId, partitions);
        return at(home, reportPatience, reads -> reads.task(orgId, taskId, taskId))
                .thenCompose(standalone -> standalone.isPresent()
                        ? CompletableFuture.completedFuture(standalone)
                        : all(reportPatience, (reads, owned) -> reads.findTask(orgId, taskId, owned))
                                .thenApply(answers -> answers.stream()
                                        .flatMap(Optional::stream)
                                        .findFirst()));
    }

    @Override
    public CompletableFuture<ListQueuesResponse> queues(UUID orgId) {
        return all(patience, (reads, owned) -> reads.queues(orgId, owned)).thenApply(answers -> {
            ListQueuesResponse.Builder together = ListQueuesResponse.newBuilder();
            answers.forEach(answer -> together.addAllQueues(answer.getQueuesList()));
            return together.build();
        });
    }

    @Override
    public ExecutionWatch watch(WatchRequest request, Consumer<WatchStep> listener) {
        int partition = Shards.partition(Ids.fromBytes(request.getExecutionId()), partitions);
        NodeReads owner = owner(partition);
        return owner == null ? new LostWatch(listener) : owner.watch(request, listener);
    }

    private <T> CompletableFuture<T> of(UUID executionId, Function<NodeReads, CompletableFuture<T>> read) {
        return at(Shards.partition(executionId, partitions), patience, read);
    }

    private <T> CompletableFuture<T> at(
            int partition, Duration atMost, Function<NodeReads, CompletableFuture<T>> read) {
        return patiently(atMost, () -> {
            NodeReads owner = owner(partition);
            return owner == null ? unowned(partition) : read.apply(owner);
        });
    }

    /** Asks all nodes, each for the partitions that it is known to own. */
    private <T> CompletableFuture<List<T>> all(
            Duration atMost, BiFunction<NodeReads, Set<Integer>, CompletableFuture<T>> read) {
        return patiently(atMost, () -> {
            Map<NodeReads, Set<Integer>> owners = new LinkedHashMap<>();
            for (int partition = 0; partition < partitions; partition++) {
                NodeReads owner = owner(partition);
                if (owner == null) {
                    return unowned(partition);
                }
                owners.computeIfAbsent(owner, node -> new TreeSet<>()).add(partition);
            }
            List<CompletableFuture<T>> answers = new ArrayList<>();
            owners.forEach((owner, owned) -> answers.add(read.apply(owner, owned)));
            return CompletableFuture.allOf(answers.toArray(CompletableFuture[]::new))
                    .thenApply(done -> answers.stream().map(CompletableFuture::join).toList());
        });
    }

    private NodeReads owner(int partition) {
        if (local != null && local.owns(partition)) {
            return local;
        }
        return directory.dispatcherOf(partition).map(this::remote).orElse(null);
    }

    private static <T> CompletableFuture<T> unowned(int partition) {
        return CompletableFuture.failedFuture(new ReadsUnavailableException(
                "expected a dispatcher that owns partition " + partition + ", but none has said so yet"));
    }

    private <T> CompletableFuture<T> patiently(Duration atMost, Supplier<CompletableFuture<T>> read) {
        CompletableFuture<T> first = read.get();
        return first.isDone() && !first.isCompletedExceptionally()
                ? first // the common case, in memory: no further stage
                : again(first, read, System.nanoTime() + atMost.toNanos(), FIRST_PAUSE_MS);
    }

    private <T> CompletableFuture<T> again(
            CompletableFuture<T> last, Supplier<CompletableFuture<T>> read, long untilNanos, long pauseMs) {
        return last.exceptionallyCompose(failure -> {
            Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
            long leftMs = TimeUnit.NANOSECONDS.toMillis(untilNanos - System.nanoTime());
            if (!(cause instanceof ReadsUnavailableException) || leftMs <= 0) {
                return CompletableFuture.failedFuture(cause);
            }
            CompletableFuture<T> answer = new CompletableFuture<>();
            later.schedule(
                    () -> again(read.get(), read, untilNanos, Math.min(2 * pauseMs, LONGEST_PAUSE_MS))
                            .whenComplete((found, still) -> {
                                if (still == null) {
                                    answer.complete(found);
                                } else {
                                    answer.completeExceptionally(still);
                                }
                            }),
                    Math.min(pauseMs, leftMs),
                    TimeUnit.MILLISECONDS);
            return answer;
        });
    }

    private RemoteReads remote(DispatcherNode node) {
        return remotes.computeIfAbsent(address(node), a -> new RemoteReads(a.host(), a.port()));
    }

    private static Address address(DispatcherNode node) {
        return new Address(node.getHost(), node.getPort());
    }

    @Override
    public void close() {
        later.shutdownNow();
        remotes.values().forEach(RemoteReads::close);
    }
}
