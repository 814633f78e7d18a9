package io.millrace.infra.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.joran.JoranConfigurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.AppenderBase;
import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.millrace.infra.system.Outcomes;
import io.millrace.infra.system.TestHttp;
import io.millrace.infra.system.TestServer;
import io.millrace.infra.testing.TestClient;
import io.millrace.proto.Ids;
import io.millrace.proto.Topics;
import io.millrace.proto.v1.CommandRecord;
import io.millrace.proto.v1.SubmitCommands;
import io.millrace.proto.v1.SubmittedCommand;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;
import org.slf4j.LoggerFactory;
import org.slf4j.bridge.SLF4JBridgeHandler;

/** At no level of logging does a key or a payload stand in the log. Alone in the JVM, whose log says everything meanwhile. */
@Isolated
class SecretsInTheLogTest extends Protocol {

    private static final String SECRET = "hush-5f3d1c";

    private final LoggerContext log = (LoggerContext) LoggerFactory.getILoggerFactory();
    private final java.util.logging.Logger julRoot = java.util.logging.Logger.getLogger("");
    private final Found found = new Found();
    private Level levelBefore;
    private java.util.logging.Level julLevelBefore;

    /** Keeps the lines in which the secret stands, and counts Millrace's own. */
    private static final class Found extends AppenderBase<ILoggingEvent> {

        private final List<String> lines = new CopyOnWriteArrayList<>();
        private volatile boolean ownTrace;

        @Override
        protected void append(ILoggingEvent event) {
            String line = event.getLoggerName() + " " + event.getFormattedMessage() + " " + event.getKeyValuePairs()
                    + (event.getThrowableProxy() == null ? "" : ThrowableProxyUtil.asString(event.getThrowableProxy()));
            if (line.contains(SECRET) || line.contains(hex(SECRET))) {
                lines.add(line);
            }
            ownTrace |= event.getLevel() == Level.TRACE && event.getLoggerName().startsWith("io.millrace.");
        }

        /** Frames are shown so. */
        private static String hex(String text) {
            return HexFormat.of().formatHex(text.getBytes(StandardCharsets.UTF_8));
        }
    }

    @BeforeEach
    void logEverything() {
        levelBefore = log.getLogger("ROOT").getLevel();
        julLevelBefore = julRoot.getLevel();
        traceAll();
        julRoot.setLevel(java.util.logging.Level.ALL);
        SLF4JBridgeHandler.install();
    }

    private void traceAll() {
        log.getLoggerList().stream()
                .filter(each -> each.getLevel() != null)
                .forEach(each -> each.setLevel(Level.TRACE));
        found.setContext(log);
        found.start();
        log.getLogger("ROOT").addAppender(found);
    }

    @AfterEach
    void logAsBefore() throws Exception {
        SLF4JBridgeHandler.uninstall();
        julRoot.setLevel(julLevelBefore);
        log.reset();
        JoranConfigurator usual = new JoranConfigurator();
        usual.setContext(log);
        usual.doConfigure(getClass().getResource("/logback.xml"));
        log.getLogger("ROOT").setLevel(levelBefore);
    }

    @Test
    void aCallLeavesNeitherItsKeyNorItsPayload() {
        ownLoggersSpeak();

        callByGrpcAndHttp();

        assertEquals(List.of(), found.lines);
    }

    @Test
    void neitherDoesItAfterTheLogWasConfiguredAnew() throws Exception {
        log.reset();
        JoranConfigurator own = new JoranConfigurator();
        own.setContext(log);
        own.doConfigure(new ByteArrayInputStream(
                "<configuration><root level=\"TRACE\"/></configuration>".getBytes(StandardCharsets.UTF_8)));
        traceAll();
        ownLoggersSpeak();

        callByGrpcAndHttp();

        assertEquals(List.of(), found.lines);
    }

    @Test
    void aKafkaClientLeavesNoPassword() {
        Map<String, Object> settings = Map.of(
                "bootstrap.servers",
                place.server().kafka().bootstrapServers(),
                "security.protocol",
                "SASL_PLAINTEXT",
                "sasl.mechanism",
                "PLAIN",
                "sasl.jaas.config",
                "org.apache.kafka.common.security.plain.PlainLoginModule required username=\"u\"" + " password=\""
                        + SECRET + "\";",
                "ssl.keystore.password",
                SECRET);
        new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer()).close(Duration.ZERO);

        assertEquals(List.of(), found.lines);
    }

    @Test
    void aCommandThatCannotBeDecodedLeavesNothingOfWhatItHolds() {
        CommandRecord poison = CommandRecord.newBuilder()
                .setCommandId(Ids.toByteString(UUID.randomUUID()))
                .setOrgId(Ids.toByteString(UUID.randomUUID()))
                .setSubmitCommands(SubmitCommands.newBuilder()
                        .setExecutionId(Ids.toByteString(UUID.randomUUID()))
                        .addCommands(SubmittedCommand.newBuilder()
                                .setScheduleTask(SubmittedCommand.ScheduleTask.newBuilder()
                                        .setTaskExecutionId(SECRET))))
                .build();
        // Where each command needs a MAC, this one is refused before anybody looks into it.
        try (TestServer server = TestServer.start(Map.of("commands.mac.mode", "write"), false);
                KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(
                        server.kafka().client(Map.of()), new ByteArraySerializer(), new ByteArraySerializer());
                Outcomes outcomes = new Outcomes(server.kafka())) {
            producer.send(new ProducerRecord<>(Topics.COMMANDS, 0, null, poison.toByteArray()));
            producer.flush();

            outcomes.await(
                    "the refusal, which quotes it",
                    outcome -> outcome.getRefusal().getText().contains(SECRET));
        }

        assertEquals(List.of(), found.lines);
    }

    private void ownLoggersSpeak() {
        LoggerFactory.getLogger("io.millrace.infra.protocol.Test").trace("a word at TRACE");
        assertTrue(found.ownTrace, "Millrace's own loggers speak at every level");
        assertFalse(LoggerFactory.getLogger("io.grpc.netty.shaded.io.grpc.netty.NettyServerHandler")
                .isDebugEnabled());
    }

    private void callByGrpcAndHttp() {
        place.worker()
                .workflows()
                .startWorkflow(TestClient.startRequest("flow", queue)
                        .setInput(ByteString.copyFromUtf8("{\"password\":\"" + SECRET + "\"}"))
                        .build());
        try (TestClient stranger = place.server().client(TestServer.FIRST, "flovyn_wk_" + SECRET);
                TestHttp http = new TestHttp("flovyn_sk_" + SECRET)) {
            StatusRuntimeException refusal =
                    assertThrows(StatusRuntimeException.class, () -> stranger.start("flow", queue));
            assertEquals(Status.Code.UNAUTHENTICATED, refusal.getStatus().getCode());
            http.post(
                    place.server().http("/api/orgs/dev/workflow-executions"),
                    "{\"kind\":\"flow\",\"input\":{\"password\":\"" + SECRET + "\"}}");
        }
    }
}
