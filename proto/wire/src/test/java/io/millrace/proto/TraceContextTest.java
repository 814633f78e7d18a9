package io.millrace.proto;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class TraceContextTest {

    private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
    private static final String SPAN = "b7ad6b7169203331";

    @Test
    void whatCallersSendIsReadAndWrittenAsItWas() {
        TraceContext sampled =
                TraceContext.parse("00-" + TRACE + "-" + SPAN + "-01").orElseThrow();

        assertEquals(new TraceContext(TRACE, SPAN, 1), sampled);
        assertTrue(sampled.sampled());
        assertFalse(TraceContext.parse("00-" + TRACE + "-" + SPAN + "-02")
                .orElseThrow()
                .sampled());
        for (String flags : List.of("00", "01", "03", "ff")) {
            String text = "00-" + TRACE + "-" + SPAN + "-" + flags;
            assertEquals(Optional.of(text), TraceContext.parse(text).map(TraceContext::text));
        }
    }

    @Test
    void aSpanWithinHasTheSameTraceAndNoFlagsThatNobodyKnows() {
        TraceContext caller = new TraceContext(TRACE, SPAN, 0xff);

        assertEquals(new TraceContext(TRACE, "000000000000000a", 3), caller.within(10));
    }

    /** As W3C Trace Context has it in "Versioning of traceparent". */
    @Test
    void ofAVersionToComeCountsWhatIsKnown() {
        String known = "-" + TRACE + "-" + SPAN + "-01";

        assertEquals(Optional.of("00" + known), TraceContext.parse("01" + known).map(TraceContext::text));
        assertEquals(
                Optional.of("00" + known),
                TraceContext.parse("cc" + known + "-what-the-future-will-be-like")
                        .map(TraceContext::text));
    }

    @Test
    void whatIsMalformedIsNoTrace() {
        for (String text : List.of(
                "",
                "00",
                "00-" + TRACE + "-" + SPAN,
                "00-" + TRACE + "-" + SPAN + "-1",
                "00-" + TRACE + "-" + SPAN + "-01-more",
                "00-" + TRACE + "-" + SPAN + "-01 ",
                " 00-" + TRACE + "-" + SPAN + "-01",
                "00-" + TRACE.toUpperCase(java.util.Locale.ROOT) + "-" + SPAN + "-01",
                "00_" + TRACE + "-" + SPAN + "-01",
                "00-" + TRACE + "_" + SPAN + "-01",
                "00-" + TRACE + "-" + SPAN + "_01",
                "00-" + TRACE.replace('c', 'g') + "-" + SPAN + "-01",
                "00-" + "0".repeat(32) + "-" + SPAN + "-01",
                "00-" + TRACE + "-" + "0".repeat(16) + "-01",
                "00-" + TRACE + "-" + SPAN + "-0g",
                "0g-" + TRACE + "-" + SPAN + "-01",
                "ff-" + TRACE + "-" + SPAN + "-01",
                "ff-" + TRACE + "-" + SPAN + "-01-more",
                "cc-" + TRACE + "-" + SPAN + "-01.more",
                "00-" + TRACE + "-" + SPAN + "-01,00-" + TRACE + "-" + SPAN + "-01")) {
            assertEquals(Optional.empty(), TraceContext.parse(text), text);
        }
    }
}
