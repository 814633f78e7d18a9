package io.millrace.ingest.auth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.proto.TraceContext;
import io.millrace.proto.trace.Span;
import io.millrace.proto.trace.Spans;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class CallTracesTest {

    private static final String START = "flovyn.v1.WorkflowDispatch/StartWorkflow";
    private static final String POLL = "flovyn.v1.WorkflowDispatch/PollWorkflow";
    private static final @Nullable String NOTHING = null;
    private static final String SAMPLED = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    private static final String UNSAMPLED = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00";

    private final List<Span> made = new ArrayList<>();
    private final Spans spans = new Spans() {
        @Override
        public boolean wanted() {
            return true;
        }

        @Override
        public void add(Span span) {
            made.add(span);
        }
    };

    @Test
    void whatACallCausesIsWithinItsSpan() {
        CallTrace call = new CallTraces(spans, 0).of(SAMPLED, START);
        call.end("");
        call.end("CANCELLED");

        Span span = made.getFirst();
        assertEquals(1, made.size());
        assertEquals(TraceContext.parse(SAMPLED).orElseThrow(), span.cause());
        assertEquals(span.cause().within(span.id()).text(), call.traceparent());
        assertEquals(START, span.name());
        assertEquals("", span.failure());
        assertFalse(span.first());
    }

    @Test
    void whatIsNotToBeRecordedIsHandedOnAsItCame() {
        CallTrace unsampled = new CallTraces(spans, 1).of(UNSAMPLED, START);
        CallTrace unwanted = new CallTraces(Spans.NONE, 1).of(SAMPLED, START);
        unsampled.end("");
        unwanted.end("");

        assertEquals(List.of(UNSAMPLED, SAMPLED), List.of(unsampled.traceparent(), unwanted.traceparent()));
        assertEquals(List.of(), made);
    }

    @Test
    void callsThatStartWorkBeginATraceWhereThatIsAskedFor() {
        CallTraces all = new CallTraces(spans, 1);
        CallTrace one = all.of(NOTHING, START);
        one.end("");

        assertTrue(made.getFirst().first());
        assertTrue(TraceContext.parse(one.traceparent()).orElseThrow().sampled());
        assertNotEquals(one.traceparent(), all.of(NOTHING, START).traceparent());
        assertSame(CallTrace.NONE, all.of(NOTHING, POLL));
        assertSame(CallTrace.NONE, new CallTraces(spans, 0).of(NOTHING, START));
        assertSame(CallTrace.NONE, new CallTraces(Spans.NONE, 1).of(NOTHING, START));
        assertEquals(0, all.malformed());
    }

    @Test
    void everyCallThatBeginsATraceIsOneThatThereIs() {
        for (String call : CallTraces.STARTS) {
            assertTrue(Permissions.all().containsKey(call), call);
        }
    }

    @Test
    void whatIsMalformedIsCountedAndLikeNothing() {
        CallTraces traces = new CallTraces(spans, 0);

        assertSame(CallTrace.NONE, traces.of("00-" + "0".repeat(32) + "-b7ad6b7169203331-01", START));
        assertSame(CallTrace.NONE, traces.of(List.of(SAMPLED, SAMPLED), START));
        assertSame(CallTrace.NONE, traces.of(List.of(), START));
        assertEquals(2, traces.malformed());
    }
}
