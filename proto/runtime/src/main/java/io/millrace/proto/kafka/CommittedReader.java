package io.millrace.proto.kafka;

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

    private CommittedReader() {}

    /**
     * @param more further settings
     * @return a consumer that knows only the offsets that it is told; the caller closes it
     */
    public static KafkaConsumer<byte[], byte[]> open(ClientSettings clients, Map<String, Object> more) {
        Map<String, Object> settings = clients.readingCommitted("none");
        settings.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, BATCH);
        settings.put(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, 200);
        settings.putAll(more);
        return new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }
}
