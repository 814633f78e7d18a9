package io.millrace.infra.bench;

import com.google.protobuf.ByteString;
import com.google.protobuf.Empty;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import io.millrace.proto.flovyn.v1.*;
import io.millrace.proto.v1.AwaitEndRequest;
import io.millrace.proto.v1.AwaitEndResponse;
import io.millrace.proto.v1.ExecutionResultsGrpc;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The clients of a benchmark: workers and starters over one channel. They are asynchronous, since they share the
 * machine with the server. Any thread; futures complete on gRPC's threads, which must not be blocked.
 */
public final class BenchClient implements AutoCloseable {

    /** Organisation of the development default. */
    public static final String ORG = "550e8400-e29b-41d4-a716-446655440000";

    private static final int FLOW_CONTROL_WINDOW = 1 << 20;

    private static final Metadata.Key<String> AUTHORIZATION =
            Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

    private final String org;
    private final ManagedChannel channel;
    private final WorkflowDispatchGrpc.WorkflowDispatchStub workflows;
    private final TaskExecutionGrpc.TaskExecutionStub tasks;
    private final WorkerLifecycleGrpc.WorkerLifecycleStub workers;
    private final ExecutionResultsGrpc.ExecutionResultsStub results;

    /** Connects with the development default's worker key. */
    public BenchClient(String host, int port) {
        this(host, port, ORG, "fwt_dev_worker");
    }

    /** Connects for an organisation, with a worker's key of it. */
    public BenchClient(String host, int port, String org, String key) {
        this.org = org;
        // Retries are off, so that a failed call shows. The window is fixed, since pings would be sent to find a better
        // one.
        channel = NettyChannelBuilder.forAddress(host, port)
                .usePlaintext()
                .directExecutor()
                .disableRetry()
                .flowControlWindow(FLOW_CONTROL_WINDOW)
                .build();
        Metadata header = new Metadata();
        header.put(AUTHORIZATION, "Bearer " + key);
        var interceptor = MetadataUtils.newAttachHeadersInterceptor(header);
        workflows = WorkflowDispatchGrpc.newStub(channel).withInterceptors(interceptor);
        tasks = TaskExecutionGrpc.newStub(channel).withInterceptors(interceptor);
        workers = WorkerLifecycleGrpc.newStub(channel).withInterceptors(interceptor);
        results = ExecutionResultsGrpc.newStub(channel).withInterceptors(interceptor);
    }

    /**
     * Registers a worker for a workflow kind and a task kind.
     *
     * @return its id
     */
    public String register(String name, String workflowKind, String taskKind) {
        return this.<WorkerRegistrationRequest, WorkerRegistrationResponse>call(
                        workers::registerWorker,
                        WorkerRegistrationRequest.newBuilder()
                                .setWorkerName(name)
                                .setWorkerVersion("1.0.0")
                                .setWorkerType("UNIFIED")
                                .setOrgId(org)
                                .addWorkflows(WorkflowCapability.newBuilder()
                                        .setKind(workflowKind)
                                        .setName(workflowKind))
                                .addTasks(TaskCapability.newBuilder()
                                        .setKind(taskKind)
                                        .setName(taskKind))
                                .build())
                .join()
                .getWorkerId();
    }

    /**
     * Starts a workflow.
     *
     * @return its id
     */
    public CompletableFuture<String> start(String kind, String queue) {
        return start(kind, queue, "{\"n\":1}");
    }

    /**
     * Starts a workflow with an input.
     *
     * @return its id
     */
    public CompletableFuture<String> start(String kind, String queue, String input) {
        return start(request(kind, queue, input));
    }

    /**
     * Starts a workflow, or finds the one that was started with this idempotency key.
     *
     * @return its id
     */
    public CompletableFuture<String> startOnce(String kind, String queue, String key) {
        return start(request(kind, queue, "{\"n\":1}").setIdempotencyKey(key));
    }

    /**
     * Starts a workflow with an input, or finds the one that was started with this idempotency key.
     *
     * @return its id
     */
    public CompletableFuture<String> startOnce(String kind, String queue, String key, String input) {
        return start(request(kind, queue, input).setIdempotencyKey(key));
    }

    private StartWorkflowRequest.Builder request(String kind, String queue, String input) {
        return StartWorkflowRequest.newBuilder()
                .setOrgId(org)
                .setWorkflowKind(kind)
                .setQueue(queue)
                .setInput(ByteString.copyFromUtf8(input));
    }

    private CompletableFuture<String> start(StartWorkflowRequest.Builder request) {
        return this.<StartWorkflowRequest, StartWorkflowResponse>call(workflows::startWorkflow, request.build())
                .thenApply(StartWorkflowResponse::getWorkflowExecutionId);
    }

