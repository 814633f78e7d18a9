package io.millrace.dispatcher.replay.log;

import io.millrace.proto.Topics;
import io.millrace.proto.kafka.PartitionOffsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * Reads the commands of one partition beside their outcomes, in the order of the log, up to the last outcome that was
 * committed when it began. Commands that have no outcome yet are not shown. Neither topic is read further ahead than a
 * few fetches. One thread.
 */
public final class LogReader implements AutoCloseable {

    /** What one fetch brings of a topic. Little enough that it is gone when the collector comes. */
    static final int FETCH_BYTES = 1 << 20;
    /** So many records of both topics come at once, at the most. */
    static final int POLL_RECORDS = 2_000;

    private static final Duration POLL = Duration.ofMillis(500);
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(30);
    /** So much of one topic is read before the other, at the most, and what one fetch brings. */
    private static final long AHEAD_BYTES = 4L << 20;

    private static final int PER_RECORD_BYTES = 100;
    /** So many outcomes, at least, are looked through for that of a command before it counts as one without. */
    private static final int LOOKED_AHEAD = 1_000;

    private final KafkaConsumer<byte[], byte[]> consumer;
    private final TopicPartition commandsPlace;
    private final TopicPartition outcomesPlace;
    private final long commandsEnd;
    private final long outcomesEnd;
    private final ArrayDeque<ConsumerRecord<byte[], byte[]>> commands = new ArrayDeque<>();
    private final ArrayDeque<LoggedOutcome> outcomes = new ArrayDeque<>();
    private final Set<TopicPartition> paused = new HashSet<>();
    private long commandBytes;
    private long outcomeBytes;
    private final long from;
    /** Offset of the command that comes next. */
    private long expected;

    /**
     * @param consumer of no group, which becomes its own
     * @param start what is wanted first
     */
    LogReader(KafkaConsumer<byte[], byte[]> consumer, int partition, RecordedLog.Start start) {
        this.consumer = consumer;
        this.from = start.command();
        this.expected = from;
        commandsPlace = new TopicPartition(Topics.COMMANDS, partition);
        outcomesPlace = new TopicPartition(Topics.EVENTS, partition);
        List<TopicPartition> both = List.of(commandsPlace, outcomesPlace);
        try {
            consumer.assign(both);
            outcomesEnd = PartitionOffsets.end(consumer, outcomesPlace);
            // Asked later: each outcome has its command before it.
            commandsEnd = PartitionOffsets.end(consumer, commandsPlace);
            consumer.seek(commandsPlace, from);
            // No outcome stands before the offset of its command: each command has one, and ends of transactions stand
            // between.
            long first = PartitionOffsets.begin(consumer, outcomesPlace);
            consumer.seek(outcomesPlace, Math.max(first, Math.min(Math.max(from, start.outcome()), outcomesEnd)));
        } catch (KafkaException e) {
            consumer.close();
            throw e;
        }
    }

    /**
     * @return what comes next, null at the end
     * @throws LogUnreadableException Kafka does not show it
     */
    public @Nullable LogEntry next() {
        LoggedOutcome outcome = outcome();
        if (outcome == null) {
            return null;
        }
        if (outcome.commandOffset() < expected) {
            return new LogEntry(null, taken());
        }
        ConsumerRecord<byte[], byte[]> command = command();
        if (outcome.commandOffset() >= commandsEnd
                || command != null && command.offset() < outcome.commandOffset() && hasOutcome(command.offset())) {
            // Nobody but a dispatcher writes them in order. It must not hide those that stand behind it.
            return new LogEntry(null, taken());
        }
        if (command == null || command.offset() > outcome.commandOffset()) {
            expected = outcome.commandOffset() + 1;
            return new LogEntry(null, taken());
        }
        commands.poll();
        commandBytes -= size(command.value());
        expected = command.offset() + 1;
        LoggedCommand logged = new LoggedCommand(command.offset(), command.timestamp(), command.value());
        return new LogEntry(logged, command.offset() == outcome.commandOffset() ? taken() : null);
    }

    /** @return whether the outcome of the command stands behind that which comes next */
    private boolean hasOutcome(long commandOffset) {
        long heard = System.nanoTime();
        while (outcomes.size() < LOOKED_AHEAD
                && outcomeBytes <= AHEAD_BYTES
                && consumer.position(outcomesPlace) < outcomesEnd) {
            heard = read(heard);
        }
        return outcomes.stream().anyMatch(outcome -> outcome.commandOffset() == commandOffset);
    }

    private LoggedOutcome taken() {
        LoggedOutcome outcome = outcomes.remove();
        outcomeBytes -= size(outcome.value());
        return outcome;
    }

    private static long size(byte @Nullable [] value) {
        return PER_RECORD_BYTES + (value == null ? 0L : value.length);
    }

    private @Nullable LoggedOutcome outcome() {
        long heard = System.nanoTime();
        while (outcomes.isEmpty() && consumer.position(outcomesPlace) < outcomesEnd) {
            heard = read(heard);
        }
        return outcomes.peek();
    }

    private @Nullable ConsumerRecord<byte[], byte[]> command() {
        long heard = System.nanoTime();
        while (commands.isEmpty() && consumer.position(commandsPlace) < commandsEnd) {
            heard = read(heard);
        }
        return commands.peek();
    }

    /**
     * @param heardNanos when something came last
     * @return the same, or now
     */
    private long read(long heardNanos) {
        pause(commandsPlace, commandBytes > AHEAD_BYTES);
        pause(outcomesPlace, outcomeBytes > AHEAD_BYTES);
        boolean came;
        try {
            ConsumerRecords<byte[], byte[]> polled = consumer.poll(POLL);
            came = !polled.isEmpty();
            for (ConsumerRecord<byte[], byte[]> record : polled.records(commandsPlace)) {
                commands.add(record);
                commandBytes += size(record.value());
            }
            for (ConsumerRecord<byte[], byte[]> record : polled.records(outcomesPlace)) {
                LoggedOutcome outcome = LoggedOutcome.of(record.offset(), record.value());
                if (record.offset() < outcomesEnd && (from == 0 || outcome.commandOffset() >= from)) {
                    outcomes.add(outcome);
                    outcomeBytes += size(outcome.value());
                }
            }
        } catch (KafkaException e) {
            throw new LogUnreadableException(
                    "expected the log of partition " + commandsPlace.partition() + ", but: " + e.getMessage(), e);
        }
        // Outcomes of commands before the first one that is wanted are many where it stands late in the log.
        long now = System.nanoTime();
        if (came) {
            return now;
        }
        if (now - heardNanos > PATIENCE_NANOS) {
            throw new LogUnreadableException("expected the log of partition " + commandsPlace.partition()
                    + " to go on, but Kafka showed nothing more of it for "
                    + TimeUnit.NANOSECONDS.toSeconds(PATIENCE_NANOS) + " s");
        }
        return heardNanos;
    }

    /** What is far ahead waits for the other. */
    private void pause(TopicPartition place, boolean wanted) {
        if (wanted && paused.add(place)) {
            consumer.pause(Set.of(place));
        } else if (!wanted && paused.remove(place)) {
            consumer.resume(Set.of(place));
        }
    }

    @Override
    public void close() {
        consumer.close();
    }
}
