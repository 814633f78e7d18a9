package io.millrace.infra.worker;

import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;
import io.millrace.proto.flovyn.v1.TaskExecutionGrpc;
import io.millrace.proto.flovyn.v1.WorkerLifecycleGrpc;
import io.millrace.proto.flovyn.v1.WorkflowDispatchGrpc;
import java.util.concurrent.TimeUnit;

/** A connection to a server, with the stubs of all services that workers use. Safe from any thread. */
public final class WorkerClient implements AutoCloseable {

    private static final Metadata.Key<String> AUTHORIZATION =
            Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

    private final ManagedChannel channel;
    private final WorkflowDispatchGrpc.WorkflowDispatchBlockingStub workflows;
    private final WorkflowDispatchGrpc.WorkflowDispatchStub subscriptions;
    private final TaskExecutionGrpc.TaskExecutionBlockingStub tasks;
    private final WorkerLifecycleGrpc.WorkerLifecycleBlockingStub lifecycle;

    /** @param key an API key of the server */
    public WorkerClient(String host, int port, String key) {
        channel = NettyChannelBuilder.forAddress(host, port).usePlaintext().build();
        Metadata header = new Metadata();
        header.put(AUTHORIZATION, "Bearer " + key);
        var authorized = MetadataUtils.newAttachHeadersInterceptor(header);
        workflows = WorkflowDispatchGrpc.newBlockingStub(channel).withInterceptors(authorized);
        subscriptions = WorkflowDispatchGrpc.newStub(channel).withInterceptors(authorized);
        tasks = TaskExecutionGrpc.newBlockingStub(channel).withInterceptors(authorized);
        lifecycle = WorkerLifecycleGrpc.newBlockingStub(channel).withInterceptors(authorized);
    }

    /** @return calls for starts, histories, submissions, signals and promises */
    public WorkflowDispatchGrpc.WorkflowDispatchBlockingStub workflows() {
        return workflows;
    }

    WorkflowDispatchGrpc.WorkflowDispatchStub subscriptions() {
        return subscriptions;
    }

    /** @return calls for polls and ends of tasks, and for their state */
    public TaskExecutionGrpc.TaskExecutionBlockingStub tasks() {
        return tasks;
    }

    WorkerLifecycleGrpc.WorkerLifecycleBlockingStub lifecycle() {
        return lifecycle;
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
