package io.millrace.dispatcher.codec;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import io.millrace.dispatcher.engine.event.SealedEvent;
import io.millrace.dispatcher.engine.state.Due;
import io.millrace.dispatcher.engine.state.EventFold;
import io.millrace.dispatcher.engine.state.SettledDue;
import io.millrace.proto.Ids;
import io.millrace.proto.v1.EventRecord;
import io.millrace.proto.v1.OutcomeRecord;
import io.millrace.proto.v1.Subject;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Reads what came of commands straight from the bytes of their outcomes: a log has millions, and messages in between would cost as
 * much as what is done with them. {@link OutcomeDecoder} does the same for events that are messages already. One thread.
 */
public final class OutcomeBytes {

    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
    private static final int ID_BYTES = 16;
    private static final UUID NOBODY = new UUID(0, 0);
    private static final Due.Type[] DUES = Due.Type.values();
    private static final byte[] NOTHING = {};
    /** A power of two, and more than there are types of events. */
    private static final int TYPES = 256;

    /** Names of types that came before, by their hash: the same few come again and again. */
    private final @Nullable String[] types = new @Nullable String[TYPES];

    private byte[] record = NOTHING;
    private CodedInputStream in = CodedInputStream.newInstance(NOTHING);

    /**
     * What came of a command.
     *
     * @param recorded what is told besides the events
     * @param events in their order
     */
    public record Read(EventFold.Recorded recorded, List<SealedEvent> events) {}

    private static int varint(int field) {
        return field << 3 | WireFormat.WIRETYPE_VARINT;
    }

    private static int bytes(int field) {
        return field << 3 | WireFormat.WIRETYPE_LENGTH_DELIMITED;
    }

