package io.millrace.ingest.audit.notary;

import io.millrace.ingest.audit.proof.LoggedRecord;
import io.millrace.ingest.audit.proof.OutcomeFields;
import io.millrace.ingest.audit.proof.OutcomeLeaf;
import io.millrace.ingest.audit.proof.RecordHasher;
import io.millrace.proto.Topics;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.apache.kafka.common.TopicPartition;

/**
 * Makes the entry of an outcome. A command belongs to it if it stands where the outcome says, and was not written more
 * than a minute later. Somebody may have written an outcome of a command that was not there yet. By this rule the same
 * entry comes out all the same, whenever it is made. One thread.
 */
final class LeafMaker {

    private static final Duration LATEST_COMMAND = Duration.ofMinutes(1);
    /** So long after its outcome was seen a command that is missing may still come, clocks of brokers considered. */
    private static final Duration WAITED_FOR = LATEST_COMMAND.multipliedBy(2);

    private final RecordsAgain commands;
    private final LongSupplier nanoTime;
    /** Outcomes whose command is missing, one of each partition. */
    private final Map<Integer, Missing> missing = new HashMap<>();

    private final RecordHasher hasher = new RecordHasher();

    /** @param sinceNanos when this process found it first. The time of day tells nothing: it may be ahead. */
    private record Missing(long outcomeOffset, long sinceNanos) {}

    LeafMaker(RecordsAgain commands) {
        this(commands, System::nanoTime);
    }

    /** With another clock, for tests. */
    LeafMaker(RecordsAgain commands, LongSupplier nanoTime) {
        this.commands = commands;
        this.nanoTime = nanoTime;
    }

    /** What comes of an outcome. */
    sealed interface Made {}

    /** Its entry. */
    record Leaf(OutcomeLeaf entry) implements Made {}

    /** None for now: its command is not there, and may still come. */
    record NotYet() implements Made {}

    /**
     * None ever: its command was deleted, so another entry would be made without it.
     *
     * @param what "expected …, but …"
     */
    record Lost(String what) implements Made {}

    /** @return what comes of the outcome */
    Made leaf(int partition, LoggedRecord outcome) {
        long offset = OutcomeFields.commandOffset(outcome.value());
        TopicPartition place = new TopicPartition(Topics.COMMANDS, partition);
        Optional<LoggedRecord> command = offset < 0 ? Optional.empty() : commands.at(place, offset);
        if (command.isEmpty() && offset >= 0) {
            long begin = commands.begin(place);
            if (offset < begin) {
                return new Lost("expected the command at offset " + offset + " of partition " + partition
                        + ", since another entry would be made without it, but " + place.topic() + " begins at offset "
                        + begin);
            }
            boolean mayCome = offset >= commands.end(place);
            // It may have come since it was looked for.
            command = commands.at(place, offset);
            if (command.isEmpty() && mayCome && missedNanos(partition, outcome) < WAITED_FOR.toNanos()) {
                return new NotYet();
            }
        }
        missing.remove(partition);
        return new Leaf(leaf(partition, outcome, command, hasher));
    }

    /** @return for how long its command was looked for */
    private long missedNanos(int partition, LoggedRecord outcome) {
        long now = nanoTime.getAsLong();
        Missing first = missing.compute(
                partition,
                (same, known) -> known != null && known.outcomeOffset == outcome.offset()
                        ? known
                        : new Missing(outcome.offset(), now));
        return now - first.sinceNanos;
    }

    /** @param command what stands at the offset that the outcome names, if anything */
    static OutcomeLeaf leaf(int partition, LoggedRecord outcome, Optional<LoggedRecord> command, RecordHasher hasher) {
        return command.filter(found -> found.timestampMs() <= outcome.timestampMs() + LATEST_COMMAND.toMillis())
                .map(found -> new OutcomeLeaf(
                        partition, outcome.offset(), hasher.hash(outcome), found.offset(), hasher.hash(found)))
                .orElseGet(() ->
                        new OutcomeLeaf(partition, outcome.offset(), hasher.hash(outcome), -1, OutcomeLeaf.NO_COMMAND));
    }
}
