package io.millrace.proto.reads;

import io.grpc.Channel;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import io.millrace.proto.Ids;
import io.millrace.proto.v1.DispatcherReadsGrpc;
import io.millrace.proto.v1.DispatcherReadsGrpc.DispatcherReadsStub;
import io.millrace.proto.v1.ExecutionView;
import io.millrace.proto.v1.FindPromiseRequest;
import io.millrace.proto.v1.FindPromiseResponse;
import io.millrace.proto.v1.FindWorkflowRequest;
import io.millrace.proto.v1.FindWorkflowResponse;
import io.millrace.proto.v1.HistoryView;
import io.millrace.proto.v1.ListPoliciesRequest;
import io.millrace.proto.v1.ListPoliciesResponse;
import io.millrace.proto.v1.ListQueuesRequest;
import io.millrace.proto.v1.ListQueuesResponse;
import io.millrace.proto.v1.ReadRequest;
import io.millrace.proto.v1.ReadTaskRequest;
import io.millrace.proto.v1.TaskView;
import io.millrace.proto.v1.WatchRequest;
import io.millrace.proto.v1.WatchStep;
import io.millrace.proto.v1.WhyView;
import io.millrace.proto.v1.WorkSubject;
import io.millrace.proto.v1.WorkflowStateView;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Reads from the dispatcher of another node. Any thread; futures complete on gRPC's threads. */
final class RemoteReads implements NodeReads {

    private final Channel channel;
    private final Duration atMost;

    /** @param atMost how long a read may take; watches may take longer */
    RemoteReads(Channel channel, Duration atMost) {
        this.channel = channel;
        this.atMost = atMost;
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
    public CompletableFuture<Optional<WhyView>> why(UUID orgId, UUID executionId) {
        return call((stub, observer) -> stub.getWhy(request(orgId, executionId), observer));
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
    public CompletableFuture<Optional<UUID>> startedUnder(UUID orgId, String key) {
        return findWorkflow(FindWorkflowRequest.newBuilder()
                .setOrgId(Ids.toByteString(orgId))
                .setKey(key)
                .build());
    }

    @Override
    public CompletableFuture<Optional<UUID>> signalledUnder(UUID orgId, String key, String signalKey) {
        return findWorkflow(FindWorkflowRequest.newBuilder()
                .setOrgId(Ids.toByteString(orgId))
                .setKey(key)
                .setForSignal(true)
                .setSignalKey(signalKey)
                .build());
    }

    @Override
    public CompletableFuture<Optional<UUID>> newestRun(UUID orgId, UUID executionId) {
        return findWorkflow(FindWorkflowRequest.newBuilder()
                .setOrgId(Ids.toByteString(orgId))
                .setRun(Ids.toByteString(executionId))
                .build());
    }

    private CompletableFuture<Optional<UUID>> findWorkflow(FindWorkflowRequest request) {
        return this.<FindWorkflowResponse>call((stub, observer) -> stub.findWorkflow(request, observer))
                .thenApply(found -> found.map(workflow -> Ids.fromBytes(workflow.getExecutionId())));
    }

    @Override
    public CompletableFuture<Optional<UUID>> promiseHome(UUID orgId, UUID promiseId) {
        FindPromiseRequest request = FindPromiseRequest.newBuilder()
                .setOrgId(Ids.toByteString(orgId))
                .setPromiseId(Ids.toByteString(promiseId))
                .build();
        return this.<FindPromiseResponse>call((stub, observer) -> stub.findPromise(request, observer))
                .thenApply(found -> found.map(promise -> Ids.fromBytes(promise.getExecutionId())));
    }

    @Override
    public CompletableFuture<ListQueuesResponse> queues(UUID orgId, Set<Integer> partitions, QueuePart.Asked asked) {
        ListQueuesRequest.Builder request = ListQueuesRequest.newBuilder()
                .setOrgId(Ids.toByteString(orgId))
                .addAllPartitions(partitions)
                .setLimit(asked.limit());
        if (asked.after() != null) {
            request.setAfterQueue(asked.after().queue())
                    .setAfterWorkType(asked.after().workType());
        }
        return this.<ListQueuesResponse>call((stub, observer) -> stub.listQueues(request.build(), observer))
                .thenApply(found -> found.orElseGet(ListQueuesResponse::getDefaultInstance));
    }

    @Override
    public CompletableFuture<ListPoliciesResponse> policies(
            UUID orgId, Set<Integer> partitions, @Nullable WorkSubject subject) {
        ListPoliciesRequest.Builder request = ListPoliciesRequest.newBuilder()
                .setOrgId(Ids.toByteString(orgId))
                .addAllPartitions(partitions);
        if (subject != null) {
            request.setSubject(subject);
        }
        return this.<ListPoliciesResponse>call((stub, observer) -> stub.listPolicies(request.build(), observer))
                .thenApply(found -> found.orElseGet(ListPoliciesResponse::getDefaultInstance));
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
                DispatcherReadsGrpc.newStub(channel).withDeadlineAfter(atMost.toMillis(), TimeUnit.MILLISECONDS);
        method.accept(stub, new StreamObserver<>() {
            @Override
            public void onNext(T value) {
                answer.complete(Optional.of(value));
            }

            @Override
            public void onError(Throwable failure) {
                if (Status.fromThrowable(failure).getCode() == Status.Code.NOT_FOUND) {
                    answer.complete(Optional.empty());
                } else {
                    answer.completeExceptionally(meaning(failure));
                }
            }

            @Override
            public void onCompleted() {}
        });
        return answer;
    }

    /**
     * What a caller is told of a failed read, without gRPC's own words. Every failure may be tried again, unless it is
     * known to last. A node that stops ends its calls in several ways, and a broken connection does so in more.
     */
    private RuntimeException meaning(Throwable failure) {
        return switch (Status.fromThrowable(failure).getCode()) {
            case UNKNOWN,
                    RESOURCE_EXHAUSTED,
                    INVALID_ARGUMENT,
                    DATA_LOSS,
                    OUT_OF_RANGE,
                    FAILED_PRECONDITION,
                    ALREADY_EXISTS,
                    PERMISSION_DENIED,
                    UNAUTHENTICATED ->
                new IllegalStateException("expected the owning dispatcher to read, but it could not", failure);
            case DEADLINE_EXCEEDED ->
                new ReadsUnavailableException(
                        "expected the owning dispatcher to answer within " + atMost.toMillis() + " ms, but it did not",
                        failure);
            // A node that has just started does not know the method yet.
            case UNAVAILABLE, CANCELLED, ABORTED, INTERNAL, UNIMPLEMENTED, OK, NOT_FOUND ->
                new ReadsUnavailableException(
                        "expected the owning dispatcher to answer, but it stops, moves its partition or cannot be reached",
                        failure);
        };
    }
}
