package io.millrace.dispatcher.codec;

import com.google.protobuf.ByteString;
import com.google.protobuf.MessageLite;
import com.google.protobuf.WireFormat;
import io.millrace.dispatcher.engine.Outcome;
import io.millrace.dispatcher.engine.command.Rules;
import io.millrace.dispatcher.engine.event.SealedEvent;
import io.millrace.dispatcher.engine.event.Status;
import io.millrace.dispatcher.engine.state.SettledDue;
import io.millrace.proto.v1.CommandRecord;
import io.millrace.proto.v1.EventRecord;
import io.millrace.proto.v1.MacVerdict;
import io.millrace.proto.v1.OutcomeRecord;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Holds what came of a command against a record, byte for byte, without making a record of it: a log is carried out again with hardly a
 * difference. What it does not look at differs, such as a field that {@link OutcomeEncoder} alone knows, or a text that is not ASCII.
 * So whoever hears that it differs makes the record, and looks again. One thread.
 */
final class OutcomeMatch {

    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
    private static final int SEVEN_BITS = 0x7f;
    private static final int MORE = 0x80;
    private static final int VARINT_BITS = 7;
    private static final int ID_BYTES = 16;

    private final byte[] record;
    private int at;

    private OutcomeMatch(byte[] record) {
        this.record = record;
    }

    /** @return true: the record is what {@link OutcomeEncoder#encode(CommandRecord, long, Outcome, MacVerdict, byte[])} makes of the rest */
    static boolean is(
            byte[] record,
            CommandRecord command,
            long offset,
            Outcome outcome,
            MacVerdict verdict,
            byte @Nullable [] commandHash) {
        return new OutcomeMatch(record).is(command, offset, outcome, verdict, commandHash);
    }

    private boolean is(
            CommandRecord command, long offset, Outcome outcome, MacVerdict verdict, byte @Nullable [] commandHash) {
        if (!(blob(OutcomeRecord.COMMAND_ID_FIELD_NUMBER, command.getCommandId())
                && blob(OutcomeRecord.ORG_ID_FIELD_NUMBER, command.getOrgId())
                && message(OutcomeRecord.PRINCIPAL_FIELD_NUMBER, command.getPrincipal())
                && text(OutcomeRecord.ORIGIN_FIELD_NUMBER, command.getOrigin())
                && text(OutcomeRecord.COMMAND_FIELD_NUMBER, OutcomeEncoder.name(command))
                && number(OutcomeRecord.COMMAND_OFFSET_FIELD_NUMBER, offset)
                && number(OutcomeRecord.TIME_MS_FIELD_NUMBER, outcome.timeMs())
                && number(OutcomeRecord.RULES_VERSION_FIELD_NUMBER, outcome.rules())
                && (outcome.refusal() == null
                        || message(OutcomeRecord.REFUSAL_FIELD_NUMBER, OutcomeEncoder.encode(outcome.refusal()))))) {
            return false;
        }
        for (SealedEvent event : outcome.events()) {
            if (!event(event)) {
                return false;
            }
        }
        return blob(OutcomeRecord.PARTITION_HASH_FIELD_NUMBER, outcome.partitionHash())
                && text(OutcomeRecord.TRACEPARENT_FIELD_NUMBER, command.getTraceparent())
                && number(OutcomeRecord.MAC_FIELD_NUMBER, verdict.getNumber())
                && (outcome.rules() < Rules.EVENTS_TELL_ALL || more(outcome))
                && (commandHash == null || blob(OutcomeRecord.COMMAND_HASH_FIELD_NUMBER, commandHash))
                && at == record.length;
    }

    private boolean more(Outcome outcome) {
        // It is set even where it is 0.
        if (outcome.appendedMs() != outcome.timeMs()
                && !(varint(OutcomeRecord.APPENDED_MS_FIELD_NUMBER << 3) && varint(outcome.appendedMs()))) {
            return false;
        }
        for (SettledDue settled : outcome.settled()) {
            if (!message(OutcomeRecord.SETTLED_FIELD_NUMBER, OutcomeEncoder.encode(settled))) {
                return false;
            }
        }
        return true;
    }