    /**
     * @param value the record as it stands on the events topic; it must not change
     * @throws IOException it is no outcome
     * @throws IllegalArgumentException an id of an event has not 16 bytes
     */
    public Read read(byte[] value) throws IOException {
        record = value;
        in = CodedInputStream.newInstance(value);
        UUID commandId = null;
        UUID orgId = null;
        long offset = 0;
        int rules = 0;
        long timeMs = 0;
        long appendedMs = 0;
        boolean appended = false;
        byte[] hash = NOTHING;
        List<SettledDue> settled = List.of();
        List<SealedEvent> events = new ArrayList<>(4);
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            if (tag == bytes(OutcomeRecord.COMMAND_ID_FIELD_NUMBER)) {
                commandId = idOrNull();
            } else if (tag == bytes(OutcomeRecord.ORG_ID_FIELD_NUMBER)) {
                orgId = idOrNull();
            } else if (tag == varint(OutcomeRecord.COMMAND_OFFSET_FIELD_NUMBER)) {
                offset = in.readInt64();
            } else if (tag == varint(OutcomeRecord.TIME_MS_FIELD_NUMBER)) {
                timeMs = in.readInt64();
            } else if (tag == varint(OutcomeRecord.RULES_VERSION_FIELD_NUMBER)) {
                rules = in.readInt32();
            } else if (tag == bytes(OutcomeRecord.EVENTS_FIELD_NUMBER)) {
                events.add(event());
            } else if (tag == bytes(OutcomeRecord.PARTITION_HASH_FIELD_NUMBER)) {
                hash = blob();
            } else if (tag == varint(OutcomeRecord.APPENDED_MS_FIELD_NUMBER)) {
                appendedMs = in.readInt64();
                appended = true;
            } else if (tag == bytes(OutcomeRecord.SETTLED_FIELD_NUMBER)) {
                settled = settled.isEmpty() ? new ArrayList<>() : settled;
                settled.add(settled(io.millrace.proto.v1.SettledDue.parseFrom(in.readBytes())));
            } else {
                in.skipField(tag);
            }
        }
        return new Read(
                new EventFold.Recorded(
                        offset,
                        // Where one of the two cannot be read, the command had no id for the engine.
                        commandId == null || orgId == null ? NOBODY : commandId,
                        rules,
                        timeMs,
                        appended ? appendedMs : timeMs,
                        hash,
                        settled),
                events);
    }

    private static SettledDue settled(io.millrace.proto.v1.SettledDue record) {
        if (record.getType() < 0 || record.getType() >= DUES.length) {
            throw new IllegalArgumentException(
                    "expected a type of due things from 0 to " + (DUES.length - 1) + ", but got " + record.getType());
        }
        return new SettledDue(
                new Due(
                        record.getAtMs(),
                        DUES[record.getType()],
                        Ids.fromBytes(record.getExecutionId()),
                        record.getReference()),
                record.getKeysList().stream().map(ByteString::toByteArray).toList());
    }

    private SealedEvent event() throws IOException {
        int before = in.pushLimit(in.readRawVarint32());
        int subject = 0;
        UUID executionId = null;
        UUID orgId = null;
        UUID taskId = null;
        int historySequence = 0;
        long chainSequence = 0;
        String type = "";
        byte[] data = NOTHING;
        long timeMs = 0;
        int status = 0;
        byte[] hash = NOTHING;
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            if (tag == varint(EventRecord.SUBJECT_FIELD_NUMBER)) {
                subject = in.readEnum();
            } else if (tag == bytes(EventRecord.EXECUTION_ID_FIELD_NUMBER)) {
                executionId = id();
            } else if (tag == bytes(EventRecord.ORG_ID_FIELD_NUMBER)) {
                orgId = id();
            } else if (tag == bytes(EventRecord.TASK_ID_FIELD_NUMBER)) {
                taskId = id();
            } else if (tag == varint(EventRecord.HISTORY_SEQUENCE_FIELD_NUMBER)) {
                historySequence = in.readInt32();
            } else if (tag == varint(EventRecord.CHAIN_SEQUENCE_FIELD_NUMBER)) {
                chainSequence = in.readInt64();
            } else if (tag == bytes(EventRecord.TYPE_FIELD_NUMBER)) {
                type = type();
            } else if (tag == bytes(EventRecord.DATA_FIELD_NUMBER)) {
                data = blob();
            } else if (tag == varint(EventRecord.TIME_MS_FIELD_NUMBER)) {
                timeMs = in.readInt64();
            } else if (tag == varint(EventRecord.STATUS_FIELD_NUMBER)) {
                status = in.readEnum();
            } else if (tag == bytes(EventRecord.HASH_FIELD_NUMBER)) {
                hash = blob();
            } else {
                in.skipField(tag);
            }
        }
        in.popLimit(before);
        if (orgId == null) {
            throw noId(0);
        }
        return new SealedEvent(
                executionId,
                orgId,
                taskId,
                historySequence,
                chainSequence,
                type,
                data,
                timeMs,
                OutcomeDecoder.status(status),
                subject == Subject.TASK_EXECUTION_VALUE,
                hash);
    }

    /** @return where the bytes of a field begin, which end where the reader stands now */
    private int begin() throws IOException {
        int size = in.readRawVarint32();
        int begin = in.getTotalBytesRead();
        in.skipRawBytes(size);
        return begin;
    }

    private byte[] blob() throws IOException {
        int begin = begin();
        return Arrays.copyOfRange(record, begin, in.getTotalBytesRead());
    }

    /** @return null where the field is empty */
    private @Nullable UUID id() throws IOException {
        int begin = begin();
        int size = in.getTotalBytesRead() - begin;
        if (size != 0 && size != ID_BYTES) {
            throw noId(size);
        }
        return size == 0 ? null : id(begin);
    }

    /** @return null where the field has no id */
    private @Nullable UUID idOrNull() throws IOException {
        int begin = begin();
        return in.getTotalBytesRead() - begin == ID_BYTES ? id(begin) : null;
    }

    private UUID id(int begin) {
        return new UUID((long) LONGS.get(record, begin), (long) LONGS.get(record, begin + Long.BYTES));
    }

    private static IllegalArgumentException noId(int size) {
        return new IllegalArgumentException("expected an id of " + ID_BYTES + " bytes, but got " + size);
    }

    private String type() throws IOException {
        int begin = begin();
        int end = in.getTotalBytesRead();
        int hash = 0;
        for (int i = begin; i < end; i++) {
            hash = 31 * hash + record[i];
        }
        int place = (hash ^ hash >>> 16) & TYPES - 1;
        String known = types[place];
        if (known == null || !isAscii(known, begin, end)) {
            known = new String(record, begin, end - begin, StandardCharsets.UTF_8);
            types[place] = known;
        }
        return known;
    }

    private boolean isAscii(String text, int begin, int end) {
        if (text.length() != end - begin) {
            return false;
        }
        for (int i = begin; i < end; i++) {
            if (text.charAt(i - begin) != record[i]) {
                return false;
            }
        }
        return true;
    }
}
