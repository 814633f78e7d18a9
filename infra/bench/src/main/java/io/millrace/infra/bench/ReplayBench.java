package io.millrace.infra.bench;

import io.millrace.dispatcher.replay.Folding;
import io.millrace.dispatcher.replay.Verification;
import io.millrace.dispatcher.replay.VerifyRange;
import io.millrace.dispatcher.replay.VerifyReport;
import io.millrace.dispatcher.replay.log.RecordedLog;
import io.millrace.proto.kafka.ClientSettings;
import java.util.Map;
import java.util.TreeMap;

/** How fast a recorded log is replayed and compared, and its events are folded. Real workflows of one task make the log, in all partitions. */
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
                        + " commands, and comparing every outcome, and folding its events, from Kafka; the server idles beside it");
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
            long foldBegun = System.nanoTime();
            long foldCpu = Machine.cpuNanos();
            long events = fold(target);
            double foldSeconds = (System.nanoTime() - foldBegun) / 1e9;
            double foldCpuSeconds = (Machine.cpuNanos() - foldCpu) / 1e9;
            if (round > 0) {
                report.add("fold", "events/s", events / foldSeconds);
                report.add("fold", "CPU µs each", foldCpuSeconds * 1e6 / events);
                report.add("log", "events", events);
                report.add("verify", "commands/s", found.comparedOutcomes() / seconds);
                report.add("verify", "CPU µs each", cpuSeconds * 1e6 / found.comparedOutcomes());
                report.add("log", "commands", found.comparedOutcomes());
            }
        }
        return report;
    }

    private static RecordedLog log(BenchTarget target) {
        return new RecordedLog(new ClientSettings(
                target.kafka().bootstrapServers(), target.kafka().properties()));
    }

    private static long fold(BenchTarget target) throws InterruptedException {
        try (RecordedLog log = log(target)) {
            return new Folding(log).run();
        }
    }

    private static VerifyReport verify(BenchTarget target) throws InterruptedException {
        try (RecordedLog log = log(target)) {
            Map<Integer, VerifyRange> ranges = new TreeMap<>();
            for (int partition = 0; partition < log.partitions(); partition++) {
                ranges.put(partition, VerifyRange.ALL);
            }
            return new Verification(log).run(ranges, done -> {});
        }
    }
}
