package io.millrace.infra.bench;

/** Workflows of one task: each stage at given rates, then as many as possible with a given number under way. */
public final class TaskBench implements Bench {

    private static final int PARKED_POLLS = 8;

    @Override
    public String name() {
        return "task";
    }

    @Override
    public Report run(BenchOptions options, BenchTarget target) throws Exception {
        Report report = new Report(
                name(),
                "workflows of one task: start → task in a worker's hands, task completed → workflow back in a worker's hands"
                        + " (open loop); workflows a second (closed loop)");
        for (int rate : options.rates()) {
            openLoop(options, target, report, rate);
        }
        for (int inFlight : options.inFlight()) {
            closedLoop(options, target, report, inFlight);
        }
        return report;
    }

    private static void openLoop(BenchOptions options, BenchTarget target, Report report, int rate)
            throws InterruptedException {
        try (BenchClient client = target.client();
                TaskLoop loop = new TaskLoop(client, "task-rate-" + rate, PARKED_POLLS)) {
            for (int round = 0; round <= options.rounds(); round++) {
                loop.reset();
                OpenLoop.run(rate, options.seconds(round), loop::start);
                long expected = (long) rate * options.seconds(round);
                awaitCount(loop, expected);
                if (round > 0) {
                    loop.taskHeld().report(report, rate + "/s start → task held");
                    loop.resumed().report(report, rate + "/s task completed → workflow held");
                    loop.whole().report(report, rate + "/s start → workflow completed");
                }
            }
        }
    }

    /** Waits as long as workflows complete: the work that a cold JVM left during the warm-up must be done first. */
    private static void awaitCount(TaskLoop loop, long expected) throws InterruptedException {
        long done = loop.whole().count();
        for (int idle = 0; idle < 500 && done < expected; idle++) {
            Thread.sleep(20);
            long now = loop.whole().count();
            idle = now > done ? 0 : idle;
            done = now;
        }
        loop.check();
        if (done != expected) {
            throw new IllegalStateException(
                    "expected " + expected + " workflows to complete, but " + done + " did, and none for 10 s");
        }
    }

    private static void closedLoop(BenchOptions options, BenchTarget target, Report report, int inFlight)
            throws InterruptedException {
        try (BenchClient client = target.client();
                TaskLoop loop = new TaskLoop(client, "task-loop-" + inFlight, inFlight)) {
            loop.atEnd(() -> loop.start(System.nanoTime()));
            for (int i = 0; i < inFlight; i++) {
                loop.start(System.nanoTime());
            }
            for (int round = 0; round <= options.rounds(); round++) {
                loop.reset();
                long begun = System.nanoTime();
                Thread.sleep(options.seconds(round) * 1000L);
                Latencies whole = loop.whole();
                double elapsed = (System.nanoTime() - begun) / 1e9;
                loop.check();
                if (round > 0) {
                    report.add(inFlight + " in flight", "workflows/s", whole.count() / elapsed);
                    report.add(inFlight + " in flight", "p50 ms", whole.millis(50));
                    report.add(inFlight + " in flight", "p99 ms", whole.millis(99));
                }
            }
            loop.atEnd(() -> {});
            Thread.sleep(500);
        }
    }
}
