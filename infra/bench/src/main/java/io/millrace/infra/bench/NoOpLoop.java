package io.millrace.infra.bench;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * Keeps a given number of no-op workflows under way: when one has completed, the next one starts. There are as many
 * parked polls as workflows under way.
 */
final class NoOpLoop implements AutoCloseable {

    static final String KIND = "bench-no-op";

    /**
     * What was measured.
     *
     * @param perSecond workflows
     * @param cpuMicros processor time of this process for each of them, microseconds
     * @param histogram nanoseconds from start to completed
     * @param count workflows
     */
    record Round(double perSecond, double cpuMicros, Histogram histogram, long count) {

        void report(Report report, String row) {
            report.add(row, "workflows/s", perSecond);
            report.add(row, "p50 ms", millis(50));
            report.add(row, "p99 ms", millis(99));
            report.add(row, "CPU µs each", cpuMicros);
        }

        private double millis(double percentile) {
            return histogram.getValueAtPercentile(percentile) / 1e6;
        }
    }

    private final BenchClient client;
    private final String queue;
    private final int inFlight;
    private final String worker;
    private final Optional<String> payload;
    private final Map<String, Long> halfDone = new ConcurrentHashMap<>();
    private final AtomicLong completed = new AtomicLong();
    private volatile ConcurrentHistogram histogram = histogram();
    private volatile boolean running = true;
    private volatile @Nullable Throwable failure;

    /** With the smallest payloads. */
    NoOpLoop(BenchClient client, String queue, int inFlight) {
        this(client, queue, inFlight, Optional.empty());
    }

    /** @param payload JSON that is input and output of each workflow */
    NoOpLoop(BenchClient client, String queue, int inFlight, String payload) {
        this(client, queue, inFlight, Optional.of(payload));
    }

    private NoOpLoop(BenchClient client, String queue, int inFlight, Optional<String> payload) {
        this.payload = payload;
        this.client = client;
        this.queue = queue;
        this.inFlight = inFlight;
        this.worker = client.register("bench-" + queue, KIND, "bench-no-task");
    }

    private static ConcurrentHistogram histogram() {
        return new ConcurrentHistogram(TimeUnit.MINUTES.toNanos(1), 3);
    }

    void start() {
        for (int i = 0; i < inFlight; i++) {
            poll();
        }
        for (int i = 0; i < inFlight; i++) {
            startOne();
        }
    }

    private void startOne() {
        if (!running) {
            return;
        }
        long begun = System.nanoTime();
        client.start(KIND, queue, payload.orElse("{\"n\":1}")).whenComplete((id, error) -> {
            if (error != null) {
                failed(error);
            } else {
                half(id, begun);
            }
        });
    }

    private void poll() {
        if (!running) {
            return;
        }
        client.pollWorkflow(worker, queue).whenComplete((response, error) -> {
            if (error != null) {
                failed(error);
            } else if (!response.hasWorkflowExecution()) {
                poll();
            } else {
                String id = response.getWorkflowExecution().getId();
                client.events(id)
                        .thenCompose(history -> client.complete(id, payload.orElse("{\"n\":2}")))
                        .whenComplete((done, problem) -> {
                            if (problem != null) {
                                failed(problem);
                            } else {
                                half(id, 0);
                                poll();
                            }
                        });
            }
        });
    }

    /** A workflow has gone round when both its starter and its worker have heard of it, in either order. */
    private void half(String id, long begun) {
        Long other = halfDone.putIfAbsent(id, begun);
        if (other == null) {
            return;
        }
        halfDone.remove(id);
        histogram.recordValue(System.nanoTime() - Math.max(begun, other));
        completed.incrementAndGet();
        startOne();
    }

    private void failed(Throwable error) {
        if (running) {
            failure = error;
        }
    }

    Round measure(int seconds) throws InterruptedException {
        histogram = histogram();
        long from = completed.get();
        long cpu = Machine.cpuNanos();
        long begun = System.nanoTime();
        Thread.sleep(seconds * 1000L);
        double elapsed = (System.nanoTime() - begun) / 1e9;
        if (failure != null) {
            throw new IllegalStateException("expected every call to succeed, but one failed: " + failure, failure);
        }
        long done = completed.get() - from;
        return new Round(done / elapsed, (Machine.cpuNanos() - cpu) / 1e3 / done, histogram, done);
    }

    @Override
    public void close() {
        running = false;
    }
}
