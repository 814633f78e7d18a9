package io.millrace.infra.bench;

import io.millrace.infra.config.DatabaseSettings;
import io.millrace.infra.embedded.KafkaAccess;
import io.millrace.ingest.readmodel.ReadModelConfig;
import io.millrace.ingest.readmodel.ReadModelRebuild;
import io.millrace.proto.Topics;
import io.millrace.proto.kafka.ClientSettings;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * How fast a read model is filled from the log. Real workflows of one task make the log. Then a second database on the
 * same PostgreSQL is filled from it again and again. To compare, the same records are read and thrown away.
 */
public final class ReadModelBench implements Bench {

    private static final String DATABASE = "rebuilt";
    /** Must not be more than a workflow of one task has, or the log would be shorter than asked for. */
    private static final int EVENTS_OF_A_WORKFLOW = 8;

    @Override
    public String name() {
        return "read-model";
    }

    @Override
    public Report run(BenchOptions options, BenchTarget target) throws Exception {
        Report report = Report.ofWholeRounds(
                name(),
                "filling an empty read model from the log of workflows of one task, at least " + options.count()
                        + " events; the floor reads the same log and throws it away");
        TaskLoop.makeLog(target, name(), options.count() / EVENTS_OF_A_WORKFLOW);
        ReadModelConfig config = makeDatabase(target.database(), DATABASE)
                .readModel(new ClientSettings(
                        target.kafka().bootstrapServers(), target.kafka().properties()));
        for (int round = 0; round <= options.rounds(); round++) {
            long cpu = Machine.cpuNanos();
            long begun = System.nanoTime();
            ReadModelRebuild.Progress end = ReadModelRebuild.inPlace(config, false, () -> {}, progress -> {});
            double seconds = (System.nanoTime() - begun) / 1e9;
            double cpuSeconds = (Machine.cpuNanos() - cpu) / 1e9;
            double floorSeconds = readAll(target.kafka());
            if (round > 0) {
                report.add("refill", "events/s", end.events() / seconds);
                report.add("refill", "CPU % of this process", 100 * cpuSeconds / seconds);
                report.add("floor", "events/s", end.events() / floorSeconds);
                report.add("log", "events", end.events());
            }
        }
        return report;
    }

    /** @return how to reach the new database */
    static DatabaseSettings makeDatabase(DatabaseSettings settings, String name) throws SQLException {
        try (Connection connection = DriverManager.getConnection(settings.url(), settings.user(), settings.password());
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE DATABASE " + name);
        }
        return settings.of(name);
    }

    /** @return seconds that it takes to read the log and throw it away */
    private static double readAll(KafkaAccess kafka) {
        Map<String, Object> settings = kafka.client(Map.of("isolation.level", "read_committed"));
        long begun = System.nanoTime();
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            consumer.assign(consumer.partitionsFor(Topics.EVENTS).stream()
                    .map(info -> new TopicPartition(info.topic(), info.partition()))
                    .toList());
            consumer.seekToBeginning(consumer.assignment());
            Map<TopicPartition, Long> ends = consumer.endOffsets(consumer.assignment());
            while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
                consumer.poll(Duration.ofMillis(100));
            }
        }
        return (System.nanoTime() - begun) / 1e9;
    }
}
