package io.millrace.infra.testing;

import com.google.protobuf.ByteString;
import io.grpc.CallCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.millrace.ingest.config.Access;
import io.millrace.proto.flovyn.v1.CommandType;
import io.millrace.proto.flovyn.v1.CompleteWorkflowCommand;
import io.millrace.proto.flovyn.v1.GetEventsRequest;
import io.millrace.proto.flovyn.v1.PollRequest;
import io.millrace.proto.flovyn.v1.PollResponse;
import io.millrace.proto.flovyn.v1.StartWorkflowRequest;
import io.millrace.proto.flovyn.v1.SubmitWorkflowCommandsRequest;
import io.millrace.proto.flovyn.v1.TaskExecutionGrpc;
import io.millrace.proto.flovyn.v1.WorkerLifecycleGrpc;
import io.millrace.proto.flovyn.v1.WorkflowCommand;
import io.millrace.proto.flovyn.v1.WorkflowDispatchGrpc;
import io.millrace.proto.flovyn.v1.WorkflowEvent;
import io.millrace.proto.flovyn.v1.WorkflowStatus;
import io.millrace.proto.v1.AwaitEndRequest;
import io.millrace.proto.v1.AwaitEndResponse;
import io.millrace.proto.v1.ExecutionResultsGrpc;
import io.millrace.proto.v1.WorkflowRunsGrpc;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A connection with an API key, and the calls that tests make most often. Blocking; safe from any thread. */
public final class TestClient implements AutoCloseable {

    private static final Metadata.Key<String> AUTHORIZATION =
            Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);
    private static final long CALL_LIMIT_S = 120;

    private final ManagedChannel channel;
    private final @Nullable CallCredentials key;

    /** @param key sent as bearer token with each call; null: no key is sent */
    public TestClient(int port, @Nullable String key) {
        this.channel =
                NettyChannelBuilder.forAddress("127.0.0.1", port).usePlaintext().build();
        this.key = key == null ? null : new BearerKey(key);
    }

    /** @return stub with the key and a deadline */
    public WorkflowDispatchGrpc.WorkflowDispatchBlockingStub workflows() {
        return WorkflowDispatchGrpc.newBlockingStub(channel)
                .withCallCredentials(key)
                .withDeadlineAfter(CALL_LIMIT_S, TimeUnit.SECONDS);
    }

    /** @return stub with the key and no deadline, for polls and subscriptions that stay open */
    public WorkflowDispatchGrpc.WorkflowDispatchStub openWorkflows() {
        return WorkflowDispatchGrpc.newStub(channel).withCallCredentials(key);
    }

    /** @return stub with the key and a deadline */
    public TaskExecutionGrpc.TaskExecutionBlockingStub tasks() {
        return TaskExecutionGrpc.newBlockingStub(channel)
                .withCallCredentials(key)
                .withDeadlineAfter(CALL_LIMIT_S, TimeUnit.SECONDS);
    }

    /** @return stub with the key and a deadline */
    public WorkerLifecycleGrpc.WorkerLifecycleBlockingStub workers() {
        return WorkerLifecycleGrpc.newBlockingStub(channel)
                .withCallCredentials(key)
                .withDeadlineAfter(CALL_LIMIT_S, TimeUnit.SECONDS);
    }

    /** @return stub with the key and a deadline */
    public ExecutionResultsGrpc.ExecutionResultsBlockingStub results() {
        return ExecutionResultsGrpc.newBlockingStub(channel)
                .withCallCredentials(key)
                .withDeadlineAfter(CALL_LIMIT_S, TimeUnit.SECONDS);
    }

    /** @return stub with the key and a deadline */
    public WorkflowRunsGrpc.WorkflowRunsBlockingStub runs() {
        return WorkflowRunsGrpc.newBlockingStub(channel)
                .withCallCredentials(key)
                .withDeadlineAfter(CALL_LIMIT_S, TimeUnit.SECONDS);
    }

    /** @return how the workflow ended, or how it stands after half a minute */
    public AwaitEndResponse awaitEnd(String executionId) {
        return results()
                .awaitEnd(AwaitEndRequest.newBuilder()
                        .setWorkflowExecutionId(executionId)
                        .setWaitMs(30_000)
                        .build());
    }

    /** @return credentials that send the key with a call */
    public @Nullable CallCredentials key() {
        return key;
    }

    /** @return the connection without a key */
    public ManagedChannel channel() {
        return channel;
    }

    /** @return id of the new execution, with {@code {"n":1}} as its input */
    public String start(String kind, String queue) {
        return workflows().startWorkflow(startRequest(kind, queue).build()).getWorkflowExecutionId();
    }

    /** @return a request to change and send */
    public static StartWorkflowRequest.Builder startRequest(String kind, String queue) {
        return StartWorkflowRequest.newBuilder()
                .setOrgId(Access.DEV_ORG.toString())
                .setWorkflowKind(kind)
                .setQueue(queue)
                .setInput(ByteString.copyFromUtf8("{\"n\":1}"));
    }

    /** @return the work, if some came within the time */
    public Optional<io.millrace.proto.flovyn.v1.WorkflowExecution> poll(String worker, String queue, int seconds) {
        PollResponse response = workflows().pollWorkflow(pollRequest(worker, queue, seconds));
        return response.hasWorkflowExecution() ? Optional.of(response.getWorkflowExecution()) : Optional.empty();
    }

    /** @return a poll for work of the development organisation */
    public static PollRequest pollRequest(String worker, String queue, int seconds) {
        return PollRequest.newBuilder()
                .setOrgId(Access.DEV_ORG.toString())
                .setWorkerId(worker)
                .setQueue(queue)
                .setTimeoutSeconds(seconds)
                .build();
    }

    /** Completes the execution with the JSON as its output. */
    public void complete(String executionId, String output) {
        workflows().submitWorkflowCommands(completion(executionId, output));
    }

    /** @return a batch that completes the execution with the JSON as its output */
    public static SubmitWorkflowCommandsRequest completion(String executionId, String output) {
        return SubmitWorkflowCommandsRequest.newBuilder()
                .setWorkflowExecutionId(executionId)
                .setStatus(WorkflowStatus.COMPLETED)
                .addCommands(WorkflowCommand.newBuilder()
                        .setCommandType(CommandType.COMPLETE_WORKFLOW)
                        .setSequenceNumber(1)
                        .setCompleteWorkflow(
                                CompleteWorkflowCommand.newBuilder().setOutput(ByteString.copyFromUtf8(output))))
                .build();
    }

    /** @return the history */
    public List<WorkflowEvent> events(String executionId) {
        return workflows()
                .getEvents(GetEventsRequest.newBuilder()
                        .setWorkflowExecutionId(executionId)
                        .build())
                .getEventsList();
    }

    /** @return the history's event types, in order */
    public List<String> eventTypes(String executionId) {
        return events(executionId).stream().map(WorkflowEvent::getEventType).toList();
    }

    @Override
    public void close() {
        channel.shutdownNow();
    }

    private static final class BearerKey extends CallCredentials {

        private final String value;

        BearerKey(String key) {
            this.value = "Bearer " + key;
        }

        @Override
        public void applyRequestMetadata(RequestInfo request, Executor executor, MetadataApplier applier) {
            Metadata headers = new Metadata();
            headers.put(AUTHORIZATION, value);
            applier.apply(headers);
        }
    }
}
