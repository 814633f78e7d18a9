package io.millrace.infra.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.millrace.infra.client.ClientMain;
import io.millrace.infra.client.command.Invocation;
import io.millrace.infra.client.print.Screen;
import io.millrace.infra.embedded.KafkaAccess;
import io.millrace.infra.testing.Await;
import io.millrace.infra.testing.TestClient;
import io.millrace.ingest.config.Access;
import io.millrace.ingest.config.KeyDigest;
import io.millrace.proto.Ids;
import io.millrace.proto.Topics;
import io.millrace.proto.v1.CommandRecord;
import io.millrace.proto.v1.DirectoryRecord;
import io.millrace.proto.v1.KeyEntry;
import io.millrace.proto.v1.Principal;
import io.millrace.proto.v1.SealedKey;
import java.io.ByteArrayInputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** API keys that are made and revoked while two nodes run. */
class ApiKeysTest {

    private static TestServer server;
    private static TestHttp admin;

    @BeforeAll
    static void start() {
        server = TestServer.withoutNodes(Map.of(), false);
        server.addNode("a", "ingest,dispatcher,notifier");
        server.addNode("b", "ingest,dispatcher,notifier");
        admin = new TestHttp(Access.DEV_USER_KEY);
    }

    @AfterAll
    static void stop() {
        admin.close();
        server.close();
    }

    private static TestHttp.Answer ask(String path, String json) {
        return admin.post(server.http("a", "/api/orgs/dev/keys" + path), json);
    }

    private static JsonNode made(String json) {
        TestHttp.Answer answer = ask("", json);
        assertEquals(201, answer.status(), () -> answer.body().toString());
        return answer.body();
    }

    private static Status.Code starts(String node, String key) {
        try (TestClient client = server.client(node, key)) {
            client.start("echo", "keys");
            return Status.Code.OK;
        } catch (StatusRuntimeException e) {
            return e.getStatus().getCode();
        }
    }

    @Test
    void aKeyCountsOnAllNodesUntilItIsRevokedAndTheTrailTellsOfIt() {
        JsonNode key = made("{\"principalType\":\"WORKER\",\"principalId\":\"billing\",\"name\":\"for billing\"}");
        String secret = key.get("secret").textValue();

        assertTrue(secret.startsWith("flovyn_wk_"), secret);
        assertEquals(Status.Code.OK, starts("a", secret));
        Await.until("node b to know the key", () -> starts("b", secret) == Status.Code.OK);

        TestHttp.Answer revoked = ask("/" + key.get("id").textValue() + "/revoke", "{\"reason\":\"leaked\"}");
        assertTrue(revoked.body().get("changed").booleanValue());
        assertEquals(Status.Code.UNAUTHENTICATED, starts("a", secret));
        Await.until("node b to know the end", () -> starts("b", secret) == Status.Code.UNAUTHENTICATED);
        assertFalse(ask("/" + key.get("id").textValue() + "/revoke", "{}")
                .body()
                .get("changed")
                .booleanValue());

        try (Outcomes outcomes = new Outcomes(server.kafka())) {
            outcomes.await(
                    "who used the key",
                    outcome -> outcome.getPrincipal()
                                    .getCredential()
                                    .equals(key.get("key").textValue())
                            && outcome.getPrincipal().getId().equals("billing"));
        }
        String all = admin.text(server.http("b", "/api/orgs/dev/keys"));
        assertFalse(all.contains(secret), all);
    }

    @Test
    void aKeyExpiresAndCanBeGivenAnotherEnd() {
        JsonNode key = made(
                "{\"principalType\":\"USER\",\"principalId\":\"eve\",\"role\":\"MEMBER\",\"expiresInMs\":86400000}");
        String secret = key.get("secret").textValue();
        assertEquals(Status.Code.OK, starts("a", secret));

        ask("/" + key.get("id").textValue() + "/expire", "{\"expiresInMs\":1}");

        Await.until("the key to have expired", () -> starts("a", secret) == Status.Code.UNAUTHENTICATED);
        assertEquals(
                200,
                ask("/" + key.get("id").textValue() + "/expire", "{\"expiresInMs\":86400000}")
                        .status());
        assertEquals(Status.Code.OK, starts("a", secret));
    }

    @Test
    void nobodyGivesMoreThanIsTheirs() {
        assertEquals(
                403,
                ask("", "{\"principalType\":\"USER\",\"principalId\":\"x\",\"role\":\"OWNER\"}")
                        .status());
        String member = made("{\"principalType\":\"USER\",\"principalId\":\"m\",\"role\":\"MEMBER\"}")
                .get("secret")
                .textValue();
        try (TestHttp http = new TestHttp(member)) {
            assertEquals(403, http.get(server.http("a", "/api/orgs/dev/keys")).status());
        }
        for (String bad : new String[] {
            "{}",
            "{\"principalType\":\"USER\",\"principalId\":\"x\"}",
            "{\"principalType\":\"WORKER\",\"principalId\":\"x\",\"role\":\"ADMIN\"}",
            "{\"principalType\":\"USER\",\"principalId\":\"x\",\"role\":\"MEMBER\",\"queues\":[\"q\"]}",
            "{\"principalType\":\"WORKER\",\"principalId\":\"x\",\"queues\":[1]}",
            "{\"principalType\":\"WORKER\",\"principalId\":\"x\",\"queues\":\"q\"}",
            "{\"principalType\":\"WORKER\",\"principalId\":\"x\",\"expiresInMs\":0}"
        }) {
            assertEquals(400, ask("", bad).status(), bad);
        }
        assertEquals(404, ask("/" + UUID.randomUUID() + "/revoke", "{}").status());
    }