    private boolean event(SealedEvent event) {
        if (!bytesTag(OutcomeRecord.EVENTS_FIELD_NUMBER)) {
            return false;
        }
        int size = size();
        int end = at + size;
        Status status = event.executionId() == null ? null : event.status();
        return size >= 0
                && number(
                        EventRecord.SUBJECT_FIELD_NUMBER,
                        OutcomeEncoder.subject(event).getNumber())
                && id(EventRecord.EXECUTION_ID_FIELD_NUMBER, event.executionId())
                && id(EventRecord.ORG_ID_FIELD_NUMBER, event.orgId())
                && id(EventRecord.TASK_ID_FIELD_NUMBER, event.taskId())
                && number(EventRecord.HISTORY_SEQUENCE_FIELD_NUMBER, event.historySequence())
                && number(EventRecord.CHAIN_SEQUENCE_FIELD_NUMBER, event.chainSequence())
                && text(EventRecord.TYPE_FIELD_NUMBER, event.type())
                && blob(EventRecord.DATA_FIELD_NUMBER, event.data())
                && number(EventRecord.TIME_MS_FIELD_NUMBER, event.timeMs())
                && number(EventRecord.STATUS_FIELD_NUMBER, status == null ? 0 : status.number())
                && blob(EventRecord.HASH_FIELD_NUMBER, event.hash())
                && at == end;
    }

    private boolean bytesTag(int field) {
        return varint(field << 3 | WireFormat.WIRETYPE_LENGTH_DELIMITED);
    }

    private boolean one(int wanted) {
        return at < record.length && record[at++] == (byte) wanted;
    }

    private boolean varint(long value) {
        long left = value;
        for (; (left & ~SEVEN_BITS) != 0; left >>>= VARINT_BITS) {
            if (!one((int) left & SEVEN_BITS | MORE)) {
                return false;
            }
        }
        return one((int) left);
    }

    /** @return the size that stands next, -1 where there is none in its shortest form */
    private int size() {
        int size = 0;
        for (int shift = 0; shift < Integer.SIZE - VARINT_BITS && at < record.length; shift += VARINT_BITS) {
            int next = record[at++];
            size |= (next & SEVEN_BITS) << shift;
            if (next >= 0) {
                return next == 0 && shift > 0 ? -1 : size;
            }
        }
        return -1;
    }

    private boolean number(int field, long value) {
        return value == 0 || varint(field << 3) && varint(value);
    }

    private boolean blob(int field, byte[] value) {
        if (value.length == 0) {
            return true;
        }
        if (!(bytesTag(field) && varint(value.length)) || value.length > record.length - at) {
            return false;
        }
        int from = at;
        at += value.length;
        return Arrays.equals(record, from, at, value, 0, value.length);
    }

    private boolean blob(int field, ByteString value) {
        if (value.isEmpty()) {
            return true;
        }
        if (!(bytesTag(field) && varint(value.size()))) {
            return false;
        }
        for (int i = 0; i < value.size(); i++) {
            if (!one(value.byteAt(i))) {
                return false;
            }
        }
        return true;
    }

    private boolean text(int field, String value) {
        if (value.isEmpty()) {
            return true;
        }
        if (!(bytesTag(field) && varint(value.length()))) {
            return false;
        }
        for (int i = 0; i < value.length(); i++) {
            char next = value.charAt(i);
            if (next > SEVEN_BITS || !one(next)) {
                return false;
            }
        }
        return true;
    }

    private boolean id(int field, @Nullable UUID id) {
        if (id == null) {
            return true;
        }
        if (!(bytesTag(field) && one(ID_BYTES)) || record.length - at < ID_BYTES) {
            return false;
        }
        int from = at;
        at += ID_BYTES;
        return (long) LONGS.get(record, from) == id.getMostSignificantBits()
                && (long) LONGS.get(record, from + Long.BYTES) == id.getLeastSignificantBits();
    }

    private boolean message(int field, MessageLite message) {
        byte[] bytes = message.toByteArray();
        return bytes.length == 0 ? bytesTag(field) && one(0) : blob(field, bytes);
    }
}
