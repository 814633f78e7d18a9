package io.millrace.proto.trace;

import io.millrace.proto.TraceContext;
import org.slf4j.MDC;

/** Lets what a thread logs belong to a trace, for as long as this is open: lines of JSON name its id. For that thread. */
public final class LoggedTrace implements AutoCloseable {

    /** Under what the id of the trace stands among what SLF4J knows of a thread (MDC). */
    public static final String KEY = "traceId";

    private static final LoggedTrace NONE = new LoggedTrace(false);

    private final boolean set;

    private LoggedTrace(boolean set) {
        this.set = set;
    }

    /** @param traceparent as {@link TraceContext} writes it; empty, or malformed: of no trace */
    public static LoggedTrace of(String traceparent) {
        return TraceContext.parse(traceparent)
                .map(trace -> {
                    MDC.put(KEY, trace.traceId());
                    return new LoggedTrace(true);
                })
                .orElse(NONE);
    }

    @Override
    public void close() {
        if (set) {
            MDC.remove(KEY);
        }
    }
}