    @Test
    void aKeyOfAWorkerIsKeptToItsQueues() {
        String secret = made("{\"principalType\":\"WORKER\",\"principalId\":\"w\",\"queues\":[\"other\"]}")
                .get("secret")
                .textValue();

        assertEquals(Status.Code.PERMISSION_DENIED, starts("a", secret));
    }

    /** Whoever can write to Kafka has no key of the nodes. */
    @Test
    void aKeyThatNoNodeSealedIsNoKeyAndWhatIsRevokedStaysSo() throws Exception {
        JsonNode key = made("{\"principalType\":\"WORKER\",\"principalId\":\"again\"}");
        String secret = key.get("secret").textValue();
        UUID id = UUID.fromString(key.get("id").textValue());
        SealedKey before = sealed(id);
        ask("/" + id + "/revoke", "{}");
        UUID forgedId = UUID.randomUUID();
        KeyEntry forged = KeyEntry.newBuilder()
                .setKeyId(Ids.toByteString(forgedId))
                .setOrgId(Ids.toByteString(Access.DEV_ORG))
                .setDigest(ByteString.copyFrom(KeyDigest.of("sk-forged").bytes()))
                .setPrincipal(Principal.newBuilder()
                        .setType(Principal.Type.USER)
                        .setId("mallory")
                        .setRole("OWNER"))
                .setCreatedAtMs(1)
                .setVersion(1)
                .build();

        write(SealedKey.newBuilder()
                .setKeyId(forged.getKeyId())
                .setSealed(CommandRecord.newBuilder()
                        .setCommandId(forged.toByteString())
                        .build()
                        .toByteString())
                .build());
        write(before); // a copy of what was once true

        // What is written behind both has been read, so both have been read.
        made("{\"principalType\":\"WORKER\",\"principalId\":\"behind\"}");
        assertEquals(Status.Code.UNAUTHENTICATED, starts("a", "sk-forged"));
        assertEquals(Status.Code.UNAUTHENTICATED, starts("a", secret));
        String listed = admin.text(server.http("a", "/api/orgs/dev/keys"));
        assertFalse(listed.contains("mallory"), listed);
        Await.until("the end to stand in the directory again", () -> !sealed(id).equals(before));
    }

    private static SealedKey sealed(UUID id) {
        SealedKey[] last = {SealedKey.getDefaultInstance()};
        DirectoryTopic.read(server.kafka(), record -> {
            if (record.hasApiKey() && record.getApiKey().getKeyId().equals(Ids.toByteString(id))) {
                last[0] = record.getApiKey();
            }
        });
        return last[0];
    }

    private static void write(SealedKey key) throws InterruptedException, ExecutionException {
        KafkaAccess kafka = server.kafka();
        Map<String, Object> settings = new HashMap<>(kafka.properties());
        settings.put("bootstrap.servers", kafka.bootstrapServers());
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
            producer.send(new ProducerRecord<>(
                            Topics.DIRECTORY,
                            ("api-key/" + Ids.fromBytes(key.getKeyId())).getBytes(StandardCharsets.UTF_8),
                            DirectoryRecord.newBuilder().setApiKey(key).build().toByteArray()))
                    .get();
        }
    }

    @Test
    void theCommandLineMakesListsAndRevokes() {
        String secret = run("key", "create", "--user", "cli", "--role", "ADMIN", "--expires-after", "1h");
        assertTrue(secret.matches("flovyn_sk_[A-Za-z0-9_-]{43}"), secret);
        assertEquals(Status.Code.OK, starts("a", secret));
        String line = run("key", "list")
                .lines()
                .filter(each -> each.contains("cli"))
                .findFirst()
                .orElseThrow();
        String id = line.strip().split("\\s+")[0];

        assertTrue(run("key", "expire", id, "--after", "2h", "--version", "1").contains("expires at"));
        assertTrue(run(1, "key", "revoke", id, "--version", "1")
                .contains("expected version 1 of the key " + id + ", but somebody has changed it, and it is 2"));
        assertTrue(run("key", "revoke", id, "--reason", "left").endsWith("revoked"));
        assertTrue(run("key", "revoke", id).endsWith("was revoked before"));
        assertEquals(Status.Code.UNAUTHENTICATED, starts("a", secret));
    }

    private static String run(String... args) {
        return run(0, args);
    }

    /** @return what it prints, and behind that what goes wrong */
    private static String run(int expected, String... args) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int code = ClientMain.execute(
                args,
                new Invocation(
                        Map.of(
                                "MILLRACE_URL",
                                server.http("a", "").toString(),
                                "MILLRACE_ORG",
                                "dev",
                                "MILLRACE_TOKEN",
                                Access.DEV_USER_KEY),
                        Path.of("/"),
                        new ByteArrayInputStream(new byte[0]),
                        Screen.NONE,
                        InstantSource.system(),
                        ZoneOffset.UTC),
                new PrintWriter(out, true),
                new PrintWriter(err, true));
        assertEquals(expected, code, err::toString);
        return (out.toString() + (expected == 0 ? "" : err)).strip();
    }
}
