package io.millrace.infra.bench;

import io.millrace.dispatcher.replay.ExecutionTrace;
import io.millrace.dispatcher.replay.Folding;
import io.millrace.dispatcher.replay.HistoryTree;
import io.millrace.dispatcher.replay.JsonTree;
import io.millrace.dispatcher.replay.StateAt;
import io.millrace.dispatcher.replay.Verification;
import io.millrace.dispatcher.replay.VerifyRange;
import io.millrace.dispatcher.replay.VerifyReport;
import io.millrace.dispatcher.replay.log.RecordedLog;
import io.millrace.infra.config.DatabaseSettings;
import io.millrace.infra.embedded.CommandKeys;
import io.millrace.infra.embedded.DevServer;
import io.millrace.infra.embedded.EmbeddedKafka;
import io.millrace.infra.embedded.KafkaAccess;
import io.millrace.ingest.readmodel.ReadModelConfig;
import io.millrace.ingest.readmodel.ReadModelRebuild;
import io.millrace.proto.Moment;
import io.millrace.proto.kafka.ClientSettings;
import io.millrace.proto.mac.CommandMacs;
import io.millrace.proto.mac.MacKeys;
import io.millrace.proto.mac.MacMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.stream.IntStream;

/**
 * How fast a long log is looked at again: carried out and compared, folded, asked for the history of a workflow, and for states of the
 * past. All that from Kafka, without a server. Then a server starts on a shorter one, and its read model is made anew while it serves.
 */
public final class ReplayBench implements ProcessBench {

    private static final String NAME = "replay";
    /** So many commands has the log under a server at the most: it has to take them in before anything can be measured. */
    private static final int MOST_UNDER_SERVER = 60_000;

    private static final String REBUILD = "read model rebuilt";

    /** What is measured: a piece of work, and how much it did. */
    private interface Work {
        long run() throws Exception;
    }

    @Override
    public Report run(BenchOptions options, Path folder) throws Exception {
        Report report = Report.ofWholeRounds(
                NAME,
                "a made log of workflows of one task, with at least " + options.count()
                        + " commands, carried out again and compared, folded, and asked about the past; then the read model of a"
                        + " server made anew beside the one in use");
        overALog(options, report, Files.createTempDirectory(folder, "log-"));
        underLoad(options, report, Files.createTempDirectory(folder, "server-"));
        return report;
    }

    private static Report warmUp() {
        return Report.ofWholeRounds(NAME + ", warming up", "");
    }

    private static MadeLog make(EmbeddedKafka kafka, Path data, int commands) throws Exception {
        CommandMacs macs = new CommandMacs(MacMode.REQUIRE, MacKeys.read(CommandKeys.in(data)));
        return MadeLog.in(kafka, macs, DevServer.PARTITIONS, commands);
    }

    private static void overALog(BenchOptions options, Report report, Path data) throws Exception {
        try (EmbeddedKafka kafka = EmbeddedKafka.start(data.resolve("kafka"), 0)) {
            long begun = System.nanoTime();
            MadeLog made = make(kafka, data, options.count());
            System.err.printf(
                    "replay: made a log of %,d commands and %,d events in %.1f s%n",
                    made.commands(), made.events(), (System.nanoTime() - begun) / 1e9);
            for (int round = 0; round <= options.rounds(); round++) {
                look(round == 0 ? warmUp() : report, kafka.access(), made);
            }
        }
    }

    /** Measures each of them once, and makes sure that it found what is there. */
    static void look(Report report, KafkaAccess kafka, MadeLog made) throws Exception {
        report.add("log", "commands", made.commands());
        report.add("log", "events", made.events());
        rate(report, "verify", "commands/s", made.commands(), () -> verify(kafka));
        rate(report, "fold", "events/s", made.events(), () -> fold(kafka));
        seconds(report, "history of " + made.longEvents() + " events", made.longEvents(), () -> history(kafka, made));
        seconds(report, "state of a workflow in the middle", 1, () -> state(kafka, made.inTheMiddle()));
        seconds(report, "state of a queue at the end", made.underWay(), () -> queue(kafka));
    }

    private static void rate(Report report, String row, String figure, long expected, Work work) throws Exception {
        long cpu = Machine.cpuNanos();
        double seconds = seconds(row, expected, work);
        report.add(row, figure, expected / seconds);
        report.add(row, "CPU µs each", (Machine.cpuNanos() - cpu) / 1e3 / expected);
    }

    private static void seconds(Report report, String row, long expected, Work work) throws Exception {
        report.add(row, "s", seconds(row, expected, work));
    }

    private static double seconds(String row, long expected, Work work) throws Exception {
        long begun = System.nanoTime();
        long found = work.run();
        double seconds = (System.nanoTime() - begun) / 1e9;
        if (found != expected) {
            throw new IllegalStateException("expected " + expected + " of: " + row + ", but found " + found);
        }
        return seconds;
    }

    private static RecordedLog log(KafkaAccess kafka) {
        return new RecordedLog(new ClientSettings(kafka.bootstrapServers(), kafka.properties()));
    }

