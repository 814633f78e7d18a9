package io.millrace.ingest.http;

import io.millrace.ingest.auth.CallTrace;
import io.millrace.ingest.auth.CallTraces;
import io.millrace.proto.trace.LoggedTrace;
import org.jspecify.annotations.Nullable;

/**
 * The trace that a request belongs to, from when it is known what it asks until its answer is written. What the thread logs
 * meanwhile belongs to it too. For the thread of the request.
 */
final class RequestTrace implements AutoCloseable {

    private static final int FAILURES_OF_SERVER = 500;

    private final CallTraces traces;
    private CallTrace trace = CallTrace.NONE;
    private LoggedTrace logged = LoggedTrace.of("");
    private String failure = "";

    RequestTrace(CallTraces traces) {
        this.traces = traces;
    }

    /**
     * @param header as the caller has sent it, or null
     * @param method HTTP method and path template
     * @return what it causes belongs to, as {@link io.millrace.proto.TraceContext} writes it; empty: to no trace
     */
    String begin(@Nullable String header, String method) {
        trace = traces.of(header, method);
        logged = LoggedTrace.of(trace.traceparent());
        return trace.traceparent();
    }

    /** @param status of the answer */
    void answered(int status) {
        failure = status < FAILURES_OF_SERVER ? "" : Integer.toString(status);
    }

    @Override
    public void close() {
        trace.end(failure);
        logged.close();
    }
}
