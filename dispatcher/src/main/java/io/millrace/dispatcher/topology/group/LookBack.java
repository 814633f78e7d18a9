package io.millrace.dispatcher.topology.group;

import io.millrace.dispatcher.partition.LogCursor;
import io.millrace.proto.kafka.PartitionOffsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Reads single records of a log by a consumer of its own, outside of any group. A stream thread's consumer belongs to
 * Kafka Streams, and must not be polled beside it. Any thread; one after the other.
 */
final class LookBack implements AutoCloseable {

    private static final Duration POLL = Duration.ofMillis(100);
    private static final Duration LONGEST = Duration.ofSeconds(30);

    private final Supplier<Consumer<byte[], byte[]>> consumers;
    private final Duration longest;
    /** Null until it is needed. */
    private @Nullable Consumer<byte[], byte[]> consumer;

    /** @param consumers makes one that belongs to no group, and throws where an offset is not there */
    LookBack(Supplier<Consumer<byte[], byte[]>> consumers) {
        this(consumers, LONGEST);
    }

    /** @param longest how long Kafka may take for all that it is asked about one record */
    LookBack(Supplier<Consumer<byte[], byte[]>> consumers, Duration longest) {
        this.consumers = consumers;
        this.longest = longest;
    }

    /**
     * @return the record, empty where the log has none at the offset
     * @throws TimeoutException Kafka did not answer for half a minute
     */
    synchronized Optional<LogCursor.Entry> record(TopicPartition log, long offset) {
        if (consumer == null) {
            consumer = consumers.get();
        }
        try {
            consumer.assign(List.of(log));
            consumer.seek(log, offset);
            long begunNanos = System.nanoTime();
            for (Duration left = longest; left.isPositive(); left = left(begunNanos)) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                    return record.offset() == offset && record.value() != null
                            ? Optional.of(new LogCursor.Entry(record.value(), record.timestamp()))
                            : Optional.empty();
                }
                // Asked only now: the record is nearly always there, and all partitions of a stream thread wait for it.
                if (offset < PartitionOffsets.begin(consumer, log, left)
                        || offset >= PartitionOffsets.end(consumer, log, left)) {
                    return Optional.empty();
                }
            }
        } catch (OffsetOutOfRangeException e) {
            return Optional.empty();
        } finally {
            consumer.unsubscribe();
        }
        throw new TimeoutException("expected a record of " + log + " at offset " + offset + ", but none came");
    }

    private Duration left(long begunNanos) {
        return longest.minusNanos(System.nanoTime() - begunNanos);
    }

    @Override
    public synchronized void close() {
        if (consumer != null) {
            consumer.close();
            consumer = null;
        }
    }
}
