package io.millrace.ingest.audit.notary;

import io.millrace.ingest.audit.proof.LoggedRecord;
import io.millrace.proto.kafka.PartitionOffsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * Reads committed records one by one, several partitions side by side, each in its order. Has no more in memory than one poll
 * brought of each partition, and of all together no more than it may: records may be large. An offset before the last one asked
 * for is read anew. One thread.
 */
final class RecordsAgain implements AutoCloseable {

    private static final Duration POLL = Duration.ofMillis(200);
    /** To read on over what is not wanted is quicker than to go elsewhere, up to here. */
    private static final long NEAR = 1_000;
    /** What was read ahead may have this part of the heap. */
    private static final int PART_OF_HEAP = 64;

    private final Consumer<byte[], byte[]> consumer;
    private final long mostBytesAhead;
    private final Map<TopicPartition, Ahead> ahead = new HashMap<>();
    private long bytesAhead;

    /** What was read of a partition and not asked for yet. */
    private static final class Ahead {
        private final ArrayDeque<ConsumerRecord<byte[], byte[]>> records = new ArrayDeque<>();
        /** All before it was asked for, or passed over. */
        private long next = Long.MAX_VALUE;
    }

    /** @param consumer of no group, which becomes its own */
    RecordsAgain(Consumer<byte[], byte[]> consumer) {
        this(consumer, Runtime.getRuntime().maxMemory() / PART_OF_HEAP);
    }

    /** @param mostBytesAhead of all partitions together, beside what the last poll brought */
    RecordsAgain(Consumer<byte[], byte[]> consumer, long mostBytesAhead) {
        this.consumer = consumer;
        this.mostBytesAhead = mostBytesAhead;
    }

    /** Has these partitions from now on. */
    void assign(Collection<TopicPartition> wanted) {
        consumer.assign(wanted);
        ahead.keySet().retainAll(wanted);
        for (TopicPartition place : wanted) {
            if (ahead.putIfAbsent(place, new Ahead()) == null) {
                consumer.seek(place, 0); // It has to be somewhere, though it is paused.
            }
        }
        bytesAhead = ahead.values().stream()
                .flatMap(waiting -> waiting.records.stream())
                .mapToLong(RecordsAgain::bytes)
                .sum();
        consumer.pause(wanted);
    }

    /** @return the record at the offset; empty if none is there, or none any more, or none yet */
    Optional<LoggedRecord> at(TopicPartition place, long offset) {
        return find(place, offset, false);
    }

    /** @return the first record at the offset or behind it that is there; empty if there is none yet */
    Optional<LoggedRecord> next(TopicPartition place, long offset) {
        return find(place, offset, true);
    }

    private Optional<LoggedRecord> find(TopicPartition place, long offset, boolean orBehind) {
        Ahead waiting = ahead(place);
        if (offset < waiting.next || offset > standsAt(place, waiting) + NEAR) {
            drop(waiting);
            consumer.seek(place, offset);
        }
        waiting.next = offset;
        while (true) {
            while (!waiting.records.isEmpty() && waiting.records.peek().offset() < offset) {
                take(waiting);
            }
            if (!waiting.records.isEmpty()) {
                return first(waiting, offset, orBehind);
            }
            boolean passed = !orBehind && consumer.position(place) > offset;
            if (passed || !read(place, waiting)) {
                return Optional.empty();
            }
        }
    }

    private Optional<LoggedRecord> first(Ahead waiting, long offset, boolean orBehind) {
        ConsumerRecord<byte[], byte[]> first = waiting.records.element();
        if (first.offset() > offset) {
            return orBehind ? Optional.of(LoggedRecord.of(first)) : Optional.empty();
        }
        waiting.next = offset + 1;
        return Optional.of(LoggedRecord.of(take(waiting)));
    }

    private long standsAt(TopicPartition place, Ahead waiting) {
        return waiting.records.isEmpty()
                ? consumer.position(place)
                : waiting.records.peekLast().offset();
    }

    /** @return false if the partition ends here */
    private boolean read(TopicPartition place, Ahead waiting) {
        consumer.resume(Set.of(place));
        try {
            ConsumerRecords<byte[], byte[]> polled = consumer.poll(POLL);
            for (ConsumerRecord<byte[], byte[]> record : polled.records(place)) {
                waiting.records.add(record);
                bytesAhead += bytes(record);
            }
            keepToTheMost(place);
            return !polled.isEmpty() || consumer.position(place) < end(place);
        } catch (OffsetOutOfRangeException e) {
            long begin = begin(place);
            if (consumer.position(place) < begin) {
                consumer.seek(place, begin); // what stood there is gone
                return true;
            }
            // Whoever forges an outcome may let it name any command: that is to hold up no other partition.
            consumer.seek(place, end(place));
            return false;
        } finally {
            consumer.pause(Set.of(place));
        }
    }

    /** What is ahead of others is read once more when it is asked for. */
    private void keepToTheMost(TopicPartition wanted) {
        if (bytesAhead <= mostBytesAhead) {
            return;
        }
        ahead.forEach((place, waiting) -> {
            if (!place.equals(wanted) && !waiting.records.isEmpty()) {
                consumer.seek(place, waiting.records.peek().offset());
                drop(waiting);
            }
        });
    }

    private ConsumerRecord<byte[], byte[]> take(Ahead waiting) {
        ConsumerRecord<byte[], byte[]> record = waiting.records.remove();
        bytesAhead -= bytes(record);
        return record;
    }

    private void drop(Ahead waiting) {
        waiting.records.forEach(record -> bytesAhead -= bytes(record));
        waiting.records.clear();
    }

    private static long bytes(ConsumerRecord<byte[], byte[]> record) {
        return (long) size(record.key()) + size(record.value());
    }

    private static int size(byte @Nullable [] bytes) {
        return bytes == null ? 0 : bytes.length;
    }

    private Ahead ahead(TopicPartition place) {
        return Objects.requireNonNull(ahead.get(place), "partition that was assigned");
    }

    /** @return where the partition begins now; what stood before is gone */
    long begin(TopicPartition place) {
        return PartitionOffsets.begin(consumer, place);
    }

    /** @return where the committed records of the partition end now */
    long end(TopicPartition place) {
        return PartitionOffsets.end(consumer, place);
    }

    @Override
    public void close() {
        consumer.close();
    }
}
