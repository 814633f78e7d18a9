package io.millrace.dispatcher.replay.log;

import io.millrace.proto.Topics;
import io.millrace.proto.kafka.PartitionOffsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/** Reads the outcomes of one partition alone, from the first one to what was committed when it began. One thread. */
public final class OutcomesReader implements AutoCloseable {

    private static final Duration POLL = Duration.ofMillis(500);
    private static final long PATIENCE_NANOS = Duration.ofSeconds(30).toNanos();

    private final KafkaConsumer<byte[], byte[]> consumer;
    private final TopicPartition place;
    private final long end;
    private final ArrayDeque<ConsumerRecord<byte[], byte[]>> read = new ArrayDeque<>();

    /** @param consumer of no group, which becomes its own */
    OutcomesReader(KafkaConsumer<byte[], byte[]> consumer, int partition) {
        this.consumer = consumer;
        this.place = new TopicPartition(Topics.EVENTS, partition);
        try {
            consumer.assign(Set.of(place));
            end = PartitionOffsets.end(consumer, place);
            consumer.seekToBeginning(Set.of(place));
        } catch (KafkaException e) {
            consumer.close();
            throw e;
        }
    }

    /**
     * @return what comes next, null at the end
     * @throws LogUnreadableException Kafka does not show it
     */
    public @Nullable LoggedOutcome next() {
        long begun = System.nanoTime();
        try {
            while (read.isEmpty() && consumer.position(place) < end) {
                consumer.poll(POLL).forEach(read::add);
                if (read.isEmpty() && System.nanoTime() - begun > PATIENCE_NANOS) {
                    throw new LogUnreadableException("expected the events of partition " + place.partition()
                            + " to go on, but Kafka showed nothing more of them for "
                            + Duration.ofNanos(PATIENCE_NANOS).toSeconds() + " s");
                }
            }
        } catch (KafkaException e) {
            throw new LogUnreadableException(
                    "expected the events of partition " + place.partition() + ", but: " + e.getMessage(), e);
        }
        ConsumerRecord<byte[], byte[]> record = read.poll();
        return record == null || record.offset() >= end ? null : LoggedOutcome.of(record.offset(), record.value());
    }

    @Override
    public void close() {
        consumer.close();
    }
}
