package io.millrace.dispatcher.partition;

import io.millrace.dispatcher.engine.state.PartitionState;
import io.millrace.dispatcher.engine.store.Storage;
import io.millrace.proto.Topics;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Holds a partition to its log. Commands come without holes: each offset is the last one plus one. Nobody writes to the
 * log in transactions, and nothing is ever deleted from it. So the state itself tells which command comes next,
 * whatever offsets the group has committed:
 *
 * <ul>
 *   <li>An earlier command is in the state already, and is passed over: the group's offsets were lost.
 *   <li>A later one shows that the state lost its end. What is missing is carried out once more, from the log; its outcomes are
 *       on the events topic already, and are not written again.
 *   <li>What the log has no more cannot be made good: the partition stands still and says so.
 * </ul>
 *
 * Which outcomes are on the events topic, that topic alone can tell: both the group's offsets and the end of the state
 * may be lost, and together they look like commands that nobody has carried out yet, wherever both have gone back to. So it is asked
 * whenever a partition is opened, before anything is carried out. It is not believed: an outcome counts only if it continues the chain
 * of the state, and if the same comes of its command. From the first one on that does not, commands are carried out as any others, and
 * what comes of them is written.
 *
 * Stream thread.
 */
final class Continuity {

    /** What is to be done with a command. */
    enum Step {
        CARRY_OUT,
        /** Its outcome stands on the events topic, and so do the commands that it sent. */
        CARRY_OUT_AGAIN,
        /** Its outcome stands there, but what it sent may not have arrived. */
        SEND_AGAIN,
        PASS_OVER
    }

    private static final Logger LOG = LoggerFactory.getLogger(Continuity.class);
    /** So many that are passed over are not worth asking Kafka for another place. */
    private static final int FEW = 1_000;
    /**
     * What was decided so long before has arrived. No commit waits for that, and a partition may be without a leader for hours; what is
     * sent to it meanwhile stands in the outbox, whose end may be lost with that of the state. Receivers pass over what they know.
     */
    static final long SURELY_SENT_MS = TimeUnit.HOURS.toMillis(24);

    private static final long NONE = -1;
    private static final String IN_STATE = "which stands in the state";
    private static final String HAS_OUTCOME = "whose outcome stands on " + Topics.EVENTS;
    private static final String RESTORE =
            "Restore millrace.commands from a copy that has them, and start the node again; nothing of this partition is"
                    + " carried out until then.";

    private final int partition;
    private final PartitionState state;
    private final LogCursor log;
    private final HeardMark heard;
    /** Where the log was asked to go on, {@link #NONE} if it was not. */
    private long sought = NONE;

    /** Where the partition stands still, {@link #NONE} while it goes on. */
    private long holdAt = NONE;

    private long lastSeen = NONE;
    private boolean passing;
    /** It is known which outcomes stand on the events topic: those in the state, and those that are marked. */
    private boolean inStep;
    /** The last command was one whose outcome stands on the events topic. */
    private boolean again;

    Continuity(int partition, PartitionState state, Storage storage, LogCursor log) {
        this.partition = partition;
        this.state = state;
        this.log = log;
        this.heard = new HeardMark(storage);
    }

    /**
     * Makes sure that the log goes up to the command that was carried out last, and that this very command stands
     * there. A log that was cut before that place, and filled again beyond it, looks whole and is another. Called once,
     * before the first command; may wait for Kafka.
     *
     * @throws PartitionStoppedException another command stands there
     */
    void expectSameLog() {
        UUID last = state.lastCommandId();
        if (last == null) {
            return;
        }
        Optional<UUID> found = log.at(state.offset()).map(Continuity::commandId);
        if (found.isEmpty()) {
            expectEnd(state.offset() + 1, IN_STATE);
        } else {
            expectSame(state.offset(), last, "which was carried out last", found.get());
        }
    }

    private void expectSame(long offset, UUID expected, String why, UUID found) {
        if (!found.equals(expected)) {
            throw new PartitionStoppedException(
                    partition,
                    "expected command " + expected + " at offset " + offset + ", " + why + ", but command " + found
                            + " stands there: the log was cut, and filled again",
                    RESTORE);
        }
    }

    /** The log may have lost its beginning, which the state does not need, but never its end. */
    private void expectEnd(long expected, String why) {
        long end = log.end();
        if (end < expected) {
            throw new PartitionStoppedException(
                    partition,
                    "expected a log up to offset " + (expected - 1)
                            + " at least, " + why + ", but it ends at " + (end - 1)
                            + ": the log lost its end",
                    RESTORE);
        }
    }

    /**
     * @param appendedMs when the broker took it in, milliseconds since the epoch
     * @return what is to be done with the command that comes now
     * @throws PartitionStoppedException it does not continue what came before, and cannot be made to
     */
    Step next(long offset, long appendedMs) {
        boolean readOn = offset > lastSeen;
        lastSeen = offset;
        long expected = state.offset() + 1;
        if (offset == expected || !state.knowsOffset()) {
            return take(offset, appendedMs);
        }
        if (offset < expected) {
            return passOver(offset, appendedMs, expected);
        }
        if (sought == expected && readOn) {
            return Step.PASS_OVER; // had been read before the log was asked to go on elsewhere
        }
        return makeGood(offset, appendedMs, expected);
    }

