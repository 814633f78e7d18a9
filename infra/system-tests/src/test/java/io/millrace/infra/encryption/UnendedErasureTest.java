package io.millrace.infra.encryption;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.infra.system.TestHttp;
import io.millrace.infra.system.TestKeys;
import io.millrace.infra.system.TestServer;
import io.millrace.infra.testing.Await;
import io.millrace.infra.testing.TestClient;
import io.millrace.ingest.config.Access;
import io.millrace.ingest.config.AccessFile;
import io.millrace.ingest.encryption.BegunErasure;
import io.millrace.ingest.encryption.Encryption;
import io.millrace.ingest.encryption.Erasure;
import io.millrace.ingest.encryption.ErasureTimes;
import io.millrace.ingest.encryption.Payloads;
import io.millrace.proto.Topics;
import io.millrace.proto.kafka.ClientSettings;
import io.millrace.proto.mac.CommandMacs;
import io.millrace.proto.mac.MacKey;
import io.millrace.proto.mac.MacKeys;
import io.millrace.proto.mac.MacMode;
import io.millrace.proto.reads.Reads;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.stream.StreamSupport;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.common.config.ConfigResource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A node dies at any step of an erasure: either the log says that it is not done, or another node ends it. The node that dies is one
 * beside the server, which takes the same steps and then no more.
 */
@Order(1)
class UnendedErasureTest {

    private static final String API = "/api/orgs/dev/";
    private static final TestHttp ANN = new TestHttp(Access.DEV_USER_KEY);

    @TempDir
    private static Path folder;

    private static TestServer server;

