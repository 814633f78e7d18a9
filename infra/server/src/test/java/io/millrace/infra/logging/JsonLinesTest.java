package io.millrace.infra.logging;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.LoggingEvent;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.grpc.Context;
import io.millrace.ingest.auth.Traceparent;
import io.millrace.proto.trace.LoggedTrace;
import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.slf4j.MDC;

class JsonLinesTest {

    private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
    private static final String TRACEPARENT = "00-" + TRACE + "-b7ad6b7169203331-00";

    private static JsonNode line() throws IOException {
        LoggerContext context = new LoggerContext();
        context.setMDCAdapter(MDC.getMDCAdapter());
        JsonLines lines = new JsonLines(false);
        lines.setContext(context);
        lines.start();
        LoggingEvent event = new LoggingEvent(
                JsonLinesTest.class.getName(), context.getLogger("a.logger"), Level.WARN, "it broke", null, null);
        return new ObjectMapper().readTree(lines.encode(event));
    }

    @Test
    void whatIsLoggedWithinACallOfATraceNamesIt() throws Exception {
        JsonNode line =
                Context.current().withValue(Traceparent.KEY, TRACEPARENT).call(JsonLinesTest::line);

        assertEquals(TRACE, line.path("traceId").asText());
        assertEquals("it broke", line.path("formattedMessage").asText());
    }

    @Test
    void whatIsLoggedOfARequestOrACommandOfATraceNamesIt() throws Exception {
        try (LoggedTrace trace = LoggedTrace.of(TRACEPARENT)) {
            assertEquals(TRACE, line().path("traceId").asText());
        }
        assertFalse(line().has("traceId"), "the thread goes on to something else");
    }

    @Test
    void whatBelongsToNoTraceNamesNone() throws Exception {
        try (LoggedTrace trace = LoggedTrace.of("")) {
            assertFalse(line().has("traceId"));
            assertEquals(Map.of(), MDC.getCopyOfContextMap() == null ? Map.of() : MDC.getCopyOfContextMap());
        }
    }
}
