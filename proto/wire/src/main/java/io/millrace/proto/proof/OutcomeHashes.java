package io.millrace.proto.proof;

import com.google.protobuf.ByteString;
import io.millrace.proto.Ids;
import io.millrace.proto.v1.CommandRecord;
import io.millrace.proto.v1.EventRecord;
import io.millrace.proto.v1.MacVerdict;
import io.millrace.proto.v1.OutcomeRecord;
import io.millrace.proto.v1.SettledDue;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Computes again the hashes that stand in an outcome, by the rules that decided it. With them a reader of the events
 * topic can tell that nothing was changed, left out or put in. docs/hashes.md lists what such a reader has to do. One
 * thread.
 */
public final class OutcomeHashes {

    /** What goes before the first hash of a chain. */
    public static final byte[] FIRST = new byte[WholeOutcomeHashes.BYTES];

    private static final int EVENTS_ONLY = 2;
    private static final int WHOLE = 3;
    /** These cover the whole command besides. */
    private static final int WITH_COMMAND = 4;
    /** And these what the state is made of besides events. */
    private static final int WITH_STATE = 4;

    private static final byte[] NO_RECORD = {};
    private static final int ID_BYTES = 16;
    private static final UUID UNREAD = new UUID(0, 0);

    private final EventsOnlyHashes eventsOnly = new EventsOnlyHashes();
    private final WholeOutcomeHashes whole = new WholeOutcomeHashes();
    /** The outcome whose cause was hashed last: all its events have the same cause. */
    private @Nullable OutcomeRecord last;

    private byte @Nullable [] causeOfLast;

    /** @return whether an outcome of these rules has the hash of its command's record */
    public static boolean coverCommands(int rules) {
        return rules >= WITH_COMMAND;
    }

    /**
     * @param record value of the command's record as it stands in the log, null where that has none
     * @return its hash, as an outcome has it whose rules {@link #coverCommands}
     */
    public byte[] command(byte @Nullable [] record) {
        return whole.data(record == null ? NO_RECORD : record);
    }

    /**
     * @param command as it stands in the log
     * @param name name of the command's body, as the outcome says it
     * @param mac what the command's MAC proved, as the outcome says it
     * @param commandHash what {@link #command} says of its record; null under rules that do not cover it
     * @return the hash of who asked for what, as it enters the hashes of the outcome
     */
    public byte[] asked(CommandRecord command, String name, MacVerdict mac, byte @Nullable [] commandHash) {
        return whole.asked(
                command.getCommandId().toByteArray(),
                command.getOrgId().toByteArray(),
                command.getPrincipal().getTypeValue(),
                command.getPrincipal().getId(),
                command.getPrincipal().getRole(),
                command.getOrigin(),
                name,
                command.getTraceparent(),
                mac.getNumber(),
                commandHash);
    }

    /**
     * @param previous hash of the event before it in the same chain (of its execution, or of the partition);
     *     {@link #FIRST} for the first
     * @param event one event of the outcome
     * @return the hash that the event must have
     * @throws IllegalArgumentException if the rules that decided are not known, or an id is not 16 bytes long
     */
    public byte[] event(byte[] previous, OutcomeRecord outcome, EventRecord event) {
        return ofDigest(previous, outcome, event, whole.data(event.getData().toByteArray()));
    }

    /** As above, for an event whose data are gone, but for their SHA-256. */
    public byte[] ofDigest(byte[] previous, OutcomeRecord outcome, EventRecord event, byte[] dataDigest) {
        EventFacts facts = new EventFacts(
                event.getSubjectValue(),
                Ids.fromBytesOrNull(event.getExecutionId()),
                Ids.fromBytesOrNull(event.getOrgId()),
                Ids.fromBytesOrNull(event.getTaskId()),
                event.getChainSequence(),
                event.getHistorySequence(),
                event.getType(),
                event.getTimeMs(),
                event.getStatusValue());
        return switch (outcome.getRulesVersion()) {
            case EVENTS_ONLY -> eventsOnly.event(previous, facts, dataDigest);
            case WHOLE, WITH_COMMAND -> whole.event(previous, cause(outcome), facts, dataDigest);
            default -> throw unknownRules(outcome);
        };
    }

