package io.millrace.proto.kafka;

import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Consumers for parts that follow the log behind the dispatcher. They see what is committed, and take much at a time.
 */
public final class CommittedReader {

    /**
     * Most records of one poll. With so many, an execution can start and end within one poll, and is then written once.
     */
    private static final int BATCH = 10_000;

    /** Milliseconds for which the broker holds back its answer where there is nothing to read. */
    private static final int HELD_BACK_MS = 200;

    private static final int HELD_BACK_BETWEEN_TURNS_MS = 10;

    private CommittedReader() {}

    /**
     * @param more further settings
     * @return a consumer that knows only the offsets that it is told; the caller closes it
     */
    public static KafkaConsumer<byte[], byte[]> open(ClientSettings clients, Map<String, Object> more) {
        Map<String, Object> settings = clients.readingCommitted("none");
        settings.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, BATCH);
        settings.put(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, HELD_BACK_MS);
        settings.putAll(more);
        return new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    /**
     * For whoever reads of many partitions now one and then another, while the rest is paused. A consumer asks ahead for more of the one
     * that was read last. As long as the broker holds back that answer, the consumer asks it for no other partition.
     *
     * @param more further settings
     * @return a consumer as {@link #open} gives, whose turns do not wait for each other
     */
    public static KafkaConsumer<byte[], byte[]> openForTurns(ClientSettings clients, Map<String, Object> more) {
        Map<String, Object> settings = new HashMap<>(more);
        settings.put(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, HELD_BACK_BETWEEN_TURNS_MS);
        return open(clients, settings);
    }
}
