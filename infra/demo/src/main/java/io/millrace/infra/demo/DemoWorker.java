package io.millrace.infra.demo;

import io.millrace.infra.worker.Worker;
import io.millrace.infra.worker.WorkerClient;
import io.millrace.infra.worker.WorkerOptions;

/**
 * A worker for people who want to see workflows run before they have a worker of their own. It can do what the demo's
 * worker can do, on the queue {@code default} of the development organisation. The constructor starts its work.
 */
public final class DemoWorker implements AutoCloseable {

    private final WorkerClient client;
    private final Worker worker;

    /**
     * @param key an API key of the development organisation, for workers
     * @throws io.grpc.StatusRuntimeException if the server does not accept its registration
     */
    public DemoWorker(String host, int port, String key) {
        client = new WorkerClient(host, port, key);
        try {
            worker = new Worker(
                    client, DemoWorkflows.register(new WorkerOptions()).name("demo-worker"));
        } catch (Throwable e) {
            client.close();
            throw e;
        }
    }

    /** Ends its polls and waits for the work that it runs. */
    @Override
    public void close() {
        worker.close();
        client.close();
    }
}
