package io.millrace.infra.audit;

import io.millrace.infra.embedded.EmbeddedDatabase;
import io.millrace.infra.embedded.EmbeddedKafka;
import io.millrace.infra.server.CloseStack;
import io.millrace.infra.testing.Await;
import io.millrace.infra.testing.TempFolder;
import io.millrace.ingest.audit.tlog.SignedNote;
import io.millrace.ingest.readmodel.ReadModelConfig;
import io.millrace.proto.Topics;
import io.millrace.proto.kafka.ClientSettings;
import io.millrace.proto.v1.CommandRecord;
import io.millrace.proto.v1.OutcomeRecord;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** A Kafka with the topics that a notary reads and writes, and a PostgreSQL with as many databases as are wanted. */
final class LogBackends implements AutoCloseable {

    /** A notary has all that there are. */
    static final int MOST_PARTITIONS = 13;

    private final CloseStack parts = new CloseStack();
    private final EmbeddedKafka kafka;
    private final EmbeddedDatabase postgres;
    private final KafkaProducer<byte[], byte[]> plain;
    private final KafkaProducer<byte[], byte[]> transactions;

    /** @param partitions each notary takes over all of them, whichever a test looks at: no more than the tests need */
    LogBackends(int partitions) throws Exception {
        try {
            TempFolder folder = parts.push("test folder", new TempFolder());
            kafka = parts.push("Kafka", EmbeddedKafka.start(folder.path().resolve("kafka"), 0));
            postgres = parts.push(
                    "PostgreSQL", EmbeddedDatabase.start(folder.path().resolve("postgres")));
            try (Admin admin = admin()) {
                admin.createTopics(List.of(Topics.EVENTS, Topics.COMMANDS, Topics.CHECKPOINTS).stream()
                                .map(name -> new NewTopic(name, Optional.of(partitions), Optional.of((short) 1)))
                                .toList())
                        .all()
                        .get(120, TimeUnit.SECONDS);
            }
            plain = parts.push("producer", producer(Map.of()));
            transactions = parts.push("producer of transactions", producer(Map.of("transactional.id", "test")));
            transactions.initTransactions();
        } catch (Throwable e) {
            parts.close();
            throw e;
        }
    }

    private Admin admin() {
        return Admin.create(kafka.access().client(Map.of()));
    }

    private KafkaProducer<byte[], byte[]> producer(Map<String, Object> more) {
        return new KafkaProducer<>(kafka.access().client(more), new ByteArraySerializer(), new ByteArraySerializer());
    }

    /** @return the settings of a database that nobody has used */
    ReadModelConfig newDatabase() throws SQLException {
        String name = "t" + UUID.randomUUID().toString().replace("-", "");
        try (Connection connection =
                        DriverManager.getConnection(postgres.jdbcUrl(), postgres.user(), postgres.password());
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE DATABASE " + name);
        }
        return new ReadModelConfig(
                postgres.jdbcUrl().replaceAll("/[^/]+$", "/" + name),
                postgres.user(),
                postgres.password(),
                4,
                new ClientSettings(
                        kafka.access().bootstrapServers(), kafka.access().properties()));
    }

    static void execute(ReadModelConfig config, String sql) throws SQLException {
        try (Connection connection = DriverManager.getConnection(config.jdbcUrl(), config.user(), config.password());
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /** Writes so many commands, and then their outcomes, which are committed. */
    void write(int partition, int outcomes) throws Exception {
        long first = command(partition);
        for (int i = 1; i < outcomes; i++) {
            command(partition);
        }
        transactions.beginTransaction();
        for (int i = 0; i < outcomes; i++) {
            outcome(partition, first + i);
        }
        transactions.commitTransaction();
    }

    /** Writes an outcome that is taken back. */
    void abort(int partition) {
        transactions.beginTransaction();
        outcome(partition, 0);
        transactions.flush();
        transactions.abortTransaction();
    }

    private long command(int partition) throws Exception {
        byte[] value =
                CommandRecord.newBuilder().setOrigin("node 192.0.2.1:7").build().toByteArray();
        return plain.send(new ProducerRecord<>(Topics.COMMANDS, partition, null, value))
                .get(120, TimeUnit.SECONDS)
                .offset();
    }

    private void outcome(int partition, long commandOffset) {
        byte[] value = OutcomeRecord.newBuilder()
                .setCommandOffset(commandOffset)
                .build()
                .toByteArray();
        transactions.send(new ProducerRecord<>(Topics.EVENTS, partition, null, value));
    }

    /** Writes a record without a value among the outcomes. */
    void writeNothing(int partition) {
        transactions.beginTransaction();
        transactions.send(new ProducerRecord<>(Topics.EVENTS, partition, null, null));
        transactions.commitTransaction();
    }

    /**
     * Writes something to the topic of checkpoints, whoever signed it.
     *
     * @return its offset
     */
    long publish(int partition, SignedNote note) throws Exception {
        byte[] value = note.toString().getBytes(StandardCharsets.UTF_8);
        return plain.send(new ProducerRecord<>(Topics.CHECKPOINTS, partition, null, value))
                .get(120, TimeUnit.SECONDS)
                .offset();
    }

    /** @return all that stands on the topic of checkpoints now */
    List<SignedNote> published(int partition) {
        TopicPartition place = new TopicPartition(Topics.CHECKPOINTS, partition);
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(
                kafka.access().client(Map.of()), new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            consumer.assign(List.of(place));
            consumer.seekToBeginning(List.of(place));
            long end = consumer.endOffsets(List.of(place)).get(place);
            List<SignedNote> notes = new ArrayList<>();
            Await.until("all that was published", () -> {
                consumer.poll(Duration.ofMillis(100))
                        .forEach(record ->
                                notes.add(SignedNote.parse(new String(record.value(), StandardCharsets.UTF_8))));
                return consumer.position(place) >= end;
            });
            return notes;
        }
    }

    /** Deletes all events that stand in the partition now. */
    void deleteEvents(int partition) throws Exception {
        delete(Topics.EVENTS, partition);
    }

    /** Deletes all commands that stand in the partition now. */
    void deleteCommands(int partition) throws Exception {
        delete(Topics.COMMANDS, partition);
    }

    /** Deletes all that was published of the partition. */
    void deletePublished(int partition) throws Exception {
        delete(Topics.CHECKPOINTS, partition);
    }

    private void delete(String topic, int partition) throws Exception {
        try (Admin admin = admin()) {
            admin.deleteRecords(Map.of(new TopicPartition(topic, partition), RecordsToDelete.beforeOffset(-1)))
                    .all()
                    .get(120, TimeUnit.SECONDS);
        }
    }

    @Override
    public void close() {
        parts.close();
    }
}
