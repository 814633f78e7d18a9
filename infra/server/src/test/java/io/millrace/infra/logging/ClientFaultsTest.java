package io.millrace.infra.logging;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.joran.JoranConfigurator;
import ch.qos.logback.classic.util.LogbackMDCAdapter;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.grpc.Status;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a client sends wrong takes one line of the log. */
class ClientFaultsTest {

    @ParameterizedTest
    @ValueSource(strings = {"NettyServerStream", "NettyServerHandler", "NettyServerTransport.connections"})
    void aFaultOfAClientIsOneLineThatSaysWhatItIs(String logger) throws Exception {
        String text = logged(logger, "text");
        assertEquals(1, text.lines().count(), text);
        assertTrue(text.contains("Exception processing message: "), text);
        assertTrue(text.contains("RESOURCE_EXHAUSTED: gRPC message exceeds maximum size"), text);
    }

    @ParameterizedTest
    @ValueSource(strings = {"NettyServerStream", "NettyServerHandler", "NettyServerTransport.connections"})
    void itIsSaidInJsonAsBriefly(String logger) throws Exception {
        JsonNode line = new ObjectMapper().readTree(logged(logger, "json"));
        assertEquals(
                "Exception processing message", line.path("formattedMessage").asText());
        assertTrue(line.path("error").asText().endsWith("gRPC message exceeds maximum size"), line::toString);
        assertTrue(line.path("throwable").isMissingNode(), line::toString);
    }

    private static String logged(String logger, String format) throws Exception {
        LoggerContext context = new LoggerContext();
        context.putProperty("MILLRACE_LOG_FORMAT", format);
        context.setMDCAdapter(new LogbackMDCAdapter());
        JoranConfigurator configurator = new JoranConfigurator();
        configurator.setContext(context);
        configurator.doConfigure(ClientFaultsTest.class.getResource("/logback.xml"));
        ByteArrayOutputStream written = new ByteArrayOutputStream();
        PrintStream before = System.err;
        System.setErr(new PrintStream(written, true, StandardCharsets.UTF_8));
        try {
            context.getLogger("io.grpc.netty.shaded.io.grpc.netty." + logger)
                    .error(
                            "Exception processing message",
                            Status.RESOURCE_EXHAUSTED
                                    .withDescription("gRPC message exceeds maximum size")
                                    .withCause(new IllegalStateException("inner"))
                                    .asRuntimeException());
        } finally {
            System.setErr(before);
            context.stop();
        }
        return written.toString(StandardCharsets.UTF_8);
    }
}
