package io.millrace.dispatcher.reads;

import io.millrace.dispatcher.codec.PolicyCodec;
import io.millrace.dispatcher.codec.ViewEncoder;
import io.millrace.dispatcher.engine.event.Event.KeyUse;
import io.millrace.dispatcher.engine.state.Changes;
import io.millrace.dispatcher.engine.state.Execution;
import io.millrace.dispatcher.engine.state.KeyBinding;
import io.millrace.dispatcher.engine.store.StorageClosedException;
import io.millrace.dispatcher.engine.store.StorageException;
import io.millrace.dispatcher.partition.Partition;
import io.millrace.dispatcher.partition.Partitions;
import io.millrace.dispatcher.partition.StoreGate;
import io.millrace.dispatcher.partition.TenureState;
import io.millrace.proto.Ids;
import io.millrace.proto.Shards;
import io.millrace.proto.reads.ExecutionWatch;
import io.millrace.proto.reads.LocalReads;
import io.millrace.proto.reads.LostWatch;
import io.millrace.proto.reads.QueuePart;
import io.millrace.proto.reads.ReadsUnavailableException;
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
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Reads from the state of this node's partitions. What the engine holds in memory is answered on the calling thread,
 * which may be an event loop. What needs a look-up in RocksDB is read by threads that may wait.
 */
public final class StateReads implements LocalReads {

    private final Partitions partitions;
    private final int partitionCount;
    private final Executor pump;
    private final Readers readers;

    /**
     * Reads from these partitions of so many.
     *
     * @param pump where watches read and tell; may have several threads
     * @param readers where stores are read
     */
    public StateReads(Partitions partitions, int partitionCount, Executor pump, Readers readers) {
        this.partitions = partitions;
        this.partitionCount = partitionCount;
        this.pump = pump;
        this.readers = readers;
    }

    @Override
    public boolean owns(int partition) {
        Partition there = partitions.get(partition);
        return there != null && there.tenure().reads();
    }

    @Override
    public CompletableFuture<Optional<HistoryView>> history(UUID orgId, UUID executionId) {
        return read(
                executionId,
                partition -> partition
                        .views()
                        .story(
                                state -> workflow(state.standing(executionId), orgId),
                                Function.identity(),
                                0,
                                executionId)
                        .map(story -> ViewEncoder.history(story.history())));
    }

    @Override
    public CompletableFuture<Optional<ExecutionView>> execution(UUID orgId, UUID executionId) {
        return read(
                executionId,
                partition -> partition
                        .views()
                        .take(
                                state ->
                                        workflow(state.view(executionId), orgId).map(ViewEncoder::execution),
                                executionId));
    }

    @Override
    public CompletableFuture<Optional<WorkflowStateView>> workflowState(UUID orgId, UUID executionId) {
        return read(
                executionId,
                partition -> partition
                        .views()
                        .take(state -> workflow(state.view(executionId), orgId).map(ViewEncoder::state), executionId));
    }

    @Override
    public CompletableFuture<Optional<WhyView>> why(UUID orgId, UUID executionId) {
        return read(executionId, partition -> WhyEncoder.why(partition.views(), orgId, executionId));
    }

    @Override
    public CompletableFuture<Optional<TaskView>> task(UUID orgId, UUID executionId, UUID taskId) {
        return read(executionId, partition -> task(partition, orgId, executionId, taskId));
    }

    @Override
    public CompletableFuture<Optional<TaskView>> findTask(UUID orgId, UUID taskId, Set<Integer> among) {
        return guarded(() -> {
            for (int number : among) {
                Optional<TaskView> found = from(number, partition -> {
                    UUID home = partition.views().take(state -> state.taskHome(orgId, taskId), taskId);
                    return home == null ? Optional.empty() : task(partition, orgId, home, taskId);
                });
                if (found.isPresent()) {
                    return found;
                }
            }
            return Optional.empty();
        });
    }

    @Override
    public CompletableFuture<Optional<FindPromiseResponse>> findPromise(UUID orgId, String key) {
        int number = Shards.partition(Shards.of(orgId, key), partitionCount);
        return guarded(() -> from(number, partition -> {
            KeyBinding binding =
                    partition.views().take(state -> state.key(KeyUse.PROMISE, orgId, key), Changes.ofKey(key));
            return binding == null || binding.expiresMs() <= partition.timeMs()
                    ? Optional.empty()
                    : Optional.of(FindPromiseResponse.newBuilder()
                            .setExecutionId(Ids.toByteString(
                                    Objects.requireNonNull(binding.executionId(), "execution of a promise")))
                            .setPromiseId(Ids.toByteString(binding.targetId()))
                            .setPromiseName(binding.detail())
                            .build());
        }));
    }

    @Override
    public CompletableFuture<Optional<UUID>> startedUnder(UUID orgId, String key) {
        int number = Shards.partition(Shards.of(orgId, key), partitionCount);
        return guarded(() -> from(
                number,
                partition -> bound(partition, KeyUse.WORKFLOW, orgId, key)
                        .filter(binding -> binding.expiresMs() > partition.timeMs())
                        .map(KeyBinding::targetId)));
    }

