package io.millrace.ingest.auth;

import io.millrace.proto.TraceContext;
import io.millrace.proto.trace.SpanIds;
import io.millrace.proto.trace.Spans;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * To which traces calls belong. The caller says so by W3C Trace Context, and whether spans are to be recorded. What is malformed is
 * ignored, as the standard says, and counted. A call that starts work and belongs to no trace may begin one. Safe from any thread.
 */
public final class CallTraces {

    /** Calls that start work: others do not begin a trace, since workers poll and report all the time. */
    static final Set<String> STARTS = Set.of(
            "flovyn.v1.WorkflowDispatch/StartWorkflow",
            "flovyn.v1.WorkflowDispatch/SignalWithStartWorkflow",
            "flovyn.v1.TaskExecution/SubmitTask",
            "POST /api/orgs/{slug}/workflow-executions",
            "POST /api/orgs/{slug}/workflow-executions/signal-with-start",
            "POST /api/orgs/{slug}/task-executions");

    private static final int SAMPLED = 1;

    private final Spans spans;
    private final double begun;
    private final LongAdder malformed = new LongAdder();

    /**
     * @param spans where spans of calls go
     * @param begun how many of the calls that start work and belong to no trace begin one, 0 to 1. Without somebody who wants spans
     *     none does
     */
    public CallTraces(Spans spans, double begun) {
        this.spans = spans;
        this.begun = begun;
    }

    /** @return how many headers were ignored since they were malformed */
    public long malformed() {
        return malformed.sum();
    }

    /**
     * @param headers values of the header that the call has; null or none: it has none. Of several none counts
     * @param method what is asked: the full name of the gRPC method, or the HTTP method and path template
     */
    public CallTrace of(@Nullable Iterable<String> headers, String method) {
        Optional<TraceContext> caller = headers == null ? Optional.empty() : read(headers);
        if (caller.isEmpty()) {
            return begins(method) ? CallTrace.recorded(spans, method, begin(), SpanIds.random(), true) : CallTrace.NONE;
        }
        TraceContext trace = caller.get();
        return trace.sampled() && spans.wanted()
                ? CallTrace.recorded(spans, method, trace, SpanIds.random(), false)
                : CallTrace.passedOn(trace);
    }

    /** As above, of a header with one value at the most. */
    public CallTrace of(@Nullable String header, String method) {
        return of(header == null ? null : List.of(header), method);
    }

    private Optional<TraceContext> read(Iterable<String> headers) {
        Iterator<String> each = headers.iterator();
        if (!each.hasNext()) {
            return Optional.empty();
        }
        String first = each.next();
        Optional<TraceContext> trace = each.hasNext() ? Optional.empty() : TraceContext.parse(first);
        if (trace.isEmpty()) {
            malformed.increment();
        }
        return trace;
    }

    private boolean begins(String method) {
        return begun > 0
                && spans.wanted()
                && STARTS.contains(method)
                && ThreadLocalRandom.current().nextDouble() < begun;
    }

    /** Its span id is nobody's: the span of the call that begins it is the first one. */
    private static TraceContext begin() {
        HexFormat hex = HexFormat.of();
        return new TraceContext(
                hex.toHexDigits(SpanIds.random()) + hex.toHexDigits(SpanIds.random()),
                hex.toHexDigits(SpanIds.random()),
                SAMPLED);
    }
}
