package io.millrace.infra.bench;

import com.google.protobuf.ByteString;
import io.millrace.proto.flovyn.v1.CommandType;
import io.millrace.proto.flovyn.v1.ScheduleTaskCommand;
import io.millrace.proto.flovyn.v1.SuspendWorkflowCommand;
import io.millrace.proto.flovyn.v1.WorkflowCommand;
import io.millrace.proto.flovyn.v1.WorkflowExecution;
import io.millrace.proto.flovyn.v1.WorkflowStatus;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Workflows of one task each, run as a worker runs them. The first activation schedules the task and suspends. The
 * second one, after the task, reads the history and completes. The caller says how many polls are parked.
 */
final class TaskLoop implements AutoCloseable {

    private static final String KIND = "bench-one-task";
    private static final String TASK = "bench-task";
    private static final int IN_FLIGHT = 256;
    private static final Duration LONGEST = Duration.ofMinutes(15);
    private static final long LOOK_MS = 50;
    private static final long SETTLING_MS = 5_000;

    private final BenchClient client;
    private final String queue;
    private final String worker;
    private final Map<String, Long> started = new ConcurrentHashMap<>();
    private final Map<String, String> workflowOfTask = new ConcurrentHashMap<>();
    private final Map<String, Long> taskDone = new ConcurrentHashMap<>();
    private volatile Latencies taskHeld = new Latencies();
    private volatile Latencies resumed = new Latencies();
    private volatile Latencies whole = new Latencies();
    private volatile Runnable atEnd = () -> {};
    private volatile boolean running = true;
    private volatile @Nullable Throwable failure;

    TaskLoop(BenchClient client, String queue, int polls) {
        this.client = client;
        this.queue = queue;
        this.worker = client.register("bench-" + queue, KIND, TASK);
        for (int i = 0; i < polls; i++) {
            pollWorkflow();
            pollTask();
        }
    }

    /**
     * Makes a log to measure with: runs at least so many workflows. Returns when all of it is committed, and the server's own read
     * model has taken it in.
     *
     * @throws IllegalStateException if that takes longer than a quarter of an hour
     */
    static void makeLog(BenchTarget target, String queue, int workflows) throws InterruptedException {
        try (BenchClient client = target.client();
                TaskLoop loop = new TaskLoop(client, queue, IN_FLIGHT)) {
            long end = System.nanoTime() + LONGEST.toNanos();
            loop.atEnd(() -> loop.start(System.nanoTime()));
            for (int i = 0; i < IN_FLIGHT; i++) {
                loop.start(System.nanoTime());
            }
            while (loop.whole().count() < workflows) {
                loop.check();
                if (System.nanoTime() > end) {
                    throw new IllegalStateException("expected " + workflows + " workflows to complete, but only "
                            + loop.whole().count() + " did");
                }
                Thread.sleep(LOOK_MS);
            }
            loop.atEnd(() -> {});
            Thread.sleep(SETTLING_MS);
        }
    }

    /** Starts one workflow. Its time counts from the given moment, as of {@link System#nanoTime}. */
    void start(long intended) {
        client.start(KIND, queue, String.valueOf(intended)).whenComplete(this::orFailed);
    }

    /** Calls the action whenever a workflow has been completed. */
    void atEnd(Runnable action) {
        atEnd = action;
    }

    void reset() {
        taskHeld = new Latencies();
        resumed = new Latencies();
        whole = new Latencies();
    }

    Latencies taskHeld() {
        return taskHeld;
    }

    Latencies resumed() {
        return resumed;
    }

    Latencies whole() {
        return whole;
    }

    void check() {
        if (failure != null) {
            throw new IllegalStateException("expected every call to succeed, but one failed: " + failure, failure);
        }
    }

    private void pollWorkflow() {
        if (!running) {
            return;
        }
        client.pollWorkflow(worker, queue).whenComplete((response, error) -> {
            if (error != null) {
                orFailed(null, error);
            } else if (response.hasWorkflowExecution()) {
                activate(response.getWorkflowExecution());
            } else {
                pollWorkflow();
            }
        });
    }

    private void activate(WorkflowExecution work) {
        String id = work.getId();
        Long done = taskDone.remove(id);
        if (done != null) {
            resumed.record(System.nanoTime() - done);
            client.events(id).thenCompose(history -> client.complete(id)).whenComplete((none, error) -> {
                orFailed(none, error);
                whole.record(System.nanoTime() - Objects.requireNonNull(started.remove(id), "start of a workflow"));
                atEnd.run();
                pollWorkflow();
            });
            return;
        }
        started.put(id, Long.parseLong(work.getInput().toStringUtf8()));
        String task = UUID.randomUUID().toString();
        workflowOfTask.put(task, id);
        client.events(id)
                .thenCompose(history -> client.submit(id, WorkflowStatus.SUSPENDED, schedule(task), suspend()))
                .whenComplete((none, error) -> {
                    orFailed(none, error);
                    pollWorkflow();
                });
    }

    private static WorkflowCommand schedule(String task) {
        return WorkflowCommand.newBuilder()
                .setCommandType(CommandType.SCHEDULE_TASK)
                .setSequenceNumber(2)
                .setScheduleTask(ScheduleTaskCommand.newBuilder()
                        .setKind(TASK)
                        .setTaskExecutionId(task)
                        .setInput(ByteString.copyFromUtf8("{\"n\":1}")))
                .build();
    }

    static WorkflowCommand suspend() {
        return WorkflowCommand.newBuilder()
                .setCommandType(CommandType.SUSPEND_WORKFLOW)
                .setSequenceNumber(3)
                .setSuspendWorkflow(SuspendWorkflowCommand.newBuilder().setReason("waits"))
                .build();
    }

    private void pollTask() {
        if (!running) {
            return;
        }
        client.pollTask(worker, queue).whenComplete((response, error) -> {
            if (error != null) {
                orFailed(null, error);
                return;
            }
            if (response.hasTask()) {
                String task = response.getTask().getTaskExecutionId();
                String workflow = workflowOfTask.remove(task);
                long now = System.nanoTime();
                taskHeld.record(now - Objects.requireNonNull(started.get(workflow), "start of a workflow"));
                taskDone.put(workflow, now);
                client.completeTask(task).whenComplete(this::orFailed);
            }
            pollTask();
        });
    }

    private void orFailed(@Nullable Object result, @Nullable Throwable error) {
        if (error != null && running) {
            failure = error;
        }
    }

    @Override
    public void close() {
        running = false;
    }
}
