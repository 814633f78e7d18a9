package io.millrace.infra.worker;

import io.grpc.Context;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import io.millrace.proto.flovyn.v1.PollRequest;
import io.millrace.proto.flovyn.v1.PollResponse;
import io.millrace.proto.flovyn.v1.PollTaskRequest;
import io.millrace.proto.flovyn.v1.PollTaskResponse;
import io.millrace.proto.flovyn.v1.SubscriptionRequest;
import io.millrace.proto.flovyn.v1.TaskCapability;
import io.millrace.proto.flovyn.v1.WorkAvailableEvent;
import io.millrace.proto.flovyn.v1.WorkerHeartbeatRequest;
import io.millrace.proto.flovyn.v1.WorkerRegistrationRequest;
import io.millrace.proto.flovyn.v1.WorkflowCapability;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A worker in Java that behaves on the wire as the public SDKs do, for tests and demonstration. The constructor
 * registers it and starts its work. {@link #close} ends its polls and waits for the work that it runs.
 */
public final class Worker implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Worker.class);
    private static final Duration HEARTBEAT = Duration.ofSeconds(30);
    /** Pause after a poll that failed, and before a subscription that broke is opened again. */
    private static final Duration AFTER_FAILURE = Duration.ofSeconds(1);

    private final WorkerClient client;
    private final WorkerOptions options;
    private final WorkflowRunner workflows;
    private final TaskRunner tasks;
    private final String registeredId;
    private final Context.CancellableContext calls = Context.current().withCancellation();
    private final ExecutorService loops = Executors.newVirtualThreadPerTaskExecutor();
    private final ExecutorService work = Executors.newVirtualThreadPerTaskExecutor();
    /** One permit says: somebody should ask for work. More permits say no more than that. */
    private final Semaphore told = new Semaphore(0);

    private volatile boolean running = true;

    /**
     * Registers the worker and starts it.
     *
     * @param client the caller has to close it
     * @throws StatusRuntimeException if the server does not take the registration
     */
    public Worker(WorkerClient client, WorkerOptions options) {
        this.client = client;
        this.options = options;
        workflows = new WorkflowRunner(client, options.style, options.observer, options.workflows);
        tasks = new TaskRunner(client, options.observer, options.tasks);
        registeredId = register();
        switch (options.polls) {
            case PollStyle.Parallel style -> {
                loop(() -> pollWorkflow(style.hold(), work), style.pauseWhenEmpty());
                loop(() -> pollTask(style.hold(), work), style.pauseWhenEmpty());
            }
            case PollStyle.Alternating style ->
                loop(() -> pollWorkflow(style.hold(), null) | pollTask(style.hold(), null), style.pauseWhenEmpty());
            case PollStyle.Subscribed style -> {
                subscribe();
                submit(() -> askWhenTold(style.interval()));
            }
        }
        if (options.style == WorkerStyle.RUST) {
            submit(this::beat);
        }
    }

    /** @return the id that the server gave this worker */
    public String registeredId() {
        return registeredId;
    }

    private String register() {
        WorkerRegistrationRequest.Builder request = WorkerRegistrationRequest.newBuilder()
                .setWorkerName(options.name)
                .setWorkerVersion("1.0.0")
                .setWorkerType("UNIFIED")
                .setOrgId(options.org.toString())
                .setHostName("localhost")
                .setProcessId(String.valueOf(ProcessHandle.current().pid()));
        options.workflows
                .keySet()
                .forEach(kind -> request.addWorkflows(WorkflowCapability.newBuilder()
                        .setKind(kind)
                        .setName(kind)
                        .setVersion("1.0.0")));
        options.tasks
                .keySet()
                .forEach(kind -> request.addTasks(
                        TaskCapability.newBuilder().setKind(kind).setName(kind)));
        return client.lifecycle().registerWorker(request.build()).getWorkerId();
    }

    private String pollId() {
        return options.style == WorkerStyle.RUST ? options.name : registeredId;
    }

    private void submit(Runnable loop) {
        loops.execute(calls.wrap(loop));
    }

    private void loop(BooleanSupplier poll, Duration pauseWhenEmpty) {
        submit(() -> {
            while (running) {
                if (!tried(poll)) {
                    LockSupport.parkNanos(pauseWhenEmpty.toNanos());
                }
            }
        });
    }

    /** @return whether the poll brought work. If it failed, it did not, and a pause follows */
    private boolean tried(BooleanSupplier poll) {
        try {
            return poll.getAsBoolean();
        } catch (StatusRuntimeException failure) {
            if (running) {
                options.observer.callFailed(failure.getStatus());
                LOG.warn("poll failed worker={} cause={}", options.name, failure.getMessage());
                LockSupport.parkNanos(AFTER_FAILURE.toNanos());
            }
            return false;
        }
    }

    private boolean pollWorkflow(Duration hold, @Nullable ExecutorService runner) {
        PollResponse answer = client.workflows()
                .pollWorkflow(PollRequest.newBuilder()
                        .setWorkerId(pollId())
                        .setOrgId(options.org.toString())
                        .setQueue(options.queue)
                        .setTimeoutSeconds(hold.toSeconds())
                        .build());
        if (answer.hasWorkflowExecution()) {
            run(() -> workflows.run(answer.getWorkflowExecution(), answer.getTraceparent()), runner);
        }
        return answer.hasWorkflowExecution();
    }

    private boolean pollTask(Duration hold, @Nullable ExecutorService runner) {
        PollTaskResponse answer = client.tasks()
                .pollTask(PollTaskRequest.newBuilder()
                        .setWorkerId(pollId())
                        .setOrgId(options.org.toString())
                        .setQueue(options.queue)
                        .setTimeoutSeconds(hold.toSeconds())
                        .build());
        if (answer.hasTask()) {
            run(() -> tasks.run(answer.getTask()), runner);
        }
        return answer.hasTask();
    }

    /** Does not run in the context of the polls: work that has been claimed is finished even when the worker closes. */
    private static void run(Runnable work, @Nullable ExecutorService runner) {
        Runnable detached = Context.ROOT.wrap(work);
        if (runner == null) {
            detached.run();
        } else {
            runner.execute(detached);
        }
    }

    private void subscribe() {
        SubscriptionRequest request = SubscriptionRequest.newBuilder()
                .setWorkerId(pollId())
                .setOrgId(options.org.toString())
                .setQueue(options.queue)
                .build();
        calls.run(() -> client.subscriptions().subscribeToNotifications(request, new StreamObserver<>() {
            @Override
            public void onNext(WorkAvailableEvent event) {
                options.observer.notified(System.nanoTime());
                told.release();
            }

            @Override
            public void onError(Throwable failure) {
                again();
            }

            @Override
            public void onCompleted() {
                again();
            }
        }));
    }

    private void again() {
        if (running) {
            submit(() -> {
                LockSupport.parkNanos(AFTER_FAILURE.toNanos());
                if (running) {
                    subscribe();
                }
            });
        }
    }

    private void askWhenTold(Duration interval) {
        while (running) {
            try {
                told.tryAcquire(interval.toNanos(), TimeUnit.NANOSECONDS);
            } catch (InterruptedException e) {
                return;
            }
            told.drainPermits();
            while (running && tried(() -> pollWorkflow(Duration.ZERO, work) | pollTask(Duration.ZERO, work))) {
                // Runs until nothing is left.
            }
        }
    }

    private void beat() {
        while (running) {
            LockSupport.parkNanos(HEARTBEAT.toNanos());
            tried(() -> {
                client.lifecycle()
                        .sendHeartbeat(WorkerHeartbeatRequest.newBuilder()
                                .setWorkerId(registeredId)
                                .build());
                return true;
            });
        }
    }

    @Override
    public void close() {
        running = false;
        calls.cancel(null);
        loops.shutdownNow();
        work.close();
        loops.close();
    }
}
