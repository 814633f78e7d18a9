package io.millrace.dispatcher.topology.group;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.proto.kafka.ClientSettings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

/** The two consumers of one who looks for outcomes. */
class OutcomeConsumersTest {

    private static final TopicPartition EVENTS = new TopicPartition("events", 0);

    @Test
    void theSecondIsClosedThoughTheFirstCannotBe() {
        List<MockConsumer<byte[], byte[]>> made = new ArrayList<>();
        OutcomeConsumers consumers = new OutcomeConsumers(new ClientSettings("", Map.of()), settings -> {
            MockConsumer<byte[], byte[]> consumer = new MockConsumer<>("earliest") {
                @Override
                public void close() {
                    super.close();
                    throw new KafkaException("it cannot be closed, for the test");
                }
            };
            consumer.updateEndOffsets(Map.of(EVENTS, 7L));
            made.add(consumer);
            return consumer;
        });
        consumers.committed();
        assertEquals(7, consumers.writtenEnd(EVENTS, Duration.ofSeconds(1)));

        assertThrows(KafkaException.class, consumers::close);
        assertEquals(2, made.size());
        assertTrue(made.stream().allMatch(MockConsumer::closed));
    }
}
