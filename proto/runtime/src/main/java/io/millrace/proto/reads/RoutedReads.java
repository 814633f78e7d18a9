package io.millrace.proto.reads;

import io.millrace.proto.Failures;
import io.millrace.proto.Ids;
import io.millrace.proto.Shards;
import io.millrace.proto.directory.Dispatchers;
import io.millrace.proto.thread.Recurring;
import io.millrace.proto.v1.DispatcherNode;
import io.millrace.proto.v1.ExecutionView;
import io.millrace.proto.v1.FindPromiseResponse;
import io.millrace.proto.v1.HistoryView;
import io.millrace.proto.v1.ListPoliciesResponse;
import io.millrace.proto.v1.ListQueuesResponse;
import io.millrace.proto.v1.TaskView;
import io.millrace.proto.v1.WatchRequest;
import io.millrace.proto.v1.WatchStep;
import io.millrace.proto.v1.WhyView;
import io.millrace.proto.v1.WorkSubject;
import io.millrace.proto.v1.WorkflowStateView;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Reads wherever the owner of the partition is: in memory if it is this very node, by gRPC otherwise. A read is tried
 * again for a while if the partition is on the move, or the node still starts. A failed read would do harm. Workers
 * take a history that cannot be read for an empty one, and they report the end of a task only once.
 */
public final class RoutedReads implements Reads, AutoCloseable {

    private static final long FIRST_PAUSE_MS = 25;
    private static final long LONGEST_PAUSE_MS = 500;
    private static final Duration FORGET = Duration.ofSeconds(60);