    @Override
    public CompletableFuture<Optional<UUID>> signalledUnder(UUID orgId, String key, String signalKey) {
        int number = Shards.partition(Shards.of(orgId, key), partitionCount);
        String signal = KeyBinding.ofSignal(key, signalKey);
        return guarded(() -> from(number, partition -> {
            Optional<UUID> sent = signal.isEmpty()
                    ? Optional.empty()
                    : bound(partition, KeyUse.SIGNAL, orgId, signal)
                            .filter(binding -> binding.expiresMs() > partition.timeMs())
                            .map(KeyBinding::targetId);
            return sent.or(() -> bound(partition, KeyUse.WORKFLOW, orgId, key)
                    .map(KeyBinding::targetId)
                    .filter(id -> partition
                            .views()
                            .take(
                                    state -> workflow(state.view(id), orgId)
                                            .filter(execution ->
                                                    !execution.status().terminal())
                                            .isPresent(),
                                    id)));
        }));
    }

    private static Optional<KeyBinding> bound(Partition partition, KeyUse use, UUID orgId, String key) {
        return partition.views().take(state -> Optional.ofNullable(state.key(use, orgId, key)), Changes.ofKey(key));
    }

    @Override
    public CompletableFuture<Optional<UUID>> newestRun(UUID orgId, UUID executionId) {
        return read(
                executionId,
                partition -> partition
                        .views()
                        .take(
                                state -> workflow(state.view(state.newestRun(executionId)), orgId)
                                        .map(Execution::id),
                                executionId));
    }

    @Override
    public CompletableFuture<Optional<UUID>> promiseHome(UUID orgId, UUID promiseId) {
        int number = Shards.partition(promiseId, partitionCount);
        return guarded(() -> from(
                number,
                partition -> partition
                        .views()
                        .take(
                                state -> Optional.ofNullable(state.promiseHome(promiseId))
                                        .map(home -> state.view(home) == null ? state.newestRun(home) : home)
                                        .filter(home -> workflow(state.view(home), orgId)
                                                .isPresent()),
                                promiseId)));
    }

    @Override
    public ExecutionWatch watch(WatchRequest request, Consumer<WatchStep> listener) {
        Partition partition = partitions.get(Shards.partition(Ids.fromBytes(request.getExecutionId()), partitionCount));
        return partition == null || !partition.tenure().reads()
                ? new LostWatch(listener)
                : new StateWatch(partition, pump, request, listener).begin();
    }

    @Override
    public CompletableFuture<ListQueuesResponse> queues(UUID orgId, Set<Integer> among, QueuePart.Asked asked) {
        return guarded(() -> {
            QueuePart part = new QueuePart(asked);
            among.forEach(number -> owned(number).queues().forEach(queue -> {
                if (queue.orgId().equals(orgId)) {
                    part.add(queue.view());
                }
            }));
            return part.response();
        });
    }

    @Override
    public CompletableFuture<ListPoliciesResponse> policies(
            UUID orgId, Set<Integer> among, @Nullable WorkSubject subject) {
        return guarded(() -> {
            ListPoliciesResponse.Builder all = ListPoliciesResponse.newBuilder();
            for (int number : among) {
                Partition partition = owned(number);
                partition
                        .views()
                        .take(
                                state -> PolicyCodec.followed(
                                        state.policies(),
                                        orgId,
                                        number,
                                        partitionCount,
                                        about -> partition.inHand(orgId, about)),
                                orgId)
                        .stream()
                        .filter(followed -> subject == null || subject.equals(followed.getSubject()))
                        .forEach(all::addPolicies);
            }
            return all.build();
        });
    }

    /** @return the execution, if it is a workflow of the organisation */
    static Optional<Execution> workflow(@Nullable Execution execution, UUID orgId) {
        return execution == null
                        || execution.header().standaloneTask()
                        || !execution.header().orgId().equals(orgId)
                ? Optional.empty()
                : Optional.of(execution);
    }

    static Optional<TaskView> task(Partition partition, UUID orgId, UUID executionId, UUID taskId) {
        return partition
                .views()
                .take(
                        state -> {
                            Execution home = state.view(executionId);
                            if (home == null || !home.header().orgId().equals(orgId)) {
                                return Optional.empty();
                            }
                            return Optional.ofNullable(state.viewTask(home, taskId))
                                    .map(task -> ViewEncoder.task(home, task));
                        },
                        executionId);
    }

    private <T> CompletableFuture<T> read(UUID executionId, Function<Partition, T> read) {
        return guarded(() -> from(Shards.partition(executionId, partitionCount), read));
    }

    private <T> T from(int number, Function<Partition, T> read) {
        Partition partition = owned(number);
        try {
            return read.apply(partition);
        } catch (StorageClosedException e) {
            throw e; // its partition is moving
        } catch (StorageException e) {
            partition.doubt(() -> read.apply(partition));
            throw e;
        }
    }

    private Partition owned(int number) {
        Partition partition = partitions.get(number);
        if (partition == null) {
            throw new ReadsUnavailableException(
                    "expected partition " + number + " here, but this node does not own it");
        }
        TenureState tenure = partition.tenure();
        if (!tenure.reads()) {
            throw new ReadsUnavailableException(
                    "expected to own partition " + number + ", but the tenure of this node is " + tenure);
        }
        return partition;
    }

    private <T> CompletableFuture<T> guarded(Supplier<T> read) {
        try {
            return CompletableFuture.completedFuture(StoreGate.shut(read));
        } catch (StoreGate.ShutException e) {
            return readers.read(() -> moving(read));
        } catch (RuntimeException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private static <T> T moving(Supplier<T> read) {
        try {
            return read.get();
        } catch (StorageClosedException e) {
            throw new ReadsUnavailableException("expected an open store, but its partition is moving", e);
        }
    }
}
