package io.millrace.dispatcher.replay.log;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.WireFormat;
import io.millrace.proto.v1.MacVerdict;
import io.millrace.proto.v1.OutcomeRecord;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * A record of the events topic. Only what tells where it belongs was read of it yet: to compare it, its bytes are
 * enough.
 *
 * @param offset its place in its partition of the events topic
 * @param commandOffset place of its command, {@link #UNREADABLE} where the record is no outcome
 * @param verdict what the MAC of its command proved when it was decided
 * @param value the record as it stands there, null for an empty one; never changes
 */
public record LoggedOutcome(long offset, long commandOffset, MacVerdict verdict, byte @Nullable [] value) {

    /** Stands for the command of a record that is no outcome. */
    public static final long UNREADABLE = -1;

    private static final int OFFSET_TAG = tag(OutcomeRecord.COMMAND_OFFSET_FIELD_NUMBER);
    private static final int MAC_TAG = tag(OutcomeRecord.MAC_FIELD_NUMBER);

    private static int tag(int field) {
        return field << 3 | WireFormat.WIRETYPE_VARINT;
    }

    /** @return the record at the offset, as it was read */
    public static LoggedOutcome of(long offset, byte @Nullable [] value) {
        long commandOffset = 0;
        MacVerdict verdict = MacVerdict.MAC_UNCHECKED;
        try {
            if (value == null) {
                throw new IOException("expected an outcome, but the record is empty");
            }
            CodedInputStream in = CodedInputStream.newInstance(value);
            for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
                if (tag == OFFSET_TAG) {
                    commandOffset = in.readInt64();
                } else if (tag == MAC_TAG) {
                    verdict = verdict(in.readEnum());
                } else {
                    in.skipField(tag);
                }
            }
        } catch (IOException e) {
            return new LoggedOutcome(offset, UNREADABLE, MacVerdict.MAC_UNCHECKED, value);
        }
        return new LoggedOutcome(offset, commandOffset, verdict, value);
    }

    private static MacVerdict verdict(int number) {
        MacVerdict known = MacVerdict.forNumber(number);
        return known == null ? MacVerdict.UNRECOGNIZED : known;
    }

    /**
     * @return the whole record
     * @throws LogUnreadableException it is none
     */
    public OutcomeRecord record() {
        if (value == null) {
            throw isNone(null);
        }
        try {
            return OutcomeRecord.parseFrom(value);
        } catch (InvalidProtocolBufferException e) {
            throw isNone(e);
        }
    }

    /**
     * @param why it cannot be read, null where there is nothing to read
     * @return says so
     */
    public LogUnreadableException isNone(@Nullable IOException why) {
        String expected = "expected an outcome at offset " + offset + ", but the record is ";
        return why == null
                ? new LogUnreadableException(expected + "empty")
                : new LogUnreadableException(expected + "none", why);
    }
}
