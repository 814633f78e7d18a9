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

    /** Most records of one poll. With so many, what comes together is written together. */
    private static final int BATCH = 10_000;

    /**
     * Most records of one poll for whoever works on them at once, and needs them no more when he polls again. What was fetched beyond them
     * waits in the consumer as it came, in one array.
     */
    private static final int PORTION = 500;

    /** Bytes of one answer of a broker, of however many partitions, unless a record is larger. */
    private static final int FETCH_BYTES = 4 << 20;

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
        settings.put(ConsumerConfig.FETCH_MAX_BYTES_CONFIG, FETCH_BYTES);
        settings.putAll(more);
        return new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    /**
     * For whoever makes something else of records as soon as they come: what lies in memory as records is little at any time.
     *
     * @param more further settings
     * @return a consumer as {@link #open} gives, each poll of which brings a portion of what is there
     */
    public static KafkaConsumer<byte[], byte[]> openForPortions(ClientSettings clients, Map<String, Object> more) {
        Map<String, Object> settings = new HashMap<>(more);
        settings.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, PORTION);
        return open(clients, settings);
    }

    /**
     * For whoever reads of many partitions now one and then another, while the rest is paused. A consumer asks ahead for more of the one
     * that was read last. As long as the broker holds back that answer, the consumer asks it for no other partition.
     *
     * @param more further settings
     * @return a consumer as {@link #openForPortions} gives, whose turns do not wait for each other
     */
    public static KafkaConsumer<byte[], byte[]> openForTurns(ClientSettings clients, Map<String, Object> more) {
        Map<String, Object> settings = new HashMap<>(more);
        settings.put(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, HELD_BACK_BETWEEN_TURNS_MS);
        return openForPortions(clients, settings);
    }
}
