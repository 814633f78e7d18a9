package io.millrace.infra.worker;

import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;
import io.millrace.proto.flovyn.v1.TaskExecutionGrpc;
import io.millrace.proto.flovyn.v1.WorkerLifecycleGrpc;
import io.millrace.proto.flovyn.v1.WorkflowDispatchGrpc;
import io.millrace.proto.v1.AwaitEndRequest;
import io.millrace.proto.v1.AwaitEndResponse;
import io.millrace.proto.v1.ExecutionResultsGrpc;
import io.millrace.proto.v1.WorkflowRunsGrpc;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A connection to a server, with the stubs of all services that workers use, and waits for results. Safe from any thread. */
public final class WorkerClient implements AutoCloseable {

    private static final Metadata.Key<String> AUTHORIZATION =
            Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

    /** The server lets nobody wait longer at a time. */
    private static final long LONGEST_WAIT_MS = 30_000;

    private final ManagedChannel channel;
    private final WorkflowDispatchGrpc.WorkflowDispatchBlockingStub workflows;
    private final WorkflowDispatchGrpc.WorkflowDispatchStub subscriptions;
    private final TaskExecutionGrpc.TaskExecutionBlockingStub tasks;
    private final WorkerLifecycleGrpc.WorkerLifecycleBlockingStub lifecycle;
    private final ExecutionResultsGrpc.ExecutionResultsBlockingStub results;
    private final WorkflowRunsGrpc.WorkflowRunsBlockingStub runs;

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
        var traced = new TraceMetadata();
        workflows = WorkflowDispatchGrpc.newBlockingStub(channel).withInterceptors(authorized, traced);
        subscriptions = WorkflowDispatchGrpc.newStub(channel).withInterceptors(authorized, traced);
        tasks = TaskExecutionGrpc.newBlockingStub(channel).withInterceptors(authorized, traced);
        lifecycle = WorkerLifecycleGrpc.newBlockingStub(channel).withInterceptors(authorized, traced);
        results = ExecutionResultsGrpc.newBlockingStub(channel).withInterceptors(authorized, traced);
        runs = WorkflowRunsGrpc.newBlockingStub(channel).withInterceptors(authorized, traced);
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

    WorkflowRunsGrpc.WorkflowRunsBlockingStub runs() {
        return runs;
    }

    WorkerLifecycleGrpc.WorkerLifecycleBlockingStub lifecycle() {
        return lifecycle;
    }

    /**
     * Waits until a workflow has ended. The server tells of the end as it comes. A workflow that continues as new ends with its last run.
     *
     * @param atMost how long to wait
     * @return how it ended; how it stands, where it has not ended in that time
     * @throws io.grpc.StatusRuntimeException NOT_FOUND if there is none of this id; whatever else the server refuses it with
     */
    public AwaitEndResponse awaitWorkflow(String workflowExecutionId, Duration atMost) {
        long endNanos = System.nanoTime() + atMost.toNanos();
        String run = workflowExecutionId;
        while (true) {
            AwaitEndResponse end = await(AwaitEndRequest.newBuilder().setWorkflowExecutionId(run), endNanos);
            if (end.getGoesOnAs().isEmpty() || !end.getStatus().equals("CONTINUED_AS_NEW")) {
                return end;
            }
            run = end.getGoesOnAs();
        }
    }

    /** Waits until a task has ended, in the same way. */
    public AwaitEndResponse awaitTask(String taskExecutionId, Duration atMost) {
        return await(
                AwaitEndRequest.newBuilder().setTaskExecutionId(taskExecutionId), System.nanoTime() + atMost.toNanos());
    }

    private AwaitEndResponse await(AwaitEndRequest.Builder request, long endNanos) {
        while (true) {
            long leftMs = Math.max(0, TimeUnit.NANOSECONDS.toMillis(endNanos - System.nanoTime()));
            try {
                AwaitEndResponse answer = results.awaitEnd(
                        request.setWaitMs(Math.min(leftMs, LONGEST_WAIT_MS)).build());
                if (answer.getEnded() || leftMs == 0) {
                    return answer;
                }
            } catch (StatusRuntimeException e) {
                if (leftMs == 0 || e.getStatus().getCode() != Status.Code.UNAVAILABLE) {
                    throw e;
                }
                pause(e); // a node that stops says so; another one goes on
            }
        }
    }

    /** With jitter, so that all who waited at one node do not come to the next at once. */
    private static void pause(StatusRuntimeException why) {
        try {
            Thread.sleep(ThreadLocalRandom.current().nextLong(50, 500));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw why;
        }
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
