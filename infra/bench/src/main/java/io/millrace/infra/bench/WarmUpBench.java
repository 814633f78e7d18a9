package io.millrace.infra.bench;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * How soon a server that has just started does as much as it can: {@code millrace dev} is started anew for each round, and loaded from
 * the moment on at which it is ready. What it does in the last seconds of the round is taken for all that it can.
 */
public final class WarmUpBench implements ProcessBench {

    /** Seconds of which the report tells; a round is as long as all have to warm up. */
    private static final List<Integer> SECONDS = List.of(1, 2, 3, 5, 10, 15, 20, 30, 45, 60, 90);

    private static final int STEADY_SECONDS = 10;

    @Override
    public Report run(BenchOptions options, Path folder) throws Exception {
        Report report = Report.ofProcesses(
                "warm-up",
                "millrace dev started anew: no-op workflows/s by second after it was ready, and how much that is of what it does "
                        + options.warmUp() + " s later");
        for (int inFlight : options.inFlight()) {
            // The first round is that in which the clients warm up.
            for (int round = 0; round <= options.rounds(); round++) {
                round(report, options, folder.resolve(inFlight + "-" + round), inFlight, round > 0);
            }
        }
        return report;
    }

    private static void round(Report report, BenchOptions options, Path folder, int inFlight, boolean told)
            throws Exception {
        List<String> arguments = List.of("dev", "--data", folder.toString());
        List<Long> completed = new ArrayList<>();
        try (MeasuredNode process = new MeasuredNode(folder.resolveSibling(folder.getFileName() + ".log"), arguments)) {
            process.start();
            process.awaitReady();
            try (BenchClient client = new BenchClient("127.0.0.1", process.grpcPort());
                    NoOpLoop loop = new NoOpLoop(client, "warm-up", inFlight)) {
                loop.start();
                completed.add(0L);
                for (int second = 1; second <= options.warmUp(); second++) {
                    completed.add(completed.getLast() + loop.measure(1).count());
                }
            }
        }
        if (!told) {
            return;
        }
        int end = completed.size() - 1;
        int steadyFrom = Math.max(0, end - STEADY_SECONDS);
        double steady = (completed.get(end) - completed.get(steadyFrom)) / (double) (end - steadyFrom);
        for (int second : SECONDS) {
            if (second <= end) {
                long inIt = completed.get(second) - completed.get(second - 1);
                String row = inFlight + " in flight, second " + second;
                report.add(row, "workflows/s", inIt);
                report.add(row, "of those in the end %", 100 * inIt / steady);
            }
        }
    }
}