    private final @Nullable LocalReads local;
    private final Dispatchers directory;
    private final NodeChannels channels;
    private final int partitions;
    private final Duration patience;
    private final Duration reportPatience;
    private final Map<Address, RemoteNode> remotes = new ConcurrentHashMap<>();
    private final ScheduledExecutorService later = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("millrace-reads").daemon(true).factory());
    private volatile boolean closed;

    private record Address(String host, int port) {}

    /** Stands for this very node. */
    private static final Optional<Address> HERE = Optional.of(new Address("", 0));

    /**
     * @param local this node's own stores, or null
     * @param directory knows which node owns which partition
     * @param channels how other nodes are reached
     * @param partitions number of partitions of the commands topic
     * @param patience how long a read is tried while nobody serves its partition
     * @param reportPatience the same, for looking up a task that a worker reports as ended
     */
    public RoutedReads(
            @Nullable LocalReads local,
            Dispatchers directory,
            NodeChannels channels,
            int partitions,
            Duration patience,
            Duration reportPatience) {
        this.local = local;
        this.directory = directory;
        this.channels = channels;
        this.partitions = partitions;
        this.patience = patience;
        this.reportPatience = reportPatience;
        Recurring.start(
                later, FORGET, FORGET, "could not let go of connections to nodes that are gone", this::forgetGone);
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
    public CompletableFuture<Optional<WhyView>> why(UUID orgId, UUID executionId) {
        return of(executionId, reads -> reads.why(orgId, executionId));
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
    public CompletableFuture<Optional<UUID>> startedUnder(UUID orgId, String key) {
        int home = Shards.partition(Shards.of(orgId, key), partitions);
        return at(home, patience, reads -> reads.startedUnder(orgId, key));
    }

    @Override
    public CompletableFuture<Optional<UUID>> signalledUnder(UUID orgId, String key, String signalKey) {
        int home = Shards.partition(Shards.of(orgId, key), partitions);
        return at(home, patience, reads -> reads.signalledUnder(orgId, key, signalKey));
    }

    @Override
    public CompletableFuture<Optional<UUID>> newestRun(UUID orgId, UUID executionId) {
        return at(Shards.partition(executionId, partitions), patience, reads -> reads.newestRun(orgId, executionId));
    }

    @Override
    public CompletableFuture<Optional<UUID>> promiseHome(UUID orgId, UUID promiseId) {
        return at(Shards.partition(promiseId, partitions), patience, reads -> reads.promiseHome(orgId, promiseId));
    }

    @Override
    public CompletableFuture<Optional<TaskView>> findTask(UUID orgId, UUID taskId) {
        long untilNanos = System.nanoTime() + reportPatience.toNanos();
        // The id of a standalone task says where it is. Of any other it says nothing, so its partition need not be
        // there, and its owner may hang: it gets a part of the time only.
        int home = Shards.partition(taskId, partitions);
        Function<NodeReads, CompletableFuture<Optional<TaskView>>> standalone =
                reads -> reads.task(orgId, taskId, taskId);
        return applied(left -> once(home, left, standalone), reportPatience.dividedBy(3))
                .handle((found, failure) -> failure == null && found.isPresent()
                        ? CompletableFuture.completedFuture(found)
                        : any(
                                left(untilNanos),
                                (reads, owned) -> failure != null && owned.contains(home)
                                        ? standalone
                                                .apply(reads)
                                                .thenCompose(late -> late.isPresent()
                                                        ? CompletableFuture.completedFuture(late)
                                                        : reads.findTask(orgId, taskId, owned))
                                        : reads.findTask(orgId, taskId, owned)))
                .thenCompose(Function.identity());
    }

    @Override
    public CompletableFuture<ListQueuesResponse> queues(UUID orgId, QueuePart.Asked asked) {
        return all(patience, (reads, owned) -> reads.queues(orgId, owned, asked))
                .thenApply(answers -> QueuePart.together(asked, answers));
    }

    @Override
    public CompletableFuture<ListPoliciesResponse> policies(UUID orgId, @Nullable WorkSubject subject) {
        return all(patience, (reads, owned) -> reads.policies(orgId, owned, subject))
                .thenApply(answers -> {
                    ListPoliciesResponse.Builder all = ListPoliciesResponse.newBuilder();
                    answers.forEach(answer -> all.addAllPolicies(answer.getPoliciesList()));
                    return all.build();
                });
    }

    @Override
    public ExecutionWatch watch(WatchRequest request, Consumer<WatchStep> listener) {
        int partition = Shards.partition(Ids.fromBytes(request.getExecutionId()), partitions);
        return owner(partition)
                .map(owner -> reads(owner, patience).watch(request, listener))
                .orElseGet(() -> new LostWatch(listener));
    }

    private <T> CompletableFuture<T> of(UUID executionId, Function<NodeReads, CompletableFuture<T>> read) {
        return at(Shards.partition(executionId, partitions), patience, read);
    }

    private <T> CompletableFuture<T> at(
            int partition, Duration atMost, Function<NodeReads, CompletableFuture<T>> read) {
        return patiently(atMost, left -> once(partition, left, read));
    }

    private <T> CompletableFuture<T> once(
            int partition, Duration left, Function<NodeReads, CompletableFuture<T>> read) {
        return owner(partition).map(owner -> read.apply(reads(owner, left))).orElseGet(() -> unowned(partition));
    }

    /**
     * Asks all nodes for what is in one partition only, each for the partitions that it is known to own. The first that has it is
     * enough; that nobody has it is known once all have said so. Who has said so is not asked again.
     */
    private <T> CompletableFuture<Optional<T>> any(
            Duration atMost, BiFunction<NodeReads, Set<Integer>, CompletableFuture<Optional<T>>> read) {
        Set<Integer> unknown = ConcurrentHashMap.newKeySet();
        for (int partition = 0; partition < partitions; partition++) {
            unknown.add(partition);
        }
        return patiently(atMost, left -> {
            CompletableFuture<Optional<T>> found = new CompletableFuture<>();
            Map<Address, Set<Integer>> owners = new LinkedHashMap<>();
            List<CompletableFuture<?>> answers = new ArrayList<>();
            for (int partition : new TreeSet<>(unknown)) {
                owner(partition)
                        .ifPresentOrElse(
                                owner -> owners.computeIfAbsent(owner, node -> new TreeSet<>())
                                        .add(partition),
                                () -> answers.add(unowned(partition)));
            }
            owners.forEach((owner, owned) -> answers.add(applied(time -> read.apply(reads(owner, time), owned), left)
                    .thenAccept(answer -> {
                        if (answer.isPresent()) {
                            found.complete(answer);
                        } else {
                            unknown.removeAll(owned);
                        }
                    })));
            CompletableFuture.allOf(answers.toArray(CompletableFuture[]::new)).whenComplete((done, failure) -> {
                if (failure == null) {
                    found.complete(Optional.empty());
                } else {
                    found.completeExceptionally(Failures.cause(failure));
                }
            });
            return found;
        });
    }

    /** Asks all nodes, each for the partitions that it is known to own. */
    private <T> CompletableFuture<List<T>> all(
            Duration atMost, BiFunction<NodeReads, Set<Integer>, CompletableFuture<T>> read) {
        return patiently(atMost, left -> {
            Map<Address, Set<Integer>> owners = new LinkedHashMap<>();
            for (int partition = 0; partition < partitions; partition++) {
                Optional<Address> owner = owner(partition);
                if (owner.isEmpty()) {
                    return unowned(partition);
                }
                owners.computeIfAbsent(owner.get(), node -> new TreeSet<>()).add(partition);
            }
            List<CompletableFuture<T>> answers = new ArrayList<>();
            owners.forEach((owner, owned) -> answers.add(read.apply(reads(owner, left), owned)));
            return CompletableFuture.allOf(answers.toArray(CompletableFuture[]::new))
                    .thenApply(done ->
                            answers.stream().map(CompletableFuture::resultNow).toList());
        });
    }

    private Optional<Address> owner(int partition) {
        return local != null && local.owns(partition)
                ? HERE
                : directory.dispatcherOf(partition).map(RoutedReads::address);
    }

    private NodeReads reads(Address owner, Duration left) {
        return owner == HERE.get()
                ? Objects.requireNonNull(local, "stores of this node")
                : remotes.computeIfAbsent(owner, a -> new RemoteNode(channels.to(a.host(), a.port())))
                        .within(left);
    }

    private static <T> CompletableFuture<T> unowned(int partition) {
        return CompletableFuture.failedFuture(new ReadsUnavailableException(
                "expected a dispatcher that owns partition " + partition + ", but it moves, or none has said so yet"));
    }

    private <T> CompletableFuture<T> patiently(Duration atMost, Function<Duration, CompletableFuture<T>> read) {
        CompletableFuture<T> first = applied(read, atMost);
        return first.isDone() && !first.isCompletedExceptionally()
                ? first // the common case, in memory: no further stage
                : again(first, read, System.nanoTime() + atMost.toNanos(), FIRST_PAUSE_MS);
    }

    private <T> CompletableFuture<T> again(
            CompletableFuture<T> last, Function<Duration, CompletableFuture<T>> read, long untilNanos, long pauseMs) {
        return last.exceptionallyCompose(failure -> {
            Throwable cause = Failures.cause(failure);
            long leftMs = left(untilNanos).toMillis();
            if (closed || !(cause instanceof ReadsUnavailableException) || leftMs < FIRST_PAUSE_MS) {
                return CompletableFuture.failedFuture(cause);
            }
            long restMs = Math.min(pauseMs, leftMs / 2); // so that time is left for the read itself
            CompletableFuture<T> answer = new CompletableFuture<>();
            Runnable next = () -> again(
                            applied(read, left(untilNanos)), read, untilNanos, Math.min(2 * pauseMs, LONGEST_PAUSE_MS))
                    .whenComplete((found, still) -> {
                        if (still == null) {
                            answer.complete(found);
                        } else {
                            answer.completeExceptionally(still);
                        }
                    });
            try {
                later.schedule(next, restMs, TimeUnit.MILLISECONDS);
            } catch (RejectedExecutionException e) {
                return CompletableFuture.failedFuture(cause); // this node stops
            }
            return answer;
        });
    }

    /** As the read, but an exception that it throws becomes the failure of the returned future. */
    private static <T> CompletableFuture<T> applied(Function<Duration, CompletableFuture<T>> read, Duration left) {
        try {
            return read.apply(left);
        } catch (Throwable e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private static Duration left(long untilNanos) {
        return Duration.ofNanos(Math.max(0, untilNanos - System.nanoTime()));
    }

    /** Closes the connections to nodes that own nothing any more, or have another address now. */
    void forgetGone() {
        Set<Address> present =
                directory.dispatchers().stream().map(RoutedReads::address).collect(Collectors.toSet());
        remotes.forEach((address, node) -> {
            if (!present.contains(address) && remotes.remove(address, node)) {
                node.close();
            }
        });
    }

    /** @return number of connections to other nodes that are kept */
    int remotes() {
        return remotes.size();
    }

    private static Address address(DispatcherNode node) {
        return new Address(node.getHost(), node.getPort());
    }

    /** Reads that wait for their next try fail when their pause is over. */
    @Override
    public void close() {
        closed = true;
        later.shutdown();
        remotes.values().forEach(RemoteNode::closeNow);
    }
}
