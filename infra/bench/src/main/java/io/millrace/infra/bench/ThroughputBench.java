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
                    NoOpLoop.Round result = loop.measure(options.seconds(round));
                    if (round > 0) {
                        result.report(report, row);
                    }
                }
            }
        }
        return report;
    }
}