    private Step take(long offset, long appendedMs) {
        lookAtOutcomes(appendedMs);
        if (passing || sought != NONE) {
            LOG.info("goes on with partition {} at offset {}", partition, offset);
            passing = false;
            sought = NONE;
        }
        if (!heard.set()) {
            return Step.CARRY_OUT;
        }
        if (offset > heard.until() && again && log.next(place()).isPresent()) {
            heard.set(offset, appendedMs - SURELY_SENT_MS); // up to where outcomes stand was a guess
        }
        again = offset <= heard.until();
        if (again) {
            return appendedMs < heard.sentBeforeMs() ? Step.CARRY_OUT_AGAIN : Step.SEND_AGAIN;
        }
        heard.clear();
        return Step.CARRY_OUT;
    }

    /** @return whether commands are carried out again, or will be, which the group's offset says nothing of */
    boolean madeGood() {
        return heard.set();
    }

    /** @return where the state stands in the chain of the outcomes */
    OutcomePlace place() {
        return new OutcomePlace(state.offset(), state.outcomesHash());
    }

    /**
     * No outcome of the command stands on the events topic that its command leads to, so none behind it does either: from here
     * on what comes of commands is written.
     */
    void notDecided(long offset) {
        LOG.error(
                "expected on {} the outcome of the command at offset {} of partition {}, and others up to {}, but none there"
                        + " is what this command leads to: they were lost, or others wrote what stands there. What comes of"
                        + " these commands is written now",
                Topics.EVENTS,
                offset,
                partition,
                heard.until());
        heard.clear();
        again = false;
    }

    private Step passOver(long offset, long appendedMs, long expected) {
        if (passing) {
            return Step.PASS_OVER;
        }
        passing = true;
        expectEnd(expected, IN_STATE);
        lookAtOutcomes(appendedMs);
        LOG.warn(
                "the log of partition {} comes again from offset {}, since the group's offsets were lost; passes over what"
                        + " was carried out, and goes on at {}",
                partition,
                offset,
                expected);
        if (expected - offset > FEW) {
            log.seek(expected);
        }
        return Step.PASS_OVER;
    }

    private Step makeGood(long offset, long appendedMs, long expected) {
        long start = log.start();
        if (start > expected || sought == expected) {
            String found = "expected offset " + expected + ", but the log "
                    + (start > expected ? "begins at " + start : "goes on at " + offset) + ": commands were deleted";
            throw new PartitionStoppedException(partition, found, RESTORE);
        }
        lookAtOutcomes(appendedMs);
        LOG.error(
                "the state of partition {} ends before offset {}, but the group goes on at {}: it lost its end, and is made good"
                        + " from the log",
                partition,
                expected,
                offset);
        log.seek(expected);
        sought = expected;
        return Step.PASS_OVER;
    }

    /**
     * Remembers up to where outcomes stand on the events topic, if that is further than the state goes. Asks Kafka, and
     * does so once: later on the state has all outcomes that there are.
     *
     * @throws PartitionStoppedException the log has another command than the one with the last outcome, or none
     */
    private void lookAtOutcomes(long appendedMs) {
        if (!inStep && !heard.set()) {
            markOutcomes(appendedMs);
        }
        inStep = true;
    }

    private void markOutcomes(long appendedMs) {
        LogCursor.Unseen unseen = log.unseen().orElse(null);
        if (unseen == null) {
            return;
        }
        long until = unseen.last().getCommandOffset();
        expectEnd(until + 1, HAS_OUTCOME);
        LogCursor.Entry entry = log.at(until).orElse(null); // null: deleted with the beginning of the log
        if (entry != null) {
            UUID expected = RecordExecutor.commandId(
                    unseen.last().getCommandId(), unseen.last().getOrgId());
            expectSame(until, expected, HAS_OUTCOME, commandId(entry));
        }
        LOG.warn(
                "outcomes of partition {} stand on {} up to the command at offset {}, but the state ends at {}: those commands"
                        + " are carried out again, and nothing is written for them",
                partition,
                Topics.EVENTS,
                until,
                state.offset());
        heard.set(until, (entry == null ? appendedMs : entry.appendedMs()) - SURELY_SENT_MS);
    }

    private static UUID commandId(LogCursor.Entry entry) {
        return RecordExecutor.commandId(entry.value());
    }

    /**
     * The partition stands still at the command that came last, and whoever opens it next goes on where the state ends. Called with each
     * command that had been read before; where to stand is asked for once, since Kafka makes the caller wait.
     */
    void stop(long appendedMs) {
        if (holdAt == NONE) {
            if (inStep && !heard.set()) {
                heard.set(state.offset(), appendedMs - SURELY_SENT_MS);
            }
            holdAt = Math.max(log.start(), state.offset() + 1);
        }
        log.hold(holdAt);
    }
}
