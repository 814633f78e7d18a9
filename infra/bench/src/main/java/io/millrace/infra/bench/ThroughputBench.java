package io.millrace.infra.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;

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
            if (options.turns().isPresent()) {
                inTurns(report, options, target, inFlight, options.turns().get());
            } else {
                inOneGo(report, options, target, inFlight);
            }
        }
        return report;
    }

    private static void inOneGo(Report report, BenchOptions options, BenchTarget target, int inFlight)
            throws InterruptedException, SQLException {
        try (BenchClient client = target.client();
                NoOpLoop loop = new NoOpLoop(client, "throughput-" + inFlight, inFlight)) {
            loop.start();
            for (int round = 0; round <= options.rounds(); round++) {
                measure(report, options, target, inFlight, loop, round);
            }
        }
    }

    /** Each round begins anew, so that nothing of this build is under way while others have their turns. */
    private static void inTurns(Report report, BenchOptions options, BenchTarget target, int inFlight, Path turns)
            throws IOException, InterruptedException, SQLException {
        for (int round = 0; round <= options.rounds(); round++) {
            try (MachineLock turn = MachineLock.take(turns);
                    BenchClient client = target.client();
                    NoOpLoop loop = new NoOpLoop(client, "throughput-" + inFlight + "-" + round, inFlight)) {
                loop.start();
                loop.measure(1); // until it runs evenly
                measure(report, options, target, inFlight, loop, round);
            }
        }
    }

    private static void measure(
            Report report, BenchOptions options, BenchTarget target, int inFlight, NoOpLoop loop, int round)
            throws InterruptedException, SQLException {
        ProcessorTimes before = ProcessorTimes.now(target.database());
        long allocated = Machine.allocatedBytes();
        NoOpLoop.Round result = loop.measure(options.seconds(round));
        allocated = Machine.allocatedBytes() - allocated;
        if (round == 0) {
            return;
        }
        String row = inFlight + " in flight";
        result.report(report, row);
        report.add(row, "KB allocated each", allocated / 1e3 / result.count());
        ProcessorTimes.now(target.database())
                .since(before, result.count())
                .forEach((use, micros) -> report.add(row + ", CPU µs each", use, micros));
    }
}
