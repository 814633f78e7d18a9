package io.millrace.dispatcher.topology.group;

import com.google.protobuf.InvalidProtocolBufferException;
import io.millrace.dispatcher.partition.LogCursor.Recorded;
import io.millrace.dispatcher.partition.LogCursor.Unseen;
import io.millrace.dispatcher.partition.OutcomePlace;
import io.millrace.dispatcher.topology.group.OutcomeReaders.OpenTransactionException;
import io.millrace.proto.Topics;
import io.millrace.proto.kafka.PartitionOffsets;
import io.millrace.proto.kafka.SealHeader;
import io.millrace.proto.mac.RecordSeals;
import io.millrace.proto.v1.MacVerdict;
import io.millrace.proto.v1.OutcomeRecord;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Reads the outcomes of a partition that stand on the events topic, in the order of their chain. Whoever may write to that
 * topic may write anything, so what does not continue the chain is passed over, whatever it is. Takes its consumers when it
 * is first asked. One thread; waits for Kafka.
 */
final class RecordedOutcomes implements AutoCloseable {

    private static final Duration POLL = Duration.ofMillis(500);
    /** So long Kafka may show nothing, as a rule. Where it takes seconds for a request, the first of a client are several. */
    static final Duration PATIENCE = Duration.ofSeconds(60);

    private static final Duration LOOK = Duration.ofMillis(20);
    private static final long FIRST_STEP = 16;
    private static final long STEP_FACTOR = 8;
    /** So few records are sooner read than passed over by another look. */
    private static final long NEAR = FIRST_STEP * STEP_FACTOR * STEP_FACTOR;

    private static final long NONE = -1;

    private final OutcomeConsumers consumers;
    private final Duration patience;
    private final TopicPartition outcomes;
    private final RecordSeals seals;
    private final Deque<ConsumerRecord<byte[], byte[]>> read = new ArrayDeque<>();
    private @Nullable Consumer<byte[], byte[]> consumer;
    /** Up to here it is known of all records whether they are committed. */
    private long end = NONE;
    /** The outcome that was found last, behind which the consumer stands. */
    private @Nullable OutcomePlace stands;
    /** What was asked for last, and what came of it. */
    private @Nullable OutcomePlace asked;

    private Optional<Recorded> answer = Optional.empty();
    private boolean sealedOnly;

    /**
     * @param consumers closed with this; whoever lends them does not close this
     * @param patience so long Kafka may show nothing
     */
    RecordedOutcomes(OutcomeConsumers consumers, int partition, RecordSeals seals, Duration patience) {
        this.consumers = consumers;
        this.patience = patience;
        this.outcomes = new TopicPartition(Topics.EVENTS, partition);
        this.seals = seals;
    }

    /** @param sealed whether from now on outcomes without a seal are passed over */
    void onlySealed(boolean sealed) {
        sealedOnly = sealed;
    }

    /**
     * @param atMost so long Kafka may take to say how far the topic goes
     * @throws OpenTransactionException the first look would have to wait until a transaction has ended
     * @throws TimeoutException Kafka does not say how far the topic goes
     */
    void expectCommitted(Duration atMost) throws OpenTransactionException {
        assign();
        long written = consumers.writtenEnd(outcomes, atMost);
        long committed = PartitionOffsets.end(opened(), outcomes, atMost);
        if (committed < written) {
            throw new OpenTransactionException(expectedEnded(written, committed));
        }
        end = committed;
    }

    private String expectedEnded(long written, long committed) {
        return "expected that all transactions up to offset " + written + " of " + outcomes
                + " are ended, but the one at " + committed + " is not";
    }

    /**
     * Looks for what continues the place. Waits until Kafka knows of each record on the topic whether it is committed. So nobody
     * may have a transaction open that has to do with the partition, but former owners, whose transactions are ended.
     *
     * @return empty if nothing does
     * @throws TimeoutException a transaction stays open, or Kafka does not show the records
     */
    Optional<Unseen> unseen(OutcomePlace place) {
        return next(place).map(next -> new Unseen(next.outcome(), last(next.outcome())));
    }

    /**
     * @return the first outcome that continues the place, empty if none up to the end of the topic does
     * @throws TimeoutException as above
     */
    Optional<Recorded> next(OutcomePlace place) {
        if (asked == null || !place.isSame(asked)) {
            open();
            if (stands == null || !place.isSame(stands)) {
                seek(place);
            }
            asked = place;
            answer = search(place::isContinuedBy);
        }
        return answer;
    }

    /**
     * @return whether the very outcome stands behind the one that was found last
     * @throws TimeoutException as above
     */
    boolean standsBehind(OutcomePlace outcome) {
        return search(outcome::isOf).isPresent();
    }

    private Optional<Recorded> search(Predicate<OutcomeRecord> fits) {
        while (true) {
            Recorded found = search(fits, end);
            if (found != null) {
                stands = OutcomePlace.of(found.outcome());
                return Optional.of(found);
            }
            long now = committedEnd();
            if (now == end) {
                stands = null;
                return Optional.empty();
            }
            end = now;
        }
    }

    /** @return the first record before the offset that fits, and behind which the consumer stands then; null if none does */
    private @Nullable Recorded search(Predicate<OutcomeRecord> fits, long to) {
        ConsumerRecord<byte[], byte[]> record = next(to);
        while (record != null) {
            Recorded recorded = parse(record);
            if (recorded != null && fits.test(recorded.outcome())) {
                return recorded;
            }
            record = next(to);
        }
        return null;
    }

