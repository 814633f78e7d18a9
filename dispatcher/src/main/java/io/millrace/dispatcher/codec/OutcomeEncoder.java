package io.millrace.dispatcher.codec;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.millrace.dispatcher.engine.Outcome;
import io.millrace.dispatcher.engine.command.Rules;
import io.millrace.dispatcher.engine.decide.Refusal;
import io.millrace.dispatcher.engine.event.SealedEvent;
import io.millrace.dispatcher.engine.event.Status;
import io.millrace.dispatcher.engine.state.SettledDue;
import io.millrace.proto.Ids;
import io.millrace.proto.v1.CommandRecord;
import io.millrace.proto.v1.CommandRecord.BodyCase;
import io.millrace.proto.v1.EventRecord;
import io.millrace.proto.v1.ExecutionStatus;
import io.millrace.proto.v1.MacVerdict;
import io.millrace.proto.v1.OutcomeRecord;
import io.millrace.proto.v1.RefusalReason;
import io.millrace.proto.v1.Subject;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Turns outcomes of the engine into records of the events topic. Arrays are wrapped, not copied: they never change. */
public final class OutcomeEncoder {

    private static final Map<BodyCase, String> NAMES = new EnumMap<>(BodyCase.class);

    static {
        for (BodyCase body : BodyCase.values()) {
            NAMES.put(body, body.name().toLowerCase(Locale.ROOT));
        }
    }

    private OutcomeEncoder() {}

    /**
     * @param verdict what the command's MAC proved
     * @param commandHash hash of the command's record; null under rules that do not cover it
     * @return the outcome of the command that stands at the offset
     */
    public static OutcomeRecord encode(
            CommandRecord command, long offset, Outcome outcome, MacVerdict verdict, byte @Nullable [] commandHash) {
        OutcomeRecord.Builder record = OutcomeRecord.newBuilder()
                .setCommandId(command.getCommandId())
                .setOrgId(command.getOrgId())
                .setPrincipal(command.getPrincipal())
                .setOrigin(command.getOrigin())
                .setCommand(name(command))
                .setCommandOffset(offset)
                .setTimeMs(outcome.timeMs())
                .setRulesVersion(outcome.rules())
                .setPartitionHash(wrap(outcome.partitionHash()))
                .setTraceparent(command.getTraceparent())
                .setMac(verdict);
        if (outcome.rules() >= Rules.EVENTS_TELL_ALL) {
            // Nearly always they are the same.
            if (outcome.appendedMs() != outcome.timeMs()) {
                record.setAppendedMs(outcome.appendedMs());
            }
            outcome.settled().forEach(settled -> record.addSettled(encode(settled)));
        }
        if (commandHash != null) {
            record.setCommandHash(wrap(commandHash));
        }
        if (outcome.refusal() != null) {
            record.setRefusal(encode(outcome.refusal()));
        }
        for (SealedEvent event : outcome.events()) {
            record.addEvents(encode(event));
        }
        return record.build();
    }

    /** @return whether the record is the one that {@link #encode(CommandRecord, long, Outcome, MacVerdict, byte[])} makes, byte for byte */
    public static boolean isRecord(
            byte[] record,
            CommandRecord command,
            long offset,
            Outcome outcome,
            MacVerdict verdict,
            byte @Nullable [] commandHash) {
        return OutcomeMatch.is(record, command, offset, outcome, verdict, commandHash)
                || Arrays.equals(
                        record,
                        encode(command, offset, outcome, verdict, commandHash).toByteArray());
    }

    /** @return name of the command's body, as its outcome has it */
    public static String name(CommandRecord command) {
        return Objects.requireNonNull(NAMES.get(command.getBodyCase()), "name of a body");
    }

    /** @return what was due and was seen to, as it stands in records */
    static io.millrace.proto.v1.SettledDue encode(SettledDue settled) {
        io.millrace.proto.v1.SettledDue.Builder record = io.millrace.proto.v1.SettledDue.newBuilder()
                .setType(settled.due().type().ordinal())
                .setAtMs(settled.due().atMs())
                .setExecutionId(Ids.toByteString(settled.due().executionId()))
                .setReference(settled.due().reference());
        settled.keys().forEach(key -> record.addKeys(wrap(key)));
        return record.build();
    }

    /** @return the refusal as it stands in records */
    public static io.millrace.proto.v1.Refusal encode(Refusal refusal) {
        return io.millrace.proto.v1.Refusal.newBuilder()
                .setReason(RefusalReason.valueOf(refusal.reason().name()))
                .setText(refusal.text())
                .build();
    }

    /** @return the event as it stands in records */
    public static EventRecord encode(SealedEvent event) {
        EventRecord.Builder record = EventRecord.newBuilder()
                .setSubject(subject(event))
                .setOrgId(Ids.toByteString(event.orgId()))
                .setHistorySequence(event.historySequence())
                .setChainSequence(event.chainSequence())
                .setType(event.type())
                .setData(wrap(event.data()))
                .setTimeMs(event.timeMs())
                .setHash(wrap(event.hash()));
        if (event.executionId() != null) {
            record.setExecutionId(Ids.toByteString(event.executionId()))
                    .setStatus(encode(Objects.requireNonNull(event.status(), "status of an execution")));
        }
        if (event.taskId() != null) {
            record.setTaskId(Ids.toByteString(event.taskId()));
        }
        return record.build();
    }

    /** @return what the event is about, as it stands in records */
    static Subject subject(SealedEvent event) {
        if (event.executionId() == null) {
            return Subject.PARTITION;
        }
        return event.standaloneTask() ? Subject.TASK_EXECUTION : Subject.WORKFLOW_EXECUTION;
    }

    /** @return the status as it stands in records */
    public static ExecutionStatus encode(Status status) {
        return switch (status) {
            case PENDING -> ExecutionStatus.PENDING;
            case RUNNING -> ExecutionStatus.RUNNING;
            case WAITING -> ExecutionStatus.WAITING;
            case COMPLETED -> ExecutionStatus.COMPLETED;
            case FAILED -> ExecutionStatus.FAILED;
            case CANCELLED -> ExecutionStatus.CANCELLED;
            case CONTINUED_AS_NEW -> ExecutionStatus.CONTINUED_AS_NEW;
        };
    }

    private static ByteString wrap(byte[] bytes) {
        return UnsafeByteOperations.unsafeWrap(bytes);
    }
}
