package io.millrace.proto.trace;

import io.millrace.proto.TraceContext;
import java.util.Optional;
import java.util.UUID;

/**
 * Where spans of this node go. Whoever would make one asks {@link #of} first, so that nothing is made where nobody wants it.
 * Safe from any thread, never blocks.
 */
public interface Spans {

    /** Nobody wants any. */
    Spans NONE = new Spans() {
        @Override
        public boolean wanted() {
            return false;
        }

        @Override
        public void add(Span span) {}
    };

    /** @return whether spans of this node go anywhere; never changes */
    boolean wanted();

    /** Takes a span, or drops it if too many wait. */
    void add(Span span);

    /**
     * @param traceparent as {@link TraceContext} writes it; the empty text for none
     * @return the trace whose spans are to be recorded; nothing where the caller did not ask for that, or nobody wants them
     */
    default Optional<TraceContext> of(String traceparent) {
        return wanted() && !traceparent.isEmpty()
                ? TraceContext.parse(traceparent).filter(TraceContext::sampled)
                : Optional.empty();
    }

    /**
     * What work is done within that a claim has brought. Its span is made when the work is reported, by another node perhaps; so
     * its id is made of the claim's.
     *
     * @return the context for the worker; the given one where no spans are recorded
     */
    default String worker(String traceparent, UUID claimId) {
        return of(traceparent)
                .map(trace -> trace.within(SpanIds.held(claimId)).text())
                .orElse(traceparent);
    }
}