    /** Of many that are unseen only this one is told, so that nobody waits until all are read. */
    private OutcomeRecord last(OutcomeRecord next) {
        stands = null;
        asked = null;
        long begin = begin();
        OutcomeRecord found = null;
        for (long back = FIRST_STEP; found == null && back <= NEAR; back *= STEP_FACTOR) {
            move(Math.max(begin, end - back));
            found = lastOfChain();
        }
        return found == null || found.getCommandOffset() < next.getCommandOffset() ? next : found;
    }

    private @Nullable OutcomeRecord lastOfChain() {
        Map<Long, List<OutcomePlace>> places = new HashMap<>();
        OutcomeRecord found = null;
        ConsumerRecord<byte[], byte[]> record = next(end);
        while (record != null) {
            Recorded recorded = parse(record);
            if (recorded != null) {
                OutcomeRecord outcome = recorded.outcome();
                long offset = outcome.getCommandOffset();
                if (places.getOrDefault(offset - 1, List.of()).stream()
                        .anyMatch(place -> place.isContinuedBy(outcome))) {
                    found = outcome;
                }
                places.computeIfAbsent(offset, command -> new ArrayList<>()).add(OutcomePlace.of(outcome));
            }
            record = next(end);
        }
        return found;
    }

    private void open() {
        if (end == NONE) {
            assign();
            end = committedEnd();
        }
    }

    private void assign() {
        if (consumer == null) {
            consumer = consumers.committed();
            consumer.assign(List.of(outcomes));
        }
    }

    private Consumer<byte[], byte[]> opened() {
        return Objects.requireNonNull(consumer, "consumer");
    }

    private long begin() {
        return PartitionOffsets.begin(opened(), outcomes, patience);
    }

    private long committedEnd() {
        long endNanos = System.nanoTime() + patience.toNanos();
        long written = consumers.writtenEnd(outcomes, patience);
        while (true) {
            long committed = PartitionOffsets.end(opened(), outcomes, patience);
            if (committed >= written) {
                return committed;
            }
            if (System.nanoTime() - endNanos >= 0) {
                throw new TimeoutException(expectedEnded(written, committed));
            }
            LockSupport.parkNanos(LOOK.toNanos());
        }
    }

    /**
     * Goes behind the outcome of the place, which nearly always is near the end. Each command has one outcome, and ends
     * of transactions stand between them, so none stands before the offset of its command. Where it is not found, goes
     * to the first place at which it could stand.
     */
    private void seek(OutcomePlace place) {
        long begin = begin();
        if (place.commandOffset() < 0) {
            move(begin);
            return;
        }
        long first = Math.max(begin, place.commandOffset());
        long to = end;
        for (long back = FIRST_STEP; back <= NEAR && to > first; back *= STEP_FACTOR) {
            long from = Math.max(first, end - back);
            if (goBehind(place, from, to)) {
                return;
            }
            to = from;
        }
        long guess = guess(place.commandOffset(), first, to);
        // What somebody else wrote may have misled the guess, or there is no such outcome: then all are looked at.
        if (!goBehind(place, guess, Math.min(to, guess + 2 * NEAR)) && !goBehind(place, first, to)) {
            move(first);
        }
    }

    private boolean goBehind(OutcomePlace place, long from, long to) {
        move(from);
        return from < to && search(place::isOf, to) != null;
    }

    private long guess(long commandOffset, long first, long last) {
        long from = first;
        long to = last;
        while (to - from > NEAR) {
            long middle = from + (to - from) / 2;
            move(middle);
            ConsumerRecord<byte[], byte[]> there = next(to);
            Recorded found = there == null ? null : parse(there);
            if (there != null && found != null && found.outcome().getCommandOffset() <= commandOffset) {
                from = there.offset();
            } else {
                to = middle;
            }
        }
        return from;
    }

    private void move(long offset) {
        read.clear();
        opened().seek(outcomes, offset);
    }

    /** @return the next record before the offset, null if there is none */
    private @Nullable ConsumerRecord<byte[], byte[]> next(long to) {
        long silentNanos = System.nanoTime() + patience.toNanos();
        while (read.isEmpty()) {
            if (opened().position(outcomes) >= to) {
                return null;
            }
            if (System.nanoTime() - silentNanos >= 0) {
                throw new TimeoutException(
                        "expected the records of " + outcomes + " up to offset " + to + ", but they do not come");
            }
            ConsumerRecords<byte[], byte[]> polled = opened().poll(POLL);
            polled.forEach(read::add);
        }
        return read.getFirst().offset() < to ? read.removeFirst() : null;
    }

    /** @return null for what is no outcome, or lacks a seal that it needs */
    private @Nullable Recorded parse(ConsumerRecord<byte[], byte[]> record) {
        if (record.value() == null) {
            return null;
        }
        MacVerdict seal =
                seals.check(RecordSeals.place(record.partition()), record.value(), SealHeader.in(record.headers()));
        if (sealedOnly && seal != MacVerdict.MAC_VALID && seal != MacVerdict.MAC_OF_UNKNOWN_KEY) {
            return null;
        }
        try {
            return new Recorded(OutcomeRecord.parseFrom(record.value()), seal);
        } catch (InvalidProtocolBufferException e) {
            return null;
        }
    }

    @Override
    public void close() {
        consumers.close();
        consumer = null;
        end = NONE;
    }
}
