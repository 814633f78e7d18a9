package io.millrace.proto.trace;

import io.millrace.proto.TraceContext;
import java.util.Map;

/**
 * Something that took time, as a part of a trace.
 *
 * @param cause the trace, and the span within which this one is
 * @param id of this span; not 0
 * @param name what is done, without a word of for whom: names are to be few
 * @param kind how it stands to others
 * @param startNanos when it began, nanoseconds since the epoch
 * @param endNanos when it was over, in the same way
 * @param attributes what else is known; no payloads, no keys
 * @param failure how it failed; empty: it did not
 * @param first whether the trace begins with it: the span of its cause is none then
 */
public record Span(
        TraceContext cause,
        long id,
        String name,
        Kind kind,
        long startNanos,
        long endNanos,
        Map<String, String> attributes,
        String failure,
        boolean first) {

    /** A span within another. */
    public Span(
            TraceContext cause,
            long id,
            String name,
            Kind kind,
            long startNanos,
            long endNanos,
            Map<String, String> attributes,
            String failure) {
        this(cause, id, name, kind, startNanos, endNanos, attributes, failure, false);
    }

    /** How a span stands to others. */
    public enum Kind {
        /** A request that somebody waits for. */
        SERVER,
        /** A message is taken from a log. */
        CONSUMER,
        /** All else. */
        INTERNAL
    }
}
