package io.millrace.ingest.encryption;

import io.millrace.proto.Topics;
import io.millrace.proto.kafka.ClientSettings;
import io.millrace.proto.kafka.TopicWriter;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.producer.ProducerConfig;

/**
 * Write to the topic of data keys. They keep no common order, and need none: nobody removes a key before it is known to be
 * there.
 *
 * @param prompt sends each record at once
 * @param gathering lets records wait a moment, so that they travel together
 */
record KeyWriters(TopicWriter prompt, TopicWriter gathering) implements AutoCloseable {

    private static final int GATHERING_MS = 5;

    static KeyWriters open(ClientSettings clients) {
        Map<String, Object> gathering = new HashMap<>(clients.lasting());
        gathering.put(ProducerConfig.LINGER_MS_CONFIG, GATHERING_MS);
        return new KeyWriters(
                new TopicWriter(Topics.DATA_KEYS, clients.lasting()), new TopicWriter(Topics.DATA_KEYS, gathering));
    }

    @Override
    public void close() {
        prompt.close();
        gathering.close();
    }
}
