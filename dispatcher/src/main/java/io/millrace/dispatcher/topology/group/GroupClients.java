package io.millrace.dispatcher.topology.group;

import io.millrace.dispatcher.partition.LogCursor;
import io.millrace.proto.Topics;
import io.millrace.proto.kafka.ClientSettings;
import io.millrace.proto.mac.RecordSeals;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.KafkaClientSupplier;

/**
 * Kafka Streams' clients as it makes them itself, but for the main consumers, which the group listens to and
 * partitions move.
 */
public final class GroupClients implements KafkaClientSupplier, AutoCloseable {

    private static final String OF_THREAD = "-consumer";

    private final DispatcherGroup group;
    private final Map<String, Consumer<byte[], byte[]>> consumers = new ConcurrentHashMap<>();
    private final OpenTransactions transactions;
    private final LookBack lookBack;
    private final OutcomeReaders outcomeReaders;
    private final ClientSettings clients;
    private final RecordSeals seals;

    /**
     * For threads of this group, whose transactions are known to the second.
     *
     * @param clients settings of consumers that belong to no group
     * @param seals by which outcomes are known
     */
    public GroupClients(
            DispatcherGroup group, OpenTransactions transactions, ClientSettings clients, RecordSeals seals) {
        this.seals = seals;
        this.group = group;
        this.transactions = transactions;
        this.clients = clients;
        this.outcomeReaders = new OutcomeReaders(() -> new OutcomeConsumers(clients));
        this.lookBack = new LookBack(() -> {
            Map<String, Object> settings = clients.reading("none");
            settings.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 1);
            settings.put(
                    ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, 1); // a record comes whole, and nothing behind it
            return new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
        });
    }

    /** @return the place in the log of the partition from which the stream thread that calls reads */
    public LogCursor cursor(int partition) {
        String name = Thread.currentThread().getName() + OF_THREAD;
        Consumer<byte[], byte[]> consumer = consumers.get(name);
        if (consumer == null) {
            throw new IllegalStateException("expected a main consumer of the name " + name
                    + ", but there are only those of " + consumers.keySet());
        }
        TopicPartition events = new TopicPartition(Topics.EVENTS, partition);
        return new ConsumerCursor(
                consumer,
                lookBack,
                new RecordedOutcomes(new OutcomeConsumers(clients), partition, seals, RecordedOutcomes.PATIENCE),
                new UnseenOutcomes(
                        outcomeReaders,
                        consumers -> new RecordedOutcomes(consumers, partition, seals, RecordedOutcomes.PATIENCE),
                        () -> transactions.reading(events),
                        () -> transactions.read(events)),
                new TopicPartition(Topics.COMMANDS, partition));
    }

    @Override
    public Admin getAdmin(Map<String, Object> settings) {
        return Admin.create(settings);
    }

    @Override
    public Producer<byte[], byte[]> getProducer(Map<String, Object> settings) {
        if (settings.get(ProducerConfig.TRANSACTIONAL_ID_CONFIG) instanceof String id) {
            transactions.own(id);
        }
        return new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
    }

    @Override
    public Consumer<byte[], byte[]> getConsumer(Map<String, Object> settings) {
        Consumer<byte[], byte[]> consumer = group.consumer(settings);
        consumers.put(
                Objects.requireNonNull(settings.get(ConsumerConfig.CLIENT_ID_CONFIG), "client.id")
                        .toString(),
                consumer);
        return consumer;
    }

    @Override
    public Consumer<byte[], byte[]> getRestoreConsumer(Map<String, Object> settings) {
        return new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    @Override
    public Consumer<byte[], byte[]> getGlobalConsumer(Map<String, Object> settings) {
        return new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    /** Ends what is no stream thread's. */
    @Override
    public void close() {
        outcomeReaders.close();
        lookBack.close();
    }
}
