package io.millrace.infra.worker;

import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;
import io.millrace.proto.flovyn.v1.TaskExecutionGrpc;
import io.millrace.proto.flovyn.v1.WorkerLifecycleGrpc;
import io.millrace.proto.flovyn.v1.WorkflowDispatchGrpc;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A connection to a server, with the stubs of all services that workers use. Safe from any thread. */
public final class WorkerClient implements AutoCloseable {

    private static final Metadata.Key<String> AUTHORIZATION =
            Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

    private final ManagedChannel channel;
    private final WorkflowDispatchGrpc.WorkflowDispatchBlockingStub workflows;
    private final WorkflowDispatchGrpc.WorkflowDispatchStub subscriptions;
    private final TaskExecutionGrpc.TaskExecutionBlockingStub tasks;
    private final WorkerLifecycleGrpc.WorkerLifecycleBlockingStub lifecycle;

    /**
     * A connection in plain text.
     *
     * @param key an API key of the server
     */
    public WorkerClient(String host, int port, String key) {
        this(NettyChannelBuilder.forAddress(host, port).usePlaintext(), key);
    }

    /**
     * A connection by TLS.
     *
     * @param key an API key of the server; null: none is shown, since the certificate tells who this is
     * @param tls how both know each other
     * @throws IllegalArgumentException if a file cannot be used
     */
    public WorkerClient(String host, int port, @Nullable String key, WorkerTls tls) {
        this(NettyChannelBuilder.forAddress(host, port, tls.credentials()), key);
    }

    private WorkerClient(NettyChannelBuilder builder, @Nullable String key) {
        channel = builder.build();
        Metadata header = new Metadata();
        if (key != null) {
            header.put(AUTHORIZATION, "Bearer " + key);
        }
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
