package io.millrace.dispatcher.topology.group;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.junit.jupiter.api.Test;

/** One record of a log, read beside those who read the whole of it. */
class LookBackTest {

    private static final TopicPartition LOG = new TopicPartition("commands", 3);

    private final MockConsumer<byte[], byte[]> consumer = new MockConsumer<>("none");
    private final LookBack lookBack = new LookBack(() -> consumer);

    private void logOf(long start, long end) {
        consumer.updateBeginningOffsets(Map.of(LOG, start));
        consumer.updateEndOffsets(Map.of(LOG, end));
    }

    private void comes(long offset) {
        consumer.schedulePollTask(() -> consumer.addRecord(
                new ConsumerRecord<>(LOG.topic(), LOG.partition(), offset, new byte[0], new byte[] {(byte) offset})));
    }

    @Test
    void theRecordAtTheOffsetIsFound() {
        logOf(0, 9);
        comes(7);
        assertArrayEquals(new byte[] {7}, lookBack.record(LOG, 7).orElseThrow().value());
        comes(2);
        assertArrayEquals(new byte[] {2}, lookBack.record(LOG, 2).orElseThrow().value());
        assertTrue(consumer.assignment().isEmpty(), "nothing is read in between");
    }

    /** All partitions of a stream thread wait, for each that is opened. */
    @Test
    void whereTheRecordIsThereNobodyAsksHowFarTheLogGoes() {
        logOf(0, 9);
        comes(7);
        consumer.setOffsetsException(new KafkaException("expected nobody to ask"));

        assertArrayEquals(new byte[] {7}, lookBack.record(LOG, 7).orElseThrow().value());
    }

    @Test
    void beyondTheEndIsNoneAndNobodyWaitsForIt() {
        logOf(0, 7);
        assertEquals(Optional.empty(), lookBack.record(LOG, 7));
    }

    @Test
    void whereTheLogHasAHoleIsNone() {
        logOf(0, 9);
        comes(8);
        assertEquals(Optional.empty(), lookBack.record(LOG, 7));
    }

    @Test
    void beforeTheBeginningIsNone() {
        logOf(5, 9);
        assertEquals(Optional.empty(), lookBack.record(LOG, 2));
    }

    /** All partitions of the stream thread would wait for the one that has no leader. */
    @Test
    void nobodyWaitsForAPartitionWithoutALeaderLongerThanTheTimeThatThereIs() {
        Duration longest = Duration.ofMillis(300);
        List<Duration> waits = new ArrayList<>();
        MockConsumer<byte[], byte[]> leaderless = new MockConsumer<>("none") {
            @Override
            public Map<TopicPartition, Long> beginningOffsets(Collection<TopicPartition> partitions) {
                throw new AssertionError("asked without a limit");
            }

            @Override
            public Map<TopicPartition, Long> beginningOffsets(Collection<TopicPartition> partitions, Duration timeout) {
                waits.add(timeout);
                throw new TimeoutException("no leader");
            }
        };
        assertThrows(TimeoutException.class, () -> new LookBack(() -> leaderless, longest).record(LOG, 7));
        assertEquals(1, waits.size());
        assertTrue(waits.getFirst().compareTo(longest) <= 0);
    }

    @Test
    void whatKafkaCannotAnswerIsNoAnswer() {
        logOf(0, 9);
        consumer.setPollException(new KafkaException("expected Kafka, but it is away"));
        assertThrows(KafkaException.class, () -> lookBack.record(LOG, 7));
        lookBack.close();
        assertTrue(consumer.closed());
    }
}
