package io.millrace.infra.torture;

import io.millrace.infra.worker.PollStyle;
import io.millrace.infra.worker.Worker;
import io.millrace.infra.worker.WorkerClient;
import io.millrace.infra.worker.WorkerObserver;
import io.millrace.infra.worker.WorkerOptions;
import io.millrace.infra.worker.WorkerStyle;
import java.net.InetSocketAddress;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A worker at a node. When it dies, another one takes its place after a while. Safe from any thread. */
final class WorkerSlot implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(WorkerSlot.class);
    private static final long AGAIN_MS = 500;
    private static final String KEY = "fwt_dev_worker";

    private final int number;
    private final InetSocketAddress address;
    private final WorkerStyle style;
    private final WorkerObserver observer;
    private int generation;
    private boolean closed;
    private @Nullable WorkerClient client;
    private @Nullable Worker worker;

    /**
     * @param address of the gRPC of its node
     * @param style the same for all workers of a queue: SDKs give timers and tasks other ids
     * @param observer of the workers
     */
    WorkerSlot(int number, InetSocketAddress address, WorkerStyle style, WorkerObserver observer) {
        this.observer = observer;
        this.number = number;
        this.address = address;
        this.style = style;
    }

    /** Starts a worker, as soon as the node takes it. */
    synchronized void start() throws InterruptedException {
        while (!closed && worker == null) {
            WorkerClient connection = new WorkerClient(address.getHostString(), address.getPort(), KEY);
            try {
                worker = new Worker(connection, options());
                client = connection;
            } catch (RuntimeException away) {
                LOG.debug("no worker yet", away);
                connection.close();
                wait(AGAIN_MS);
            }
        }
    }

    /** The ways in which the public SDKs ask for work, and the one that is told. */
    private WorkerOptions options() {
        PollStyle polls = switch (number % 3) {
            case 0 -> PollStyle.subscribed(Duration.ofSeconds(5));
            case 1 -> PollStyle.parallel();
            default -> PollStyle.alternating();
        };
        return OrderWorkflows.of(new WorkerOptions()
                .name("torture-" + number + "-" + generation++)
                .style(style)
                .observer(observer)
                .polls(polls));
    }

    /** Its connection ends without a word, with whatever it has in its hands. */
    synchronized void kill() {
        WorkerClient connection = client;
        Worker dead = worker;
        client = null;
        worker = null;
        if (connection != null) {
            connection.close();
        }
        if (dead != null) {
            Thread.ofVirtual().start(dead::close);
        }
    }

    /** In order: what the worker has in its hands is reported before its connection ends. */
    @Override
    public void close() {
        WorkerClient connection;
        Worker last;
        synchronized (this) {
            closed = true;
            notifyAll();
            connection = client;
            last = worker;
            client = null;
            worker = null;
        }
        if (last != null) {
            last.close();
        }
        if (connection != null) {
            connection.close();
        }
    }
}
