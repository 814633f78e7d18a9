package io.millrace.ingest.readmodel;

import io.millrace.ingest.queries.ReadModelLag;
import io.millrace.proto.Topics;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes the events topic into PostgreSQL. Offsets move in the transaction of what they stand for, and only from where this
 * projector believed them to be; so each event lands exactly once, whoever dies when, and even if two projectors believe to
 * own a partition. Several may run, the partitions are shared among them. One thread, started by {@link #start}.
 */
public final class ReadModelProjector implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ReadModelProjector.class);
    private static final String GROUP = "millrace-read-model";
    private static final int BATCH = 2_000;
    private static final long RETRY_MS = 500;

    private final ReadModelDatabase database;
    private final KafkaConsumer<byte[], byte[]> consumer;
    private final Thread thread;
    /** Where the database stands, as this projector believes. Its thread only. */
    private final Map<Integer, Long> positions = new HashMap<>();

    private volatile boolean running = true;
    private volatile ReadModelLag lag = new ReadModelLag(0, 0);

    /** Prepares it; {@link #start} lets it run. */
    public ReadModelProjector(ReadModelConfig config, ReadModelDatabase database) {
        this.database = database;
        Map<String, Object> settings = new HashMap<>(config.kafkaProps());
        settings.put(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, config.bootstrapServers());
        settings.put(ConsumerConfig.GROUP_ID_CONFIG, GROUP);
        settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        settings.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, BATCH);
        settings.put(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, 200);
        consumer = new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
        thread = Thread.ofPlatform().name("millrace-read-model").daemon(true).unstarted(this::run);
    }

    /** Lets it run. */
    public void start() {
        thread.start();
    }

    /** @return how far it is behind in its partitions, as of the last look */
    public ReadModelLag lag() {
        return lag;
    }

    private void run() {
        try (consumer) {
            consumer.subscribe(List.of(Topics.EVENTS), new ConsumerRebalanceListener() {
                @Override
                public void onPartitionsRevoked(Collection<TopicPartition> partitions) {}

                @Override
                public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
                    seek(partitions);
                }
            });
            while (running) {
                step();
            }
        } catch (WakeupException e) {
            // close() woke it
        }
    }

    private void step() {
        try {
            ConsumerRecords<byte[], byte[]> records = consumer.poll(Duration.ofMillis(500));
            if (!records.isEmpty()) {
                take(records);
            }
            measureLag(records);
        } catch (WakeupException e) {
            throw e;
        } catch (SQLException | KafkaException e) {
            LOG.warn("the read model could not be brought up to date, will try again", e);
            pause();
            seek(consumer.assignment());
        }
    }

    private void take(ConsumerRecords<byte[], byte[]> records) throws SQLException {
        try (Connection connection = database.connection();
                Batch batch = new Batch(connection)) {
            for (TopicPartition partition : records.partitions()) {
                List<ConsumerRecord<byte[], byte[]>> part = records.records(partition);
                long from = part.getFirst().offset();
                long next = consumer.position(partition);
                if (!claim(connection, partition.partition(), from, next)) {
                    connection.rollback();
                    LOG.info("another projector has taken in partition {} beyond offset {}", partition.partition(), from);
                    seek(consumer.assignment());
                    return;
                }
                for (ConsumerRecord<byte[], byte[]> record : part) {
                    batch.add(partition.partition(), record.offset(), record.value());
                }
            }
            batch.execute();
            connection.commit();
            for (TopicPartition partition : records.partitions()) {
                positions.put(partition.partition(), consumer.position(partition));
            }
        }
    }

    /**
     * Moves the offset if it stands where this projector believes. Between two records there may be markers of transactions,
     * so it may stand anywhere up to the first record.
     */
    private boolean claim(Connection connection, int partition, long from, long next) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement(
                        "INSERT INTO projector_offsets VALUES (?, 0) ON CONFLICT DO NOTHING");
                PreparedStatement update = connection.prepareStatement("UPDATE projector_offsets SET next_offset = ?"
                        + " WHERE partition_number = ? AND next_offset = ?")) {
            long believed = positions.getOrDefault(partition, 0L);
            if (believed == 0) {
                insert.setInt(1, partition);
                insert.executeUpdate();
            }
            update.setLong(1, next);
            update.setInt(2, partition);
            update.setLong(3, believed);
            return update.executeUpdate() == 1 && from >= believed;
        }
    }

    private void seek(Collection<TopicPartition> partitions) {
        while (running) {
            try (Connection connection = database.connection();
                    PreparedStatement select = connection.prepareStatement(
                            "SELECT next_offset FROM projector_offsets WHERE partition_number = ?")) {
                for (TopicPartition partition : partitions) {
                    select.setInt(1, partition.partition());
                    try (ResultSet row = select.executeQuery()) {
                        long next = row.next() ? row.getLong(1) : 0;
                        positions.put(partition.partition(), next);
                        consumer.seek(partition, next);
                    }
                }
                return;
            } catch (SQLException e) {
                LOG.warn("expected the read model's database to answer, but it did not; will try again", e);
                pause();
            }
        }
    }

    private void measureLag(ConsumerRecords<byte[], byte[]> records) {
        long behind = 0;
        for (TopicPartition partition : consumer.assignment()) {
            behind += consumer.currentLag(partition).orElse(0);
        }
        long oldest = 0;
        for (ConsumerRecord<byte[], byte[]> record : records) {
            oldest = Math.max(oldest, record.timestamp());
        }
        long age = behind == 0 || oldest == 0 ? 0 : Math.max(0, System.currentTimeMillis() - oldest);
        lag = new ReadModelLag(behind, age);
    }

    private void pause() {
        try {
            Thread.sleep(RETRY_MS + ThreadLocalRandom.current().nextLong(RETRY_MS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            running = false;
        }
    }

    @Override
    public void close() {
        running = false;
        consumer.wakeup();
        try {
            thread.join(5_000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
