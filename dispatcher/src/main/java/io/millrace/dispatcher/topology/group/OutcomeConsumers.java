package io.millrace.dispatcher.topology.group;

import io.millrace.proto.kafka.ClientSettings;
import io.millrace.proto.kafka.PartitionOffsets;
import java.time.Duration;
import java.util.Map;
import java.util.function.Function;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;

/** The two consumers by which recorded outcomes are read. They are made when they are first needed. One thread. */
final class OutcomeConsumers implements AutoCloseable {

    private final ClientSettings clients;
    private final Function<Map<String, Object>, Consumer<byte[], byte[]>> made;
    private @Nullable Consumer<byte[], byte[]> committed;
    private @Nullable Consumer<byte[], byte[]> written;

    OutcomeConsumers(ClientSettings clients) {
        this(
                clients,
                settings -> new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer()));
    }

    /** @param made makes consumers, which belong to no group */
    OutcomeConsumers(ClientSettings clients, Function<Map<String, Object>, Consumer<byte[], byte[]>> made) {
        this.clients = clients;
        this.made = made;
    }

    /** @return one that reads what is known to be committed */
    Consumer<byte[], byte[]> committed() {
        if (committed == null) {
            committed = made.apply(clients.readingCommitted("earliest"));
        }
        return committed;
    }

    /**
     * @param longest how long to wait for Kafka's answer
     * @return offset behind the last record of the topic, committed or not
     */
    long writtenEnd(TopicPartition place, Duration longest) {
        if (written == null) {
            written = made.apply(clients.reading("earliest"));
        }
        return PartitionOffsets.end(written, place, longest);
    }

    @Override
    public void close() {
        Consumer<byte[], byte[]> first = committed;
        Consumer<byte[], byte[]> second = written;
        committed = null;
        written = null;
        try {
            close(first);
        } finally {
            close(second);
        }
    }

    private static void close(@Nullable Consumer<byte[], byte[]> consumer) {
        if (consumer != null) {
            consumer.close();
        }
    }
}
