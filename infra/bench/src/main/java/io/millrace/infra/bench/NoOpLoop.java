package io.millrace.infra.bench;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * Keeps a given number of no-op workflows under way: when one has completed, the next one starts. There are as many
 * parked polls as workflows under way. Somebody may wait for the end of each; then it has completed when that one has heard of it.
 */
final class NoOpLoop implements AutoCloseable {

    static final String KIND = "bench-no-op";

    private static final long DRAIN_NANOS = TimeUnit.SECONDS.toNanos(5);

    /**
     * What was measured.
     *
     * @param perSecond workflows
     * @param cpuMicros processor time of this process for each of them, microseconds
     * @param histogram nanoseconds from start to completed
     * @param waited nanoseconds from the answer to the worker until whoever waits has heard of the end
     * @param count workflows
     */
    record Round(double perSecond, double cpuMicros, Histogram histogram, Histogram waited, long count) {

        void report(Report report, String row) {
            report.add(row, "workflows/s", perSecond);
            report.add(row, "p50 ms", millis(50));
            report.add(row, "p99 ms", millis(99));
            report.add(row, "CPU µs each", cpuMicros);
        }

        private double millis(double percentile) {
            return histogram.getValueAtPercentile(percentile) / 1e6;
        }

        double waitedMillis(double percentile) {
            return waited.getValueAtPercentile(percentile) / 1e6;
        }
    }

    private final BenchClient client;
    private final String queue;
    private final int inFlight;
    private final String worker;
    private final Optional<String> payload;
    private final Optional<Function<String, CompletableFuture<?>>> waiting;
    private final Map<String, Half> halfDone = new ConcurrentHashMap<>();
    private final AtomicLong started = new AtomicLong();
    private final AtomicLong completed = new AtomicLong();
    private volatile ConcurrentHistogram histogram = histogram();
    private volatile ConcurrentHistogram waited = histogram();
    private volatile boolean running = true;
    private volatile @Nullable Throwable failure;

    /** With the smallest payloads. */
    NoOpLoop(BenchClient client, String queue, int inFlight) {
        this(client, queue, inFlight, Optional.empty(), Optional.empty());
    }

    /** @param waiting waits for the end of the workflow of this id */
    NoOpLoop(BenchClient client, String queue, int inFlight, Function<String, CompletableFuture<?>> waiting) {
        this(client, queue, inFlight, Optional.empty(), Optional.of(waiting));
    }

    /** @param payload JSON that is input and output of each workflow */
    NoOpLoop(BenchClient client, String queue, int inFlight, String payload) {
        this(client, queue, inFlight, Optional.of(payload), Optional.empty());
    }

    private NoOpLoop(
            BenchClient client,
            String queue,
            int inFlight,
            Optional<String> payload,
            Optional<Function<String, CompletableFuture<?>>> waiting) {
        this.payload = payload;
        this.waiting = waiting;
        this.client = client;
        this.queue = queue;
        this.inFlight = inFlight;
        this.worker = client.register("bench-" + queue, KIND, "bench-no-task");
    }

    private static ConcurrentHistogram histogram() {
        return new ConcurrentHistogram(TimeUnit.MINUTES.toNanos(1), 3);
    }

    /** @param acknowledged when the worker had its answer; 0: this half is not the worker's */
    private record Half(long begun, long acknowledged) {}

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
        started.incrementAndGet();
        long begun = System.nanoTime();
        client.start(KIND, queue, payload.orElse("{\"n\":1}"))
                .thenCompose(this::awaited)
                .whenComplete((id, error) -> {
                    if (error != null) {
                        failed(error);
                    } else {
                        half(id, begun, 0);
                    }
                });
    }

    private CompletableFuture<String> awaited(String id) {
        return waiting.<CompletableFuture<String>>map(wait -> wait.apply(id).thenApply(ended -> id))
                .orElseGet(() -> CompletableFuture.completedFuture(id));
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
                                half(id, 0, System.nanoTime());
                                poll();
                            }
                        });
            }
        });
    }

    /** A workflow has gone round when both its starter and its worker have heard of it, in either order. */
    private void half(String id, long begun, long acknowledged) {
        Half other = halfDone.putIfAbsent(id, new Half(begun, acknowledged));
        if (other == null) {
            return;
        }
        halfDone.remove(id);
        long now = System.nanoTime();
        histogram.recordValue(now - Math.max(begun, other.begun()));
        // Whoever waits may have heard of it before the worker has.
        waited.recordValue(acknowledged == 0 ? now - other.acknowledged() : 0);
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
        waited = histogram();
        long from = completed.get();
        long cpu = Machine.cpuNanos();
        long begun = System.nanoTime();
        Thread.sleep(seconds * 1000L);
        double elapsed = (System.nanoTime() - begun) / 1e9;
        if (failure != null) {
            throw new IllegalStateException("expected every call to succeed, but one failed: " + failure, failure);
        }
        long done = completed.get() - from;
        return new Round(done / elapsed, (Machine.cpuNanos() - cpu) / 1e3 / done, histogram, waited, done);
    }

    /** Starts no more, and waits until those under way have gone round, so that nobody waits for them any longer. */
    void drain() throws InterruptedException {
        running = false;
        long untilNanos = System.nanoTime() + DRAIN_NANOS;
        while (completed.get() < started.get() && System.nanoTime() < untilNanos) {
            Thread.sleep(1);
        }
    }

    @Override
    public void close() {
        running = false;
    }
}
