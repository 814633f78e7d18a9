package io.millrace.ingest.audit.proof;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import io.millrace.proto.v1.OutcomeRecord;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Reads the one field of an outcome that the notary needs, and passes over the rest: it sees every outcome there is. */
public final class OutcomeFields {

    private OutcomeFields() {}

    /** @return offset of the outcome's command; -1 if the bytes are no outcome. An outcome without the field is of offset 0. */
    public static long commandOffset(byte @Nullable [] outcome) {
        if (outcome == null) {
            return -1;
        }
        long offset = 0;
        try {
            CodedInputStream in = CodedInputStream.newInstance(outcome);
            for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
                if (WireFormat.getTagFieldNumber(tag) == OutcomeRecord.COMMAND_OFFSET_FIELD_NUMBER
                        && WireFormat.getTagWireType(tag) == WireFormat.WIRETYPE_VARINT) {
                    offset = in.readInt64();
                } else {
                    in.skipField(tag);
                }
            }
        } catch (IOException e) {
            return -1;
        }
        return Math.max(-1, offset);
    }
}