    @BeforeAll
    static void start() {
        server = EncryptedOrganisation.start(folder, Map.of());
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    /** How far the node came, by the name of the data subject, and what it does before it dies. */
    private static final Map<String, BiConsumer<Erasure, BegunErasure>> STEPS = Map.of(
            "begun",
            (erasure, begun) -> {},
            "some",
            (erasure, begun) -> erasure.carryOut(new BegunErasure(
                            begun.id(),
                            begun.orgId(),
                            begun.owner(),
                            Set.of(UUID.randomUUID()),
                            begun.atMs(),
                            Optional.empty()))
                    .join(),
            "all",
            (erasure, begun) -> erasure.carryOut(begun).join());

    /** Whoever can write to the topic, and has no key of the nodes, begins no erasure. */
    @Test
    void whatANodeHasBegunIsEndedByAnotherAndWhatNoNodeHasBegunByNone() throws InterruptedException {
        String forged = started("forged");
        begunByStrangers("forged");
        Map<String, String> executions = new HashMap<>();
        for (String subject : STEPS.keySet()) {
            executions.put(subject, started(subject));
            try (Encryption dying = encryption()) {
                assertTrue(dying.awaitReady(Await.LIMIT));
                Erasure erasure = new Payloads(dying, nothing()).erasure();
                Erasure.Plan plan = erasure.ofSubject(Access.DEV_ORG, subject);
                assertEquals(1, plan.keyIds().size());
                STEPS.get(subject)
                        .accept(
                                erasure,
                                erasure.begin(Access.DEV_ORG, plan, Optional.empty())
                                        .join());
            }
        }
        for (String subject : STEPS.keySet()) {
            Await.until(
                    "another node to end the erasure of " + subject,
                    () -> !notes("payloads_erased", subject).isEmpty());
            assertTrue(get("workflow-executions/" + executions.get(subject))
                    .at("/input")
                    .has("erasedAt"));
            assertEquals(
                    "erasure",
                    notes("payloads_erased", subject)
                            .getFirst()
                            .at("/principal/id")
                            .asText());
        }

        // It stands before all of these on the topic, and so would have been ended before them.
        assertEquals(List.of(), notes("payloads_erased", "forged"));
        assertFalse(get("workflow-executions/" + forged).at("/input").has("erasedAt"), "nothing is erased");
    }

    private static void begunByStrangers(String subject) throws InterruptedException {
        CommandMacs others = new CommandMacs(
                MacMode.REQUIRE,
                new MacKeys(List.of(new MacKey("test", "x".repeat(32).getBytes(StandardCharsets.UTF_8)))));
        for (CommandMacs macs : List.of(CommandMacs.OFF, others)) {
            try (Encryption stranger = encryption(macs)) {
                assertTrue(stranger.awaitReady(Await.LIMIT));
                Erasure erasure = new Payloads(stranger, nothing()).erasure();
                erasure.begin(Access.DEV_ORG, erasure.ofSubject(Access.DEV_ORG, subject), Optional.empty())
                        .join();
            }
        }
    }

    /** Kafka takes no more data keys, so the node comes no further than to the first note. */
    @Test
    void diesBeforeItHasSaidThatItBegins() throws Exception {
        String id = started("noted");
        mostBytes("1");
        try {
            assertEquals(503, erase("noted").status());
        } finally {
            mostBytes(String.valueOf(Topics.MAX_MESSAGE_BYTES));
        }
        server.stopNode(TestServer.FIRST);
        server.restartNode(TestServer.FIRST);
        server.node(TestServer.FIRST).readModelOpened().toCompletableFuture().join();

        Await.until(
                "the first note", () -> !notes("payload_erasure_begun", "noted").isEmpty());
        assertEquals(List.of(), notes("payloads_erased", "noted"));
        assertFalse(get("workflow-executions/" + id).at("/input").has("erasedAt"), "nothing is erased");

        // Asked once more
        assertEquals(200, erase("noted").status());
        assertTrue(get("workflow-executions/" + id).at("/input").has("erasedAt"));
        Await.until("the second note", () -> notes("payloads_erased", "noted").size() == 1);
        assertEquals(2, notes("payload_erasure_begun", "noted").size());
        assertEquals(
                "ann",
                notes("payloads_erased", "noted").getFirst().at("/principal/id").asText());
    }

    private static TestHttp.Answer erase(String subject) {
        return ANN.post(server.http(API + "data-subjects/" + subject + "/erase"), "{\"reason\":\"she asked\"}");
    }

    private static void mostBytes(String value) throws Exception {
        ConfigResource topic = new ConfigResource(ConfigResource.Type.TOPIC, Topics.DATA_KEYS);
        AlterConfigOp set = new AlterConfigOp(new ConfigEntry("max.message.bytes", value), AlterConfigOp.OpType.SET);
        try (Admin admin = Admin.create(server.kafka().client(Map.of()))) {
            admin.incrementalAlterConfigs(Map.of(topic, List.of(set))).all().get(30, TimeUnit.SECONDS);
        }
    }

    private static String started(String subject) {
        try (TestClient worker = server.worker()) {
            return worker.workflows()
                    .startWorkflow(TestClient.startRequest("k", "q-" + subject)
                            .putMetadata("dataSubject", subject)
                            .build())
                    .getWorkflowExecutionId();
        }
    }

    private static Encryption encryption() {
        return encryption(new CommandMacs(MacMode.REQUIRE, MacKeys.read(TestKeys.in(server.folder()))));
    }

    private static Encryption encryption(CommandMacs macs) {
        return Encryption.start(
                AccessFile.read(folder.resolve("access.toml")),
                new ClientSettings(
                        server.kafka().bootstrapServers(), server.kafka().client(Map.of())),
                macs,
                "dying",
                Duration.ofSeconds(10),
                new ErasureTimes(Duration.ofMinutes(30)));
    }

    /** Nothing is read of executions to erase what is of a data subject. */
    private static Reads nothing() {
        return (Reads) Proxy.newProxyInstance(
                UnendedErasureTest.class.getClassLoader(), new Class<?>[] {Reads.class}, (proxy, method, args) -> {
                    throw new UnsupportedOperationException(method.getName());
                });
    }

    private static JsonNode get(String path) {
        return ANN.get(server.http(API + path)).body();
    }

    private static List<JsonNode> notes(String kind, String subject) {
        return StreamSupport.stream(
                        get("audit?command=record_note").path("entries").spliterator(), false)
                .filter(entry -> entry.path("request").asText().equals(kind))
                .filter(entry -> entry.at("/details/subject").asText().equals(subject))
                .toList();
    }
}