    /** @return commands compared */
    private static long verify(KafkaAccess kafka) throws InterruptedException {
        try (RecordedLog log = log(kafka)) {
            Map<Integer, VerifyRange> ranges = new TreeMap<>();
            for (int partition = 0; partition < log.partitions(); partition++) {
                ranges.put(partition, VerifyRange.ALL);
            }
            VerifyReport found = new Verification(log).run(ranges, done -> {});
            if (!found.groups().isEmpty() || !found.unseen().isEmpty()) {
                throw new IllegalStateException(
                        "expected the same to come of the log, but: " + found.first() + found.unseen());
            }
            return found.comparedOutcomes();
        }
    }

    /** @return events folded */
    private static long fold(KafkaAccess kafka) throws InterruptedException {
        try (RecordedLog log = log(kafka)) {
            return new Folding(log).run();
        }
    }

    /** @return events in its JSON */
    private static long history(KafkaAccess kafka, MadeLog made) {
        try (RecordedLog log = log(kafka)) {
            ExecutionTrace trace = ExecutionTrace.read(log, made.longOne(), partition -> Long.MAX_VALUE);
            String json = JsonTree.json(HistoryTree.of(trace));
            return json.isEmpty()
                    ? 0
                    : trace.steps().stream()
                            .mapToLong(step -> step.events().size())
                            .sum();
        }
    }

    /** @return workflows that were there then */
    private static long state(KafkaAccess kafka, WorkOfPartition.Seen seen) {
        Moment moment = new Moment.Time(seen.waitedMs());
        try (RecordedLog log = log(kafka)) {
            return ExecutionTrace.read(log, seen.id(), partition -> log.at(partition, moment)).last().stream()
                    .count();
        }
    }

    /** @return open workflows */
    private static long queue(KafkaAccess kafka) throws InterruptedException {
        try (RecordedLog log = log(kafka)) {
            List<Integer> partitions =
                    IntStream.range(0, log.partitions()).boxed().toList();
            Map<Integer, Long> ends = new TreeMap<>();
            partitions.forEach(partition -> ends.put(partition, Long.MAX_VALUE));
            Map<String, Object> state = new StateAt(log, WorkOfPartition.QUEUE, done -> {})
                    .at(partitions, List.of(ends))
                    .getFirst();
            return ((Collection<?>) state.getOrDefault("open", List.of())).size();
        }
    }

    private static void underLoad(BenchOptions options, Report report, Path data) throws Exception {
        try (EmbeddedKafka kafka = EmbeddedKafka.start(data.resolve("kafka"), 0)) {
            make(kafka, data, Math.min(options.count(), MOST_UNDER_SERVER));
        }
        try (DevServer server = DevServer.start(
                        data, DevServer.config(data, Map.of("grpc.port", "0", "http.port", "0"), Map.of()), true);
                BenchClient client =
                        new BenchClient("127.0.0.1", server.server().grpcPort())) {
            DatabaseSettings database = server.database().orElseThrow();
            ReadModelConfig config = database.readModel(new ClientSettings(
                    server.kafka().bootstrapServers(), server.kafka().properties()));
            for (int round = 0; round <= options.rounds(); round++) {
                long begun = System.nanoTime();
                long events = beside(config).events();
                Report into = round == 0 ? warmUp() : report;
                into.add(REBUILD + ", server idle", "events/s", events / ((System.nanoTime() - begun) / 1e9));
                into.add(REBUILD + ", server idle", "events", events);
            }
            for (int inFlight : options.inFlight()) {
                try (NoOpLoop loop = new NoOpLoop(client, "rebuild-" + inFlight, inFlight)) {
                    loop.start();
                    for (int round = 0; round <= options.rounds(); round++) {
                        double alone = loop.measure(options.seconds(round)).perSecond();
                        underLoad(round == 0 ? warmUp() : report, config, loop, inFlight, alone);
                    }
                }
            }
        }
    }

    private static void underLoad(Report report, ReadModelConfig config, NoOpLoop loop, int inFlight, double alone)
            throws Exception {
        long begun = System.nanoTime();
        CompletableFuture<ReadModelRebuild.Progress> rebuilt = CompletableFuture.supplyAsync(() -> beside(config));
        List<Double> served = new ArrayList<>();
        while (!rebuilt.isDone()) {
            served.add(loop.measure(1).perSecond());
        }
        long events = rebuilt.join().events();
        double seconds = (System.nanoTime() - begun) / 1e9;
        double perSecond = served.stream().mapToDouble(each -> each).average().orElseThrow();
        String row = REBUILD + ", " + inFlight + " in flight";
        report.add(row, "events/s", events / seconds);
        report.add(row, "events", events);
        report.add(row, "workflows/s beside it", perSecond);
        report.add(row, "of those without %", 100 * perSecond / alone);
    }

    private static ReadModelRebuild.Progress beside(ReadModelConfig config) {
        try {
            return ReadModelRebuild.beside(config, false, () -> {}, progress -> {});
        } catch (SQLException e) {
            throw new CompletionException(e);
        }
    }
}
