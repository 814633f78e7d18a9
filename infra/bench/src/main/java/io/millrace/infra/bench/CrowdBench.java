package io.millrace.infra.bench;

import io.grpc.stub.StreamObserver;
import io.millrace.proto.flovyn.v1.WorkAvailableEvent;
import java.util.concurrent.atomic.LongAdder;

/**
 * What a crowd of idle subscriptions on the queue costs: throughput, wake-ups, heap, CPU. The heap is that of server
 * and clients together, since both are in this process. Also how many of a crowd are woken if each takes work when it
 * is told, for several times that each needs to react.
 */
public final class CrowdBench implements Bench {

    private static final int IN_FLIGHT = 32;
    private static final int[] REACTIONS_MS = {0, 20, 50, 100, 250};

    @Override
    public String name() {
        return "crowd";
    }

    @Override
    public Report run(BenchOptions options, BenchTarget target) throws Exception {
        Report report = new Report(
                name(),
                "no-op workflows, " + IN_FLIGHT
                        + " in flight, with idle subscriptions on their queue that never answer");
        try (BenchClient client = target.client();
                NoOpLoop warmUp = new NoOpLoop(client, "crowd-warm-up", IN_FLIGHT)) {
            warmUp.start();
            warmUp.measure(options.warmUp());
        }
        // In turns, so that slow changes of the machine affect every size alike.
        for (int round = 1; round <= options.rounds(); round++) {
            double alone = 0;
            for (int size : options.crowds()) {
                double perSecond = measure(options, target, report, round, size);
                if (size == 0) {
                    alone = perSecond;
                } else if (alone > 0) {
                    report.add(row(size), "of alone %", 100 * perSecond / alone);
                }
            }
            for (int reactionMs : REACTIONS_MS) {
                new ReactingCrowd(target, report).measure(round, reactionMs);
            }
        }
        return report;
    }

    private static String row(int size) {
        return size + " idle subscriptions";
    }

    private double measure(BenchOptions options, BenchTarget target, Report report, int round, int size)
            throws InterruptedException {
        String queue = "crowd-" + size + "-" + round;
        try (BenchClient idle = target.client();
                BenchClient client = target.client()) {
            String worker = idle.register("bench-idle-" + size, NoOpLoop.KIND, "bench-no-task");
            client.start(NoOpLoop.KIND, queue + "-first").join(); // so that both connections are there
            long heapBefore = Machine.heapAfterCollection();
            LongAdder wakeUps = new LongAdder();
            for (int i = 0; i < size; i++) {
                idle.subscribe(worker, queue, counting(wakeUps));
            }
            awaitSubscriptions(target, size);
            long heap = Machine.heapAfterCollection() - heapBefore;
            long cpuBefore = Machine.cpuNanos();
            long idleBegun = System.nanoTime();
            Thread.sleep(options.seconds() * 1000L / 2);
            double cpu = 100.0 * (Machine.cpuNanos() - cpuBefore) / (System.nanoTime() - idleBegun);
            try (NoOpLoop loop = new NoOpLoop(client, queue, IN_FLIGHT)) {
                loop.start();
                loop.measure(1);
                long before = wakeUps.sum();
                NoOpLoop.Round result = loop.measure(options.seconds());
                String row = row(size);
                report.add(row, "workflows/s", result.perSecond());
                report.add(row, "idle CPU %", cpu);
                if (size > 0) {
                    report.add(
                            row,
                            "wake-ups/start",
                            (wakeUps.sum() - before) / Math.max(1, result.perSecond() * options.seconds()));
                    report.add(row, "heap KB each", heap / 1024.0 / size);
                }
                return result.perSecond();
            }
        }
    }

    static void awaitSubscriptions(BenchTarget target, int size) throws InterruptedException {
        for (int i = 0; i < 300 && target.notifierStats().isPresent(); i++) {
            if (target.notifierStats().get().get().subscriptions() >= size) {
                return;
            }
            Thread.sleep(100);
        }
    }

    private static StreamObserver<WorkAvailableEvent> counting(LongAdder wakeUps) {
        return new StreamObserver<>() {
            @Override
            public void onNext(WorkAvailableEvent event) {
                wakeUps.increment();
            }

            @Override
            public void onError(Throwable failure) {}

            @Override
            public void onCompleted() {}
        };
    }
}
