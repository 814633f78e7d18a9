package io.millrace.ingest.auth;

import io.millrace.proto.TraceContext;
import io.millrace.proto.trace.Span;
import io.millrace.proto.trace.Spans;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** The trace that one call belongs to. Its span is recorded with its end, once. Safe from any thread. */
public final class CallTrace {

    /** Of a call that belongs to no trace. */
    public static final CallTrace NONE = new CallTrace("", null);

    private static final InstantSource CLOCK = InstantSource.system();

    private final String traceparent;
    private final @Nullable Open open;

    private CallTrace(String traceparent, @Nullable Open open) {
        this.traceparent = traceparent;
        this.open = open;
    }

    /** A span under way. */
    private record Open(
            Spans spans,
            String method,
            TraceContext cause,
            long id,
            boolean first,
            long startNanos,
            AtomicBoolean over) {}

    static CallTrace passedOn(TraceContext caller) {
        return new CallTrace(caller.text(), null);
    }

    /** @param first whether the trace begins with the call, so that nothing is around its span */
    static CallTrace recorded(Spans spans, String method, TraceContext cause, long id, boolean first) {
        return new CallTrace(
                cause.within(id).text(),
                new Open(spans, method, cause, id, first, nanos(CLOCK.instant()), new AtomicBoolean()));
    }

    /** @return what the call causes belongs to, as {@link TraceContext} writes it; empty: to no trace */
    public String traceparent() {
        return traceparent;
    }

    /** @return whether its end is wanted */
    public boolean recorded() {
        return open != null;
    }

    /**
     * The call is over. Only the first end counts.
     *
     * @param failure how it failed; empty: it did not
     */
    public void end(String failure) {
        if (open == null || !open.over.compareAndSet(false, true)) {
            return;
        }
        open.spans.add(new Span(
                open.cause,
                open.id,
                open.method,
                Span.Kind.SERVER,
                open.startNanos,
                nanos(CLOCK.instant()),
                Map.of(),
                failure,
                open.first));
    }

    private static long nanos(Instant now) {
        return TimeUnit.SECONDS.toNanos(now.getEpochSecond()) + now.getNano();
    }
}
