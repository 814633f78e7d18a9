package io.millrace.infra.bench;

/** Closed loop of no-op workflows. */
public final class ThroughputBench implements Bench {

    @Override
    public String name() {
        return "throughput";
    }

    @Override
    public Report run(BenchOptions options, BenchTarget target) throws Exception {
        Report report = new Report(
                name(), "closed loop, start → claimed by a parked poll → history read → completed, workflows a second");
        for (int inFlight : options.inFlight()) {
            String row = inFlight + " in flight";
            try (BenchClient client = target.client();
                    NoOpLoop loop = new NoOpLoop(client, "throughput-" + inFlight, inFlight)) {
                loop.start();
                for (int round = 0; round <= options.rounds(); round++) {
                    long cpu = Machine.cpuNanos();
                    NoOpLoop.Round result = loop.measure(options.seconds(round));
                    cpu = Machine.cpuNanos() - cpu;
                    if (round > 0) {
                        report.add(row, "workflows/s", result.perSecond());
                        report.add(row, "p50 ms", result.millis(50));
                        report.add(row, "p99 ms", result.millis(99));
                        report.add(row, "CPU µs each", cpu / 1e3 / (result.perSecond() * options.seconds()));
                    }
                }
            }
        }
        return report;
    }
}
