package io.millrace.infra.demo;

import io.millrace.infra.worker.Worker;
import io.millrace.infra.worker.WorkerClient;
import io.millrace.infra.worker.WorkerOptions;

/**
 * A worker for who wants to see workflows run before there is a worker of one's own: it does on the queue {@code default}
 * of the development organisation what the demo's worker can do. It works from the moment it is made.
 */
public final class DemoWorker implements AutoCloseable {

    private final WorkerClient client;
    private final Worker worker;

    /**
     * @param key an API key of the development organisation, for workers
     * @throws io.grpc.StatusRuntimeException if the server does not take its registration
     */
    public DemoWorker(String host, int port, String key) {
        client = new WorkerClient(host, port, key);
        try {
            worker = new Worker(client, DemoWorkflows.register(new WorkerOptions()).name("demo-worker"));
        } catch (Throwable e) {
            client.close();
            throw e;
        }
    }

    /** Lets go of its polls and waits for what it runs. */
    @Override
    public void close() {
        worker.close();
        client.close();
    }
}
