package io.millrace.infra.bench;

import io.millrace.dispatcher.replay.Verification;
import io.millrace.dispatcher.replay.VerifyRange;
import io.millrace.dispatcher.replay.VerifyReport;
import io.millrace.dispatcher.replay.log.RecordedLog;
import io.millrace.proto.kafka.ClientSettings;
import java.util.Map;
import java.util.TreeMap;

/** How fast a recorded log is replayed and compared. Real workflows of one task make the log, in all partitions. */
public final class ReplayBench implements Bench {

    /** Fewer than a workflow of one task has, so that the log is not shorter than asked for. */
    private static final int COMMANDS_OF_A_WORKFLOW = 4;

    @Override
    public String name() {
        return "replay";
    }

    @Override
    public Report run(BenchOptions options, BenchTarget target) throws Exception {
        Report report = Report.ofWholeRounds(
                name(),
                "carrying out the log of workflows of one task again, at least " + options.count()
                        + " commands, and comparing every outcome, from Kafka; the server idles beside it");
        TaskLoop.makeLog(target, name(), options.count() / COMMANDS_OF_A_WORKFLOW);
        for (int round = 0; round <= options.rounds(); round++) {
            long cpu = Machine.cpuNanos();
            long begun = System.nanoTime();
            VerifyReport found = verify(target);
            double seconds = (System.nanoTime() - begun) / 1e9;
            double cpuSeconds = (Machine.cpuNanos() - cpu) / 1e9;
            if (!found.groups().isEmpty() || !found.unseen().isEmpty()) {
                throw new IllegalStateException(
                        "expected the same to come of the log, but: " + found.first() + found.unseen());
            }
            if (round > 0) {
                report.add("verify", "commands/s", found.comparedOutcomes() / seconds);
                report.add("verify", "CPU µs each", cpuSeconds * 1e6 / found.comparedOutcomes());
                report.add("log", "commands", found.comparedOutcomes());
            }
        }
        return report;
    }

    private static VerifyReport verify(BenchTarget target) throws InterruptedException {
        try (RecordedLog log = new RecordedLog(new ClientSettings(
                target.kafka().bootstrapServers(), target.kafka().properties()))) {
            Map<Integer, VerifyRange> ranges = new TreeMap<>();
            for (int partition = 0; partition < log.partitions(); partition++) {
                ranges.put(partition, VerifyRange.ALL);
            }
            return new Verification(log).run(ranges, done -> {});
        }
    }
}
