package io.millrace.proto.kafka;

import java.util.List;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.jspecify.annotations.Nullable;

/** The header of a record by which nodes know that a node wrote it. It leaves key and value as they are. */
public final class SealHeader {

    /** Name of the header. */
    public static final String NAME = "millrace-mac";

    private SealHeader() {}

    /** @return the headers of a record with this seal, null for none */
    public static List<Header> of(byte @Nullable [] seal) {
        return seal == null ? List.of() : List.of(new RecordHeader(NAME, seal));
    }

    /** @return the seal among the headers, null where there is none */
    public static byte @Nullable [] in(Headers headers) {
        Header header = headers.lastHeader(NAME);
        return header == null ? null : header.value();
    }
}
