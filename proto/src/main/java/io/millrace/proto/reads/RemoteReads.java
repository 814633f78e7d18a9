package io.millrace.proto.reads;

import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import io.millrace.proto.Ids;
import io.millrace.proto.kafka.ClientSettings;
import io.millrace.proto.v1.DispatcherReadsGrpc;
import io.millrace.proto.v1.DispatcherReadsGrpc.DispatcherReadsStub;
import io.millrace.proto.v1.ExecutionView;
import io.millrace.proto.v1.FindPromiseRequest;
import io.millrace.proto.v1.FindPromiseResponse;
import io.millrace.proto.v1.HistoryView;
import io.millrace.proto.v1.ListQueuesRequest;
import io.millrace.proto.v1.ListQueuesResponse;
import io.millrace.proto.v1.ReadRequest;
import io.millrace.proto.v1.ReadTaskRequest;
import io.millrace.proto.v1.TaskView;
import io.millrace.proto.v1.WatchRequest;
import io.millrace.proto.v1.WatchStep;
import io.millrace.proto.v1.WorkflowStateView;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/** Reads from the dispatcher of another node. Any thread; futures complete on gRPC's. */
final class RemoteReads implements NodeReads, AutoCloseable {

    private static final long DEADLINE_MS = 2_000;
    private static final int KEEP_ALIVE_SECONDS = 20;

    private final ManagedChannel channel;

    RemoteReads(String host, int port) {
        this.channel = ManagedChannelBuilder.forAddress(host, port)
                .usePlaintext()
                .directExecutor()
                .maxInboundMessageSize(ClientSettings.MAX_MESSAGE_BYTES)
                // A node that is gone without a word must not be watched for ever.
                .keepAliveTime(KEEP_ALIVE_SECONDS, TimeUnit.SECONDS)
                .keepAliveTimeout(KEEP_ALIVE_SECONDS / 2, TimeUnit.SECONDS)
                .build();
    }

    @Override
    public CompletableFuture<Optional<HistoryView>> history(UUID orgId, UUID executionId) {
        return call((stub, observer) -> stub.getHistory(request(orgId, executionId), observer));
    }

    @Override
    public CompletableFuture<Optional<ExecutionView>> execution(UUID orgId, UUID executionId) {
        return call((stub, observer) -> stub.getExecution(request(orgId, executionId), observer));
    }

    @Override
    public CompletableFuture<Optional<WorkflowStateView>> workflowState(UUID orgId, UUID executionId) {
        return call((stub, observer) -> stub.getWorkflowState(request(orgId, executionId), observer));
    }

    @Override
    public CompletableFuture<Optional<TaskView>> task(UUID orgId, UUID executionId, UUID taskId) {
        ReadTaskRequest request = ReadTaskRequest.newBuilder()
                .setOrgId(Ids.toByteString(orgId))
                .setExecutionId(Ids.toByteString(executionId))
                .setTaskId(Ids.toByteString(taskId))
                .build();
        return call((stub, observer) -> stub.getTask(request, observer));
    }

    @Override
    public CompletableFuture<Optional<TaskView>> findTask(UUID orgId, UUID taskId, Set<Integer> partitions) {
        ReadTaskRequest request = ReadTaskRequest.newBuilder()
                .setOrgId(Ids.toByteString(orgId))
                .setTaskId(Ids.toByteString(taskId))
                .addAllPartitions(partitions)
                .build();
        return call((stub, observer) -> stub.findTask(request, observer));
    }

    @Override
    public CompletableFuture<Optional<FindPromiseResponse>> findPromise(UUID orgId, String key) {
        FindPromiseRequest request = FindPromiseRequest.newBuilder()
                .setOrgId(Ids.toByteString(orgId))
                .setKey(key)
                .build();
        return call((stub, observer) -> stub.findPromise(request, observer));
    }

    @Override
    public CompletableFuture<ListQueuesResponse> queues(UUID orgId, Set<Integer> partitions) {
        ListQueuesRequest request = ListQueuesRequest.newBuilder()
                .setOrgId(Ids.toByteString(orgId))
                .addAllPartitions(partitions)
                .build();
        return this.<ListQueuesResponse>call((stub, observer) -> stub.listQueues(request, observer))
                .thenApply(found -> found.orElseGet(ListQueuesResponse::getDefaultInstance));
    }

    @Override
    public ExecutionWatch watch(WatchRequest request, Consumer<WatchStep> listener) {
        RemoteWatch watch = new RemoteWatch(listener);
        DispatcherReadsGrpc.newStub(channel).watch(request, watch);
        return watch;
    }

    private static ReadRequest request(UUID orgId, UUID executionId) {
        return ReadRequest.newBuilder()
                .setOrgId(Ids.toByteString(orgId))
                .setExecutionId(Ids.toByteString(executionId))
                .build();
    }

    private <T> CompletableFuture<Optional<T>> call(BiConsumer<DispatcherReadsStub, StreamObserver<T>> method) {
        CompletableFuture<Optional<T>> answer = new CompletableFuture<>();
        DispatcherReadsStub stub =
                DispatcherReadsGrpc.newStub(channel).withDeadlineAfter(DEADLINE_MS, TimeUnit.MILLISECONDS);
        method.accept(stub, new StreamObserver<>() {
            @Override
            public void onNext(T value) {
                answer.complete(Optional.of(value));
            }

            @Override
            public void onError(Throwable failure) {
                Status status = Status.fromThrowable(failure);
                switch (status.getCode()) {
                    case NOT_FOUND -> answer.complete(Optional.empty());
                    case UNAVAILABLE, DEADLINE_EXCEEDED -> answer.completeExceptionally(new ReadsUnavailableException(
                            "expected the owning dispatcher to answer, but " + status.getDescription(), failure));
                    default -> answer.completeExceptionally(new StatusRuntimeException(status));
                }
            }

            @Override
            public void onCompleted() {}
        });
        return answer;
    }

    @Override
    public void close() {
        channel.shutdownNow();
    }
}
