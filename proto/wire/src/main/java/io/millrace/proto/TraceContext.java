package io.millrace.proto;

import java.util.HexFormat;
import java.util.Optional;

/**
 * To which trace something belongs, and to which span of it, as W3C Trace Context has it ({@code traceparent}). What it calls
 * the parent id is the span that caused what carries this.
 *
 * @param traceId 32 hexadecimal digits in lower case, not all 0
 * @param spanId 16 of them, not all 0
 * @param flags what callers said of the trace, 8 bits; 1: its spans are to be recorded
 */
public record TraceContext(String traceId, String spanId, int flags) {

    /** Name of the header, in gRPC and in HTTP. */
    public static final String HEADER = "traceparent";

    private static final int SAMPLED = 1;
    /** Flags that are defined: sampled, and that the trace's id is random. Others are not passed on by who makes a span. */
    private static final int KNOWN_FLAGS = 3;

    private static final int SPAN_AT = 36;
    private static final int FLAGS_AT = 53;
    private static final int CHARS = 55;

    /**
     * Reads the header's value. Of a version that is not known yet, what stands in the places of version 00 counts, as the
     * standard says.
     *
     * @return nothing where it is malformed, which the standard says to ignore
     */
    public static Optional<TraceContext> parse(String text) {
        boolean whole = text.length() == CHARS || text.length() > CHARS && text.charAt(CHARS) == '-';
        if (!whole
                || !isHex(text, 0, 2)
                || text.charAt(2) != '-'
                || !isHex(text, 3, SPAN_AT - 1)
                || text.charAt(SPAN_AT - 1) != '-'
                || !isHex(text, SPAN_AT, FLAGS_AT - 1)
                || text.charAt(FLAGS_AT - 1) != '-'
                || !isHex(text, FLAGS_AT, CHARS)) {
            return Optional.empty();
        }
        int version = HexFormat.fromHexDigits(text, 0, 2);
        boolean versionFits = version == 0 ? text.length() == CHARS : version != 0xff;
        if (!versionFits || isZero(text, 3, SPAN_AT - 1) || isZero(text, SPAN_AT, FLAGS_AT - 1)) {
            return Optional.empty();
        }
        return Optional.of(new TraceContext(
                text.substring(3, SPAN_AT - 1),
                text.substring(SPAN_AT, FLAGS_AT - 1),
                HexFormat.fromHexDigits(text, FLAGS_AT, CHARS)));
    }

    /** @return whether its spans are to be recorded */
    public boolean sampled() {
        return (flags & SAMPLED) != 0;
    }

    /**
     * @param id of another span of the trace, 8 bytes, not 0
     * @return the context of what that span causes
     */
    public TraceContext within(long id) {
        return new TraceContext(traceId, HexFormat.of().toHexDigits(id), flags & KNOWN_FLAGS);
    }

    /** @return the header's value, by version 00 */
    public String text() {
        return "00-" + traceId + "-" + spanId + "-" + HexFormat.of().toHexDigits((byte) flags);
    }

    private static boolean isHex(String text, int from, int to) {
        for (int i = from; i < to; i++) {
            char c = text.charAt(i);
            if ((c < '0' || c > '9') && (c < 'a' || c > 'f')) {
                return false;
            }
        }
        return true;
    }

    private static boolean isZero(String text, int from, int to) {
        for (int i = from; i < to; i++) {
            if (text.charAt(i) != '0') {
                return false;
            }
        }
        return true;
    }
}
