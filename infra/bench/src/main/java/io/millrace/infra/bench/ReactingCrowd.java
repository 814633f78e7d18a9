package io.millrace.infra.bench;

import io.grpc.stub.StreamObserver;
import io.millrace.proto.flovyn.v1.PollResponse;
import io.millrace.proto.flovyn.v1.WorkAvailableEvent;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/** Subscribers that poll once for each event, some time after it, and complete the work that they get. */
final class ReactingCrowd {

    private static final int SUBSCRIBERS = 60;
    private static final int STARTS = 20;
    private static final int LONGEST_S = 60;

    private final BenchTarget target;
    private final Report report;

    ReactingCrowd(BenchTarget target, Report report) {
        this.target = target;
        this.report = report;
    }

    /** Starts workflows, first all at once and then one after the other, and counts wake-ups. */
    void measure(int round, int reactionMs) throws InterruptedException {
        String queue = "reacting-" + reactionMs + "-" + round;
        String row = SUBSCRIBERS + " that react after " + reactionMs + " ms";
        try (BenchClient client = target.client()) {
            Taking taking = new Taking(client, queue, reactionMs);
            for (int i = 0; i < SUBSCRIBERS; i++) {
                String worker = queue + "-" + i;
                client.subscribe(worker, queue, taking.as(worker));
            }
            CrowdBench.awaitSubscriptions(target, SUBSCRIBERS);
            report.add(row, "wake-ups/start at once", taking.start(0));
            report.add(row, "one by one", taking.start(2L * reactionMs + 50));
            report.add(row, "longest ms", taking.longestMs());
        }
    }

    private static final class Taking {
        private final BenchClient client;
        private final String queue;
        private final Executor later;
        private final LongAdder wakeUps = new LongAdder();
        private final Map<String, Long> startedAt = new ConcurrentHashMap<>();
        private final Map<String, Long> takenAt = new ConcurrentHashMap<>();
        private volatile CountDownLatch open = new CountDownLatch(0);

        private Taking(BenchClient client, String queue, int reactionMs) {
            this.client = client;
            this.queue = queue;
            this.later = reactionMs == 0
                    ? Runnable::run
                    : CompletableFuture.delayedExecutor(reactionMs, TimeUnit.MILLISECONDS);
        }

        /** @return number of wake-ups for each start */
        private double start(long pauseMs) throws InterruptedException {
            long before = wakeUps.sum();
            open = new CountDownLatch(STARTS);
            for (int i = 0; i < STARTS; i++) {
                long now = System.nanoTime();
                client.start(NoOpLoop.KIND, queue).thenAccept(id -> startedAt.put(id, now));
                Thread.sleep(pauseMs);
            }
            if (!open.await(LONGEST_S, TimeUnit.SECONDS)) {
                throw new IllegalStateException("expected all work to be taken within " + LONGEST_S + " s, but "
                        + open.getCount() + " pieces were not");
            }
            Thread.sleep(1_000); // so that those who come in vain are counted too
            return (wakeUps.sum() - before) / (double) STARTS;
        }

        private double longestMs() {
            return takenAt.entrySet().stream()
                    .mapToDouble(taken -> (taken.getValue()
                                    - Objects.requireNonNull(startedAt.get(taken.getKey()), "start of what was taken"))
                            / 1e6)
                    .max()
                    .orElse(0);
        }

        private StreamObserver<WorkAvailableEvent> as(String worker) {
            return new StreamObserver<>() {
                @Override
                public void onNext(WorkAvailableEvent event) {
                    wakeUps.increment();
                    later.execute(() -> client.pollWorkflow(worker, queue, 0).thenAccept(Taking.this::take));
                }

                @Override
                public void onError(Throwable failure) {}

                @Override
                public void onCompleted() {}
            };
        }

        private void take(PollResponse answer) {
            if (answer.hasWorkflowExecution()) {
                String id = answer.getWorkflowExecution().getId();
                takenAt.put(id, System.nanoTime());
                client.complete(id);
                open.countDown();
            }
        }
    }
}
