package io.millrace.infra.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.infra.config.ServerConfig;
import io.millrace.infra.embedded.DevServer;
import io.millrace.infra.embedded.EmbeddedKafka;
import io.millrace.infra.server.CloseStack;
import io.millrace.infra.server.MillraceServer;
import io.millrace.infra.testing.TempFolder;
import io.millrace.infra.testing.TestClient;
import io.millrace.infra.topics.TopicAdmin;
import io.millrace.infra.topics.TopicPlan;
import io.millrace.ingest.config.Access;
import io.millrace.notifier.config.NotifierStats;
import io.millrace.proto.mac.MacKeys;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A Kafka that takes longer for each request than workers' polls wait, and for a commit than callers wait for answers. */
class SlowKafkaTest {

    private static final Duration SLOW = Duration.ofSeconds(3);
    private static final int POLL_S = 2;
    private static final int WORKFLOWS = 6;

    private final CloseStack parts = new CloseStack();
    private final Path folder = parts.push("test folder", new TempFolder()).path();

    @AfterEach
    void stop() {
        parts.close();
    }

    private MillraceServer node(SlowLink link) throws InterruptedException {
        String address = "127.0.0.1:" + link.port();
        EmbeddedKafka kafka = parts.push(
                "Kafka",
                EmbeddedKafka.start(
                        folder.resolve("kafka"), 0, Map.of("advertised.listeners", "CLIENTS://" + address)));
        link.leadTo(kafka.port());
        Map<String, String> settings = Map.of(
                "server.node", "alone",
                "server.only_node", "true",
                "grpc.port", "0",
                "http.port", "0",
                "audit.key_file", TestKeys.ofLogs(folder).toString());
        ServerConfig config = DevServer.config(folder.resolve("node"), settings, Map.of())
                .withKafka(address, kafka.access().properties())
                .withMacKeys(MacKeys.read(TestKeys.in(folder)));
        try (TopicAdmin admin = new TopicAdmin(address, kafka.access().properties(), TopicPlan.of(config))) {
            admin.createMissing();
        }
        MillraceServer node = parts.push("node", MillraceServer.start(config));
        assertTrue(node.awaitReady(Duration.ofMinutes(2)));
        return node;
    }

    /**
     * Each claim is answered when its poll is over. Were it given back, the next poll would make another that is late
     * as well, and nobody would ever get work. Nobody would either if Kafka aborted each transaction before its commit
     * comes through. A poll lasts three seconds at the most, so their number is a measure of time that does not depend
     * on the machine.
     */
    @Test
    void claimsThatAreAnsweredTooLateForTheirPollServeTheNext() throws InterruptedException, IOException {
        SlowLink link = parts.push("link", new SlowLink());
        MillraceServer node = node(link);
        TestClient client = parts.push("client", new TestClient(node.grpcPort(), Access.DEV_WORKER_KEY));
        Set<String> started = new HashSet<>();
        for (int i = 0; i < WORKFLOWS; i++) {
            started.add(client.start("echo", "slow"));
        }

        link.delay(SLOW);
        Set<String> held = new HashSet<>();
        int polls = 0;
        while (!held.equals(started)) {
            client.poll("w", "slow", POLL_S).ifPresent(work -> held.add(work.getId()));
            polls++;
            assertTrue(polls < 40, "after " + polls + " polls " + held.size() + " workflows were handed out");
        }

        NotifierStats stats = node.notifierStats().orElseThrow();
        assertEquals(0, stats.claimsReturned());
        assertTrue(stats.claimsSent() <= 2 * WORKFLOWS, stats.toString());
        link.delay(Duration.ZERO);
    }
}
