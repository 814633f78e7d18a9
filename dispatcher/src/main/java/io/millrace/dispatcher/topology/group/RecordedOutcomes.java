package io.millrace.dispatcher.topology.group;

import com.google.protobuf.InvalidProtocolBufferException;
import io.millrace.proto.Topics;
import io.millrace.proto.kafka.ClientSettings;
import io.millrace.proto.kafka.PartitionOffsets;
import io.millrace.proto.v1.MacVerdict;
import io.millrace.proto.v1.OutcomeRecord;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;

/**
 * Reads the outcomes of a partition that stand on the events topic: the last one, and what the MACs of commands proved
 * when they were decided, in the order of the commands. Opens a consumer when it is first asked, which hardly ever
 * happens. Stream thread; waits for Kafka.
 */
final class RecordedOutcomes implements AutoCloseable {

    private static final Duration POLL = Duration.ofMillis(500);
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    /** Where Kafka takes seconds for a request, the first of a client are several. */
    private static final Duration LAST_PATIENCE = Duration.ofSeconds(60);

    /** So few outcomes are sooner read than passed over by another look. */
    private static final long NEAR = 1_000;

    private static final Duration LOOK = Duration.ofMillis(20);
    private static final long FIRST_STEP = 16;
    private static final long STEP_FACTOR = 8;
    private static final long NONE = -1;

    private final ClientSettings clients;
    private final TopicPartition outcomes;
    private final Deque<ConsumerRecord<byte[], byte[]>> read = new ArrayDeque<>();
    private @Nullable KafkaConsumer<byte[], byte[]> consumer;
    /** Offset of the command that was asked for last, and behind whose outcome the consumer stands. */
    private long asked = NONE;

    RecordedOutcomes(ClientSettings clients, int partition) {
        this.clients = clients;
        this.outcomes = new TopicPartition(Topics.EVENTS, partition);
    }

    /**
     * @return what the outcome of the command says
     * @throws TimeoutException Kafka does not show that outcome
     */
    MacVerdict of(long commandOffset) {
        open();
        if (asked == NONE || commandOffset <= asked) {
            seek(commandOffset);
        }
        asked = commandOffset;
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            OutcomeRecord outcome = next(end);
            if (outcome == null || outcome.getCommandOffset() > commandOffset) {
                throw new TimeoutException(
                        "expected the outcome of the command at offset " + commandOffset + " on " + outcomes + ", but "
                                + (outcome == null ? "none came" : "the next is of " + outcome.getCommandOffset()));
            }
            if (outcome.getCommandOffset() == commandOffset) {
                return outcome.getMac();
            }
        }
    }

    /**
     * Waits until Kafka knows of each record on the topic whether it is committed. So nobody may have a transaction open
     * that has to do with the partition, but former owners, whose transactions are ended.
     *
     * @return the last outcome that is committed, empty if there is none
     * @throws TimeoutException a transaction stays open, or Kafka does not show the outcome
     */
    Optional<OutcomeRecord> last() {
        asked = NONE;
        long endNanos = System.nanoTime() + LAST_PATIENCE.toNanos();
        open();
        long end = committedEnd(endNanos);
        long begin = PartitionOffsets.begin(opened(), outcomes);
        // The ends of transactions take places too, and what was aborted does: so steps back become longer.
        for (long back = FIRST_STEP; ; back *= STEP_FACTOR) {
            long from = Math.max(begin, end - back);
            Optional<OutcomeRecord> found = lastBetween(from, end, endNanos);
            if (found.isPresent() || from == begin) {
                return found;
            }
        }
    }

    private long committedEnd(long endNanos) {
        long written = writtenEnd();
        while (true) {
            long committed = PartitionOffsets.end(opened(), outcomes);
            if (committed >= written) {
                return committed;
            }
            if (System.nanoTime() - endNanos >= 0) {
                throw new TimeoutException("expected that all transactions up to offset " + written + " of " + outcomes
                        + " are ended, but the one at " + committed + " is not");
            }
            LockSupport.parkNanos(LOOK.toNanos());
        }
    }

    private long writtenEnd() {
        try (KafkaConsumer<byte[], byte[]> all = new KafkaConsumer<>(
                clients.reading("earliest"), new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            return PartitionOffsets.end(all, outcomes);
        }
    }

    private Optional<OutcomeRecord> lastBetween(long from, long end, long endNanos) {
        move(from);
        ConsumerRecord<byte[], byte[]> found = null;
        while (!read.isEmpty() || opened().position(outcomes) < end) {
            ConsumerRecord<byte[], byte[]> record = read.poll();
            if (record != null) {
                found = record;
            } else if (System.nanoTime() - endNanos < 0) {
                opened().poll(POLL).forEach(read::add);
            } else {
                throw new TimeoutException(
                        "expected the records of " + outcomes + " up to offset " + end + ", but they do not come");
            }
        }
        return Optional.ofNullable(found).map(this::parse);
    }

    private void open() {
        if (consumer != null) {
            return;
        }
        KafkaConsumer<byte[], byte[]> opened = new KafkaConsumer<>(
                clients.readingCommitted("earliest"), new ByteArrayDeserializer(), new ByteArrayDeserializer());
        opened.assign(List.of(outcomes));
        consumer = opened;
    }

    private KafkaConsumer<byte[], byte[]> opened() {
        return Objects.requireNonNull(consumer, "consumer");
    }

    /**
     * Goes to a place at or before the command's outcome, and near it. Each command has one outcome, and ends of transactions
     * stand between them, so none stands before the offset of its command.
     */
    private void seek(long commandOffset) {
        long from = Math.max(commandOffset, PartitionOffsets.begin(opened(), outcomes));
        long to = PartitionOffsets.end(opened(), outcomes);
        while (to - from > NEAR) {
            long middle = from + (to - from) / 2;
            move(middle);
            ConsumerRecord<byte[], byte[]> there = nextRecord(System.nanoTime() + PATIENCE.toNanos());
            if (there != null && there.offset() < to && parse(there).getCommandOffset() <= commandOffset) {
                from = there.offset();
            } else {
                to = middle;
            }
        }
        move(from);
    }

    private void move(long offset) {
        read.clear();
        opened().seek(outcomes, offset);
    }

    private @Nullable OutcomeRecord next(long endNanos) {
        ConsumerRecord<byte[], byte[]> record = nextRecord(endNanos);
        return record == null ? null : parse(record);
    }

    private @Nullable ConsumerRecord<byte[], byte[]> nextRecord(long endNanos) {
        while (read.isEmpty()) {
            if (System.nanoTime() - endNanos >= 0) {
                return null;
            }
            opened().poll(POLL).forEach(read::add);
        }
        return read.poll();
    }

    private OutcomeRecord parse(ConsumerRecord<byte[], byte[]> record) {
        try {
            return OutcomeRecord.parseFrom(record.value());
        } catch (InvalidProtocolBufferException e) {
            throw new SerializationException(
                    "expected an outcome at offset " + record.offset() + " of " + outcomes + ", but it is none", e);
        }
    }

    @Override
    public void close() {
        if (consumer != null) {
            consumer.close();
            consumer = null;
        }
    }
}