    /** Parks a poll for a workflow, for half a minute at the most. */
    public CompletableFuture<PollResponse> pollWorkflow(String workerId, String queue) {
        return pollWorkflow(workerId, queue, 30);
    }

    /** Parks a poll for a workflow. */
    public CompletableFuture<PollResponse> pollWorkflow(String workerId, String queue, int seconds) {
        return call(
                workflows::pollWorkflow,
                PollRequest.newBuilder()
                        .setWorkerId(workerId)
                        .setOrgId(org)
                        .setQueue(queue)
                        .setTimeoutSeconds(seconds)
                        .build());
    }

    /** Parks a poll for a task. */
    public CompletableFuture<PollTaskResponse> pollTask(String workerId, String queue) {
        return call(
                tasks::pollTask,
                PollTaskRequest.newBuilder()
                        .setWorkerId(workerId)
                        .setOrgId(org)
                        .setQueue(queue)
                        .setTimeoutSeconds(30)
                        .build());
    }

    /** Waits until a workflow has ended, for half a minute at the most. */
    public CompletableFuture<AwaitEndResponse> awaitEnd(String executionId) {
        return call(
                results::awaitEnd,
                AwaitEndRequest.newBuilder()
                        .setWorkflowExecutionId(executionId)
                        .setWaitMs(30_000)
                        .build());
    }

    /** Reads a history. */
    public CompletableFuture<GetEventsResponse> events(String executionId) {
        return call(
                workflows::getEvents,
                GetEventsRequest.newBuilder()
                        .setWorkflowExecutionId(executionId)
                        .build());
    }

    /** Submits what a worker decided. */
    public CompletableFuture<Empty> submit(String executionId, WorkflowStatus status, WorkflowCommand... commands) {
        SubmitWorkflowCommandsRequest.Builder request = SubmitWorkflowCommandsRequest.newBuilder()
                .setWorkflowExecutionId(executionId)
                .setStatus(status);
        for (WorkflowCommand command : commands) {
            request.addCommands(command);
        }
        return call(workflows::submitWorkflowCommands, request.build());
    }

    /** Completes a workflow. */
    public CompletableFuture<Empty> complete(String executionId) {
        return complete(executionId, "{\"n\":2}");
    }

    /** Completes a workflow with an output. */
    public CompletableFuture<Empty> complete(String executionId, String output) {
        return submit(
                executionId,
                WorkflowStatus.COMPLETED,
                WorkflowCommand.newBuilder()
                        .setCommandType(CommandType.COMPLETE_WORKFLOW)
                        .setSequenceNumber(1)
                        .setCompleteWorkflow(
                                CompleteWorkflowCommand.newBuilder().setOutput(ByteString.copyFromUtf8(output)))
                        .build());
    }

    /** Completes a task. */
    public CompletableFuture<Empty> completeTask(String taskId) {
        return call(
                tasks::completeTask,
                CompleteTaskRequest.newBuilder()
                        .setTaskExecutionId(taskId)
                        .setOutput(ByteString.copyFromUtf8("{\"ok\":true}"))
                        .build());
    }

    /** Signals a workflow. */
    public CompletableFuture<SignalWorkflowResponse> signal(String executionId) {
        return call(
                workflows::signalWorkflow,
                SignalWorkflowRequest.newBuilder()
                        .setOrgId(org)
                        .setWorkflowExecutionId(executionId)
                        .setSignalName("go")
                        .setSignalValue(ByteString.copyFromUtf8("1"))
                        .build());
    }

    /** Resolves a promise by {@code <execution>:<name>}. */
    public CompletableFuture<Empty> resolve(String promise) {
        return call(
                workflows::resolvePromise,
                ResolvePromiseRequest.newBuilder()
                        .setPromiseId(promise)
                        .setValue(ByteString.copyFromUtf8("1"))
                        .build());
    }

    /** Subscribes to a queue. */
    public void subscribe(String workerId, String queue, StreamObserver<WorkAvailableEvent> observer) {
        workflows.subscribeToNotifications(
                SubscriptionRequest.newBuilder()
                        .setWorkerId(workerId)
                        .setOrgId(org)
                        .setQueue(queue)
                        .build(),
                observer);
    }

    private <Q, A> CompletableFuture<A> call(BiConsumer<Q, StreamObserver<A>> method, Q request) {
        CompletableFuture<A> answer = new CompletableFuture<>();
        method.accept(request, new StreamObserver<>() {
            private @Nullable A value;

            @Override
            public void onNext(A next) {
                value = next;
            }

            @Override
            public void onError(Throwable failure) {
                answer.completeExceptionally(failure);
            }

            @Override
            public void onCompleted() {
                answer.complete(value);
            }
        });
        return answer;
    }

    @Override
    public void close() {
        channel.shutdownNow();
        try {
            channel.awaitTermination(5, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
