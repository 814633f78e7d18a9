package io.millrace.ingest.audit.notary;

import io.millrace.ingest.audit.proof.LoggedRecord;
import io.millrace.proto.Topics;
import io.millrace.proto.kafka.Bounds;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.TopicPartition;

/**
 * Reads commands beside their outcomes: each partition in order, and no further ahead than what one poll brings. An offset before
 * the last one asked for is read anew. One thread.
 */
final class CommandsBeside implements AutoCloseable {

    private static final Duration POLL = Duration.ofMillis(200);

    private final KafkaConsumer<byte[], byte[]> consumer;
    private final Map<TopicPartition, Ahead> ahead = new HashMap<>();

    /** What was read of a partition and not asked for yet. */
    private static final class Ahead {
        private final ArrayDeque<ConsumerRecord<byte[], byte[]>> records = new ArrayDeque<>();
        /** All before it was asked for, or passed over. */
        private long next = Long.MAX_VALUE;
    }

    /** @param consumer of no group, which becomes its own */
    CommandsBeside(KafkaConsumer<byte[], byte[]> consumer) {
        this.consumer = consumer;
    }

    /** Has these partitions from now on. */
    void assign(Collection<Integer> partitions) {
        List<TopicPartition> wanted =
                partitions.stream().map(CommandsBeside::place).toList();
        consumer.assign(wanted);
        ahead.keySet().retainAll(wanted);
        for (TopicPartition place : wanted) {
            if (ahead.putIfAbsent(place, new Ahead()) == null) {
                consumer.seek(place, 0); // It has to be somewhere, though it is paused.
            }
        }
        consumer.pause(wanted);
    }

    private static TopicPartition place(int partition) {
        return new TopicPartition(Topics.COMMANDS, partition);
    }

    private Ahead ahead(TopicPartition place) {
        return Objects.requireNonNull(ahead.get(place), "partition of this notary");
    }

    /**
     * @return the committed command at the offset; empty if none is there, or none yet: {@link #end} tells which
     */
    Optional<LoggedRecord> find(int partition, long offset) {
        TopicPartition place = place(partition);
        Ahead waiting = ahead(place);
        if (offset < waiting.next) {
            waiting.records.clear();
            consumer.seek(place, offset);
        }
        waiting.next = offset;
        while (true) {
            while (!waiting.records.isEmpty() && waiting.records.peek().offset() < offset) {
                waiting.records.poll();
            }
            if (!waiting.records.isEmpty()) {
                waiting.next = offset + 1;
                return waiting.records.peek().offset() == offset
                        ? Optional.of(LoggedRecord.of(waiting.records.poll()))
                        : Optional.empty();
            }
            if (consumer.position(place) > offset || !read(place)) {
                return Optional.empty();
            }
        }
    }

    /** @return false if the partition ends here */
    private boolean read(TopicPartition place) {
        consumer.resume(Set.of(place));
        try {
            ConsumerRecords<byte[], byte[]> polled = consumer.poll(POLL);
            for (ConsumerRecord<byte[], byte[]> record : polled.records(place)) {
                ahead(place).records.add(record);
            }
            return !polled.isEmpty() || consumer.position(place) < end(place.partition());
        } catch (OffsetOutOfRangeException e) {
            // Whoever forges an outcome may let it name any command: that is to hold up no other partition.
            long end = end(place.partition());
            if (e.offsetOutOfRangePartitions().getOrDefault(place, 0L) < end) {
                throw e; // what stood there is gone
            }
            consumer.seek(place, end);
            return false;
        } finally {
            consumer.pause(Set.of(place));
        }
    }

    /** @return where the committed commands of the partition end now */
    long end(int partition) {
        TopicPartition place = place(partition);
        return Bounds.end(consumer, place);
    }

    @Override
    public void close() {
        consumer.close();
    }
}