    /**
     * Computes the partition_hash of an outcome. It takes the events' own hashes as they stand in the record: check
     * each by {@link #event}.
     *
     * @param previous partition_hash of the outcome before it; {@link #FIRST} for the first of the partition
     * @return the partition_hash that the outcome must have
     * @throws IllegalArgumentException if the rules that decided are not known
     */
    public byte[] partition(byte[] previous, OutcomeRecord outcome) {
        List<byte[]> events = new ArrayList<>(outcome.getEventsCount());
        for (EventRecord event : outcome.getEventsList()) {
            events.add(event.getHash().toByteArray());
        }
        return switch (outcome.getRulesVersion()) {
            case EVENTS_ONLY ->
                eventsOnly.outcome(
                        previous,
                        outcome.getCommandOffset(),
                        commandId(outcome),
                        outcome.hasRefusal()
                                ? outcome.getRefusal().getReason() + ": "
                                        + outcome.getRefusal().getText()
                                : null,
                        events);
            case WHOLE, WITH_COMMAND ->
                whole.outcome(
                        previous,
                        cause(outcome),
                        outcome.getRefusal().getReasonValue(),
                        outcome.getRefusal().getText(),
                        events,
                        outcome.getRulesVersion() >= WITH_STATE ? state(outcome) : null);
            default -> throw unknownRules(outcome);
        };
    }

    private static StateFacts state(OutcomeRecord outcome) {
        List<StateFacts.Settled> settled = new ArrayList<>(outcome.getSettledCount());
        for (SettledDue due : outcome.getSettledList()) {
            settled.add(new StateFacts.Settled(
                    due.getType(),
                    due.getAtMs(),
                    Ids.fromBytesOrNull(due.getExecutionId()),
                    due.getReference(),
                    due.getKeysList().stream().map(ByteString::toByteArray).toList()));
        }
        return new StateFacts(outcome.hasAppendedMs() ? outcome.getAppendedMs() : outcome.getTimeMs(), settled);
    }

    private byte[] cause(OutcomeRecord outcome) {
        byte[] cause = causeOfLast;
        if (cause == null || outcome != last) {
            cause = causeOf(outcome);
            causeOfLast = cause;
            last = outcome;
        }
        return cause;
    }

    private byte[] causeOf(OutcomeRecord outcome) {
        byte[] asked = whole.asked(
                outcome.getCommandId().toByteArray(),
                outcome.getOrgId().toByteArray(),
                outcome.getPrincipal().getTypeValue(),
                outcome.getPrincipal().getId(),
                outcome.getPrincipal().getRole(),
                outcome.getOrigin(),
                outcome.getCommand(),
                outcome.getTraceparent(),
                outcome.getMacValue(),
                coverCommands(outcome.getRulesVersion())
                        ? outcome.getCommandHash().toByteArray()
                        : null);
        return whole.cause(asked, outcome.getCommandOffset(), outcome.getTimeMs(), outcome.getRulesVersion());
    }

    /** Under rules 2 both ids of a command count as zeroes if one of them cannot be read. */
    private static UUID commandId(OutcomeRecord outcome) {
        return isId(outcome.getCommandId()) && isId(outcome.getOrgId())
                ? Ids.fromBytes(outcome.getCommandId())
                : UNREAD;
    }

    private static boolean isId(ByteString bytes) {
        return bytes.size() == ID_BYTES;
    }

    private static IllegalArgumentException unknownRules(OutcomeRecord outcome) {
        return new IllegalArgumentException("expected rules " + EVENTS_ONLY + " to " + WITH_COMMAND
                + ", whose hashes are known, but the outcome of offset " + outcome.getCommandOffset() + " is of rules "
                + outcome.getRulesVersion());
    }
}
