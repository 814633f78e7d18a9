package io.millrace.infra.bench;

import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * The worker of one queue: two polls on a connection of its own. The connection moves to the next node when its node is
 * away. Calls come back on gRPC's threads.
 */
final class PulseWorker implements AutoCloseable {

    private static final int POLLS = 2;
    private static final int POLL_SECONDS = 20;
    private static final long AGAIN_MS = 20;

    private final Nodes nodes;
    private final ScheduledExecutorService timer;
    private final String worker;
    private final String queue;
    private final Consumer<String> work;
    private int node;
    private BenchClient client;
    private boolean closed;

    /** @param work gets the id of each workflow */
    PulseWorker(
            Nodes nodes, int node, ScheduledExecutorService timer, String kind, String queue, Consumer<String> work) {
        this.nodes = nodes;
        this.node = node;
        this.timer = timer;
        this.queue = queue;
        this.work = work;
        client = nodes.connect(node);
        worker = client.register("worker-" + queue, kind, "bench-no-task");
        for (int i = 0; i < POLLS; i++) {
            poll(client);
        }
    }

    private void poll(BenchClient on) {
        on.pollWorkflow(worker, queue, POLL_SECONDS).whenComplete((response, failure) -> {
            if (failure != null) {
                timer.schedule(() -> again(on), AGAIN_MS, TimeUnit.MILLISECONDS);
                return;
            }
            if (response.hasWorkflowExecution()) {
                work.accept(response.getWorkflowExecution().getId());
            }
            poll(on);
        });
    }

    /** The first poll that fails changes the connection; the other one follows. */
    private void again(BenchClient failed) {
        BenchClient on;
        synchronized (this) {
            if (closed) {
                return;
            }
            if (client == failed) {
                failed.close();
                node = nodes.next(node);
                client = nodes.connect(node);
            }
            on = client;
        }
        poll(on);
    }

    /** Ends the connection if it is to this node. */
    synchronized void leave(int away) {
        if (node == away && !closed) {
            client.close();
        }
    }

    @Override
    public synchronized void close() {
        closed = true;
        client.close();
    }
}
