package io.millrace.infra.bench;

/**
 * What it costs that callers wait for the ends of their workflows, in each way there is, in turns with the same load of which nobody
 * waits. And how soon the end is known: to those who wait, and to a process that works and waits on one thread.
 */
public final class WaitBench implements Bench {

    /** Workflows at a time where nothing else is to be in the way. */
    private static final int ALONE = 1;

    @Override
    public String name() {
        return "wait";
    }

    @Override
    public Report run(BenchOptions options, BenchTarget target) throws Exception {
        Report report = new Report(
                name(),
                "closed loop of no-op workflows of which somebody waits for the end, in turns with the same of which nobody does");
        try (Waiters waiters = new Waiters(target)) {
            for (int round = 0; round <= options.rounds(); round++) {
                for (int inFlight : options.inFlight()) {
                    closedLoop(report, options, target, waiters, inFlight, round);
                }
                closedLoop(report, options, target, waiters, ALONE, round);
                oneThread(report, options, target, round);
            }
        }
        return report;
    }

    private static void closedLoop(
            Report report, BenchOptions options, BenchTarget target, Waiters waiters, int inFlight, int round)
            throws InterruptedException {
        double without = 0; // the first way is that nobody waits
        for (Waiters.Way way : Waiters.Way.values()) {
            String queue = "wait-" + way.name() + "-" + inFlight + "-" + round;
            try (BenchClient client = target.client();
                    NoOpLoop loop = new NoOpLoop(client, queue, inFlight, id -> waiters.await(way, id))) {
                loop.start();
                loop.measure(1); // until it runs evenly
                NoOpLoop.Round result = loop.measure(share(options, round));
                loop.drain();
                if (way == Waiters.Way.NOBODY) {
                    without = result.perSecond();
                }
                if (round > 0) {
                    String row = inFlight + " in flight, " + way.title();
                    result.report(report, row);
                    if (way != Waiters.Way.NOBODY) {
                        report.add(row, "of those without %", 100 * result.perSecond() / without);
                        report.add(row, "acknowledged → known p50 ms", result.waitedMillis(50));
                        report.add(row, "acknowledged → known p99 ms", result.waitedMillis(99));
                    }
                }
            }
        }
    }

    /** All ways together warm up as long as one round is to. */
    private static int share(BenchOptions options, int round) {
        int loops = Waiters.Way.values().length * (options.inFlight().size() + 1);
        return round == 0 ? Math.max(1, options.warmUp() / loops) : options.seconds();
    }

    private static void oneThread(Report report, BenchOptions options, BenchTarget target, int round) {
        Latencies known = new Latencies();
        try (OneThread process = new OneThread(target, "wait-one-thread-" + round)) {
            process.run(round == 0 ? 2 : options.seconds(), known);
        }
        if (round > 0) {
            known.report(report, "one thread that works and waits, start → known");
        }
    }
}
