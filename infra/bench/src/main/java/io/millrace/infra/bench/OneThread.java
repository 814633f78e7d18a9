package io.millrace.infra.bench;

import io.millrace.proto.flovyn.v1.PollResponse;
import io.millrace.proto.flovyn.v1.WorkflowEvent;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * A process that works and waits on one thread, as with the Python SDK: it polls for a workflow and then for a task, makes the calls of
 * its client between two such turns, and rests for 10 ms after a poll that was in vain. One thread.
 */
final class OneThread implements AutoCloseable {

    private static final int POLL_SECONDS = 30;
    private static final long REST_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    /** Turns between two workflows, in which nothing happens. */
    private static final int IDLE_TURNS = 3;

    private final BenchClient worker;
    private final BenchClient client;
    private final String queue;
    private final String workerId;

    OneThread(BenchTarget target, String queue) {
        this.worker = target.client();
        this.client = target.client();
        this.queue = queue;
        workerId = worker.register("bench-" + queue, NoOpLoop.KIND, "bench-no-task");
    }

    /** Starts one workflow after the other, and records how long it took until the thread that started it knew of its end. */
    void run(int seconds, Latencies known) {
        long untilNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        while (System.nanoTime() < untilNanos) {
            for (int i = 0; i < IDLE_TURNS; i++) {
                turn();
            }
            long begunNanos = System.nanoTime();
            String id = client.start(NoOpLoop.KIND, queue).join();
            do {
                turn();
            } while (!hasEnded(id));
            known.record(System.nanoTime() - begunNanos);
        }
    }

    private boolean hasEnded(String id) {
        return client.events(id).join().getEventsList().stream()
                .map(WorkflowEvent::getEventType)
                .anyMatch("WORKFLOW_COMPLETED"::equals);
    }

    private void turn() {
        PollResponse work = worker.pollWorkflow(workerId, queue, POLL_SECONDS).join();
        if (work.hasWorkflowExecution()) {
            String id = work.getWorkflowExecution().getId();
            worker.events(id).join();
            worker.complete(id).join();
        } else {
            LockSupport.parkNanos(REST_NANOS);
        }
        worker.pollTask(workerId, queue).join();
        LockSupport.parkNanos(REST_NANOS);
    }

    @Override
    public void close() {
        worker.close();
        client.close();
    }
}
