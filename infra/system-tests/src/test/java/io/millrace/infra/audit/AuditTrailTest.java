package io.millrace.infra.audit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.google.protobuf.ByteString;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.MetadataUtils;
import io.millrace.infra.config.DatabaseSettings;
import io.millrace.infra.system.TestHttp;
import io.millrace.infra.system.TestKeys;
import io.millrace.infra.system.TestServer;
import io.millrace.infra.testing.Await;
import io.millrace.infra.testing.Repository;
import io.millrace.infra.testing.TestClient;
import io.millrace.ingest.audit.proof.ProofFile;
import io.millrace.ingest.audit.tlog.VerifierKey;
import io.millrace.ingest.audit.trail.TrailExport;
import io.millrace.ingest.config.Access;
import io.millrace.ingest.config.KeyDigest;
import io.millrace.ingest.contract.ApiDocument;
import io.millrace.ingest.readmodel.ReadModelCompare;
import io.millrace.ingest.readmodel.ReadModelConfig;
import io.millrace.ingest.readmodel.RowDifference;
import io.millrace.proto.Ids;
import io.millrace.proto.Shards;
import io.millrace.proto.Topics;
import io.millrace.proto.flovyn.v1.CancelTaskRequest;
import io.millrace.proto.flovyn.v1.CommandType;
import io.millrace.proto.flovyn.v1.StartTimerCommand;
import io.millrace.proto.flovyn.v1.SubmitWorkflowCommandsRequest;
import io.millrace.proto.flovyn.v1.WorkflowCommand;
import io.millrace.proto.flovyn.v1.WorkflowStatus;
import io.millrace.proto.kafka.ClientSettings;
import io.millrace.proto.mac.CommandMacs;
import io.millrace.proto.v1.EventRecord;
import io.millrace.proto.v1.ExecutionStatus;
import io.millrace.proto.v1.OutcomeRecord;
import io.millrace.proto.v1.Principal;
import io.millrace.proto.v1.Subject;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/** Who did what can be asked for and exported, and whoever forges the log or the database is found out. */
@Order(1)
class AuditTrailTest {

    private static final String EXECUTIONS = "/api/orgs/dev/workflow-executions";
    private static final String AUDIT = "/api/orgs/dev/audit";
    private static final TestHttp HTTP = new TestHttp(Access.DEV_USER_KEY);
    private static final ObjectMapper JSON = new ObjectMapper();

    /** As {@code millrace dev} has them. */
    private static final int PARTITIONS = 4;

    private static TestServer server;

    @BeforeAll
    static void start() {
        server = TestServer.start(Map.of("audit.proxy_protocol", HeaderProxy.ADDRESS), true);
        server.node(TestServer.FIRST).readModelOpened().toCompletableFuture().join();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static JsonNode get(String path) {
        return HTTP.get(server.http(path)).body();
    }

    private static List<JsonNode> trail(String query) {
        List<JsonNode> entries = new ArrayList<>();
        get(AUDIT + query).path("entries").forEach(entries::add);
        return entries;
    }

    private static String completed(String queue) {
        try (TestClient worker = server.worker()) {
            String id = worker.start("echo", queue);
            worker.complete(worker.poll("w", queue, 60).orElseThrow().getId(), "{\"n\":2}");
            Await.until("the trail of " + id, () -> trail("?execution=" + id).size() >= 3);
            return id;
        }
    }

    private static ReadModelConfig readModel() {
        return server.database()
                .readModel(new ClientSettings(
                        server.kafka().bootstrapServers(), server.kafka().properties()));
    }

    private static int timesMarked(UUID execution) throws SQLException {
        DatabaseSettings database = server.database();
        try (Connection connection = DriverManager.getConnection(database.url(), database.user(), database.password());
                Statement query = connection.createStatement();
                ResultSet row = query.executeQuery(
                        "SELECT count(*) FROM broken_executions WHERE execution_id = '" + execution + "'")) {
            row.next();
            return row.getInt(1);
        }
    }

    private static List<RowDifference> differences() throws SQLException {
        List<RowDifference> found = new ArrayList<>();
        long count = ReadModelCompare.run(readModel(), found::add);
        assertEquals(count, found.size());
        return found;
    }

    @Test
    void tellsWhoAskedForWhatFromWhereAndWhatCameOfIt() {
        String id = completed("told");

        List<JsonNode> entries = trail("?execution=" + id);
        JsonNode start = entries.getLast();
        assertEquals("start_workflow", start.path("command").asText());
        assertEquals("WORKER", start.path("principal").path("type").asText());
        assertEquals("dev-worker", start.path("principal").path("id").asText());
        assertTrue(start.path("principal").path("credential").asText().startsWith("key-"), start::toString);
        assertEquals("echo", start.path("kind").asText());
        assertEquals("told", start.path("queue").asText());
        assertEquals("DONE", start.path("outcome").asText());
        assertTrue(start.path("origin").path("peer").asText().startsWith("127.0.0.1:"), start::toString);
        assertEquals(TestServer.FIRST, start.path("origin").path("node").asText());
        assertEquals("WORKFLOW_STARTED", start.path("events").get(0).asText());
        assertEquals("submit_commands", entries.getFirst().path("command").asText());
        for (JsonNode entry : entries) {
            assertEquals(
                    "echo of told",
                    entry.path("kind").asText() + " of " + entry.path("queue").asText(),
                    entry::toString);
        }
        assertTrue(
                trail("?queue=told&command=submit_commands").contains(entries.getFirst()),
                "filters find it by the queue");
        assertEquals(List.of(start), trail("?execution=" + id + "&command=start_workflow&queue=told&outcome=DONE"));
        assertEquals(List.of(), trail("?execution=" + id + "&principal=nobody"));
        assertEquals(List.of(), trail("?execution=" + id + "&from=2999-01-01T00:00:00Z"));
        assertEquals(
                entries.stream()
                        .filter(entry ->
                                entry.path("principal").path("id").asText().equals("dev-worker"))
                        .toList(),
                trail("?execution=" + id + "&to=2999-01-01T00:00:00Z&principal=dev-worker"));
    }

    @Test
    void tellsQueueAndKindOfTheTaskThatIsMeant() {
        JsonNode submitted = HTTP.post(
                        server.http("/api/orgs/dev/task-executions"), "{\"kind\":\"resize\",\"queue\":\"pictures\"}")
                .body();
        String id = submitted.path("id").asText();
        assertEquals(
                200,
                HTTP.post(server.http("/api/orgs/dev/task-executions/" + id + "/cancel"), "{\"reason\":\"twice\"}")
                        .status());

        JsonNode cancelled = Await.found(
                "the cancellation in the trail",
                () -> trail("?queue=pictures&command=cancel_task").stream()
                        .filter(entry -> entry.path("taskExecutionId").asText().equals(id))
                        .findFirst());
        assertEquals("resize", cancelled.path("kind").asText());
        assertEquals("twice", cancelled.path("reason").asText());
    }

    @Test
    void tellsTheReasonThatACallOverGrpcGivesInItsMetadata() {
        String id = HTTP.post(
                        server.http("/api/orgs/dev/task-executions"), "{\"kind\":\"resize\",\"queue\":\"reasons\"}")
                .body()
                .path("id")
                .asText();
        Metadata why = new Metadata();
        why.put(Metadata.Key.of("millrace-reason", Metadata.ASCII_STRING_MARSHALLER), "wrong size");
        try (TestClient user = server.user()) {
            user.tasks()
                    .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(why))
                    .cancelTask(CancelTaskRequest.newBuilder()
                            .setTaskExecutionId(id)
                            .build());
        }

        JsonNode cancelled = Await.found(
                "the cancellation in the trail",
                () -> trail("?queue=reasons&command=cancel_task").stream().findFirst());
        assertEquals("wrong size", cancelled.path("reason").asText());
    }

    @Test
    void tellsWhatWasRefusedAndWhy() {
        HTTP.post(server.http(EXECUTIONS + "/" + UUID.randomUUID() + "/signal"), "{\"signalName\":\"\"}");

        Await.until(
                "the refusal in the trail",
                () -> trail("?outcome=INVALID_ARGUMENT&principal=dev-admin").stream()
                        .anyMatch(entry -> entry.path("request").asText().endsWith("/signal")
                                && entry.path("refusal").asText().contains("signal_name")));
    }

    @Test
    void aQueryThatIsMistypedIsNoRecordOnTheLog() {
        TestHttp.Answer mistyped = HTTP.get(server.http(EXECUTIONS + "?q=staus%20%3D%20FAILED"));
        HTTP.post(server.http(EXECUTIONS + "/" + UUID.randomUUID() + "/signal"), "{\"signalName\":\"\"}");

        assertEquals(400, mistyped.status());
        Await.until(
                "what was refused later",
                () -> trail("?outcome=INVALID_ARGUMENT").stream()
                        .anyMatch(entry -> entry.path("request").asText().endsWith("/signal")));
        assertEquals(
                List.of(),
                trail("?outcome=INVALID_ARGUMENT").stream()
                        .filter(entry -> entry.path("request").asText().startsWith("GET "))
                        .toList());
    }

    @Test
    void goesOnWithoutARepetitionOrAHoleWhileMoreIsWritten() {
        completed("pages");
        List<String> before = trail("?limit=500").stream()
                .map(entry -> entry.path("id").asText())
                .toList();
        List<String> paged = new ArrayList<>();
        String cursor = "";
        do {
            JsonNode part = get(AUDIT + "?limit=2" + cursor);
            part.path("entries").forEach(entry -> paged.add(entry.path("id").asText()));
            cursor = part.path("nextCursor").isNull()
                    ? null
                    : "&cursor=" + part.path("nextCursor").asText();
            try (TestClient worker = server.worker()) {
                worker.start("echo", "meanwhile");
            }
        } while (cursor != null && paged.size() < 600);

        assertEquals(paged.size(), new HashSet<>(paged).size());
        assertTrue(paged.containsAll(before), () -> before + " in " + paged);
    }

    @Test
    void forgedOutcomesAreNotBelievedAndAreSaid() throws SQLException {
        String id = completed("forged");
        UUID invented = UUID.randomUUID();
        UUID victim = UUID.fromString(id);
        try (KafkaProducer<byte[], byte[]> forger = new KafkaProducer<>(
                server.kafka().client(Map.of()), new ByteArraySerializer(), new ByteArraySerializer())) {
            for (UUID target : List.of(victim, victim, invented)) {
                forger.send(new ProducerRecord<>(
                        Topics.EVENTS,
                        Shards.partition(target, PARTITIONS),
                        null,
                        forged(target).toByteArray()));
            }
            forger.flush();
        }

        Await.until(
                "the breaks to be said",
                () -> get("/api/orgs/dev/read-model").path("breaks").asLong() >= 3);
        Await.until(
                "the list to say it",
                () -> get(EXECUTIONS + "?queue=forged")
                        .path("workflowExecutions")
                        .get(0)
                        .path("broken")
                        .asBoolean());
        assertEquals(
                "COMPLETED",
                get(EXECUTIONS + "?queue=forged")
                        .path("workflowExecutions")
                        .get(0)
                        .path("status")
                        .asText());
        assertTrue(get(EXECUTIONS + "/" + id).path("broken").asBoolean());
        assertEquals(1, timesMarked(victim), "however many outcomes name it");
        assertEquals(404, HTTP.get(server.http(EXECUTIONS + "/" + invented)).status());
        assertEquals(
                "SEQUENCE",
                get("/api/orgs/dev/read-model")
                        .path("lastBreaks")
                        .get(0)
                        .path("kind")
                        .asText());
        assertTrue(HTTP.text(server.http("/_/metrics"))
                .lines()
                .anyMatch(line -> line.startsWith("millrace_read_model_breaks ") && !line.endsWith(" 0.0")));
        // What is genuine goes on.
        String after = completed("after the forgery");
        assertFalse(get(EXECUTIONS + "/" + after).path("broken").asBoolean());
    }

    private static List<String> column(String query) throws SQLException {
        DatabaseSettings database = server.database();
        try (Connection connection = DriverManager.getConnection(database.url(), database.user(), database.password());
                Statement select = connection.createStatement();
                ResultSet row = select.executeQuery(query)) {
            List<String> values = new ArrayList<>();
            while (row.next()) {
                values.add(row.getString(1));
            }
            return values;
        }
    }

    /** For a minute the notary looks for the command that a forged outcome names: so nothing is proved of this partition here. */
    private static final int HOLED = 3;

    private static String startedElsewhere(String queue) {
        String id = started(queue);
        while (Shards.partition(UUID.fromString(id), PARTITIONS) == HOLED) {
            id = started(queue);
        }
        return id;
    }

    @Test
    void ofAllThatStandsBehindAHoleOneRowIsKeptAndOtherPartitionsAreProvedAsEver() throws Exception {
        long before = get("/api/orgs/dev/read-model").path("breaks").asLong();
        byte[] behind = forged(UUID.randomUUID()).toBuilder()
                .setCommandOffset(1_000_000)
                .build()
                .toByteArray();
        try (KafkaProducer<byte[], byte[]> forger = new KafkaProducer<>(
                server.kafka().client(Map.of()), new ByteArraySerializer(), new ByteArraySerializer())) {
            for (int i = 0; i < 20; i++) {
                forger.send(new ProducerRecord<>(Topics.EVENTS, HOLED, null, behind));
            }
            forger.flush();
        }

        Await.until(
                "the breaks to be said",
                () -> get("/api/orgs/dev/read-model").path("breaks").asLong() >= before + 20);
        List<String> holes =
                column("SELECT hole FROM log_breaks WHERE hole IS NOT NULL AND partition_number = " + HOLED);
        assertEquals(new HashSet<>(holes).size(), holes.size(), "each hole has one row");
        assertTrue(!holes.isEmpty() && holes.size() < 20, holes::toString);
        String elsewhere = startedElsewhere("elsewhere");
        Await.until(
                "it in the read model", () -> !trail("?execution=" + elsewhere).isEmpty());
        assertEquals(
                1,
                proof(HTTP, server.http(EXECUTIONS + "/" + elsewhere + "/proof"))
                        .verdict()
                        .records());
    }

    private static OutcomeRecord forged(UUID target) {
        return OutcomeRecord.newBuilder()
                .setCommandId(Ids.toByteString(UUID.randomUUID()))
                .setOrgId(Ids.toByteString(Access.DEV_ORG))
                .setPrincipal(
                        Principal.newBuilder().setType(Principal.Type.USER).setId("mallory"))
                .setCommand("submit_commands")
                .addEvents(EventRecord.newBuilder()
                        .setSubject(Subject.WORKFLOW_EXECUTION)
                        .setOrgId(Ids.toByteString(Access.DEV_ORG))
                        .setExecutionId(Ids.toByteString(target))
                        .setChainSequence(9)
                        .setType("WORKFLOW_EXECUTION_FAILED")
                        .setStatus(ExecutionStatus.FAILED)
                        .setData(ByteString.copyFromUtf8("{\"error\":\"forged\"}"))
                        .setHash(ByteString.copyFrom(new byte[32])))
                .setPartitionHash(ByteString.copyFrom(new byte[32]))
                .build();
    }

    @Test
    void aChangeInTheDatabaseIsNamed() throws Exception {
        String id = completed("compared");
        assertEquals(List.of(), differences());
        server.sql("UPDATE workflow_executions SET status = 5, kind = 'other' WHERE id = '" + id + "'");
        server.sql("DELETE FROM audit_trail WHERE execution_id = '" + id + "' AND command = 'start_workflow'");
        try {
            List<String> found =
                    differences().stream().map(RowDifference::toString).toList();

            assertEquals(2, found.size(), found::toString);
            assertEquals(
                    "workflow_executions (org_id " + Access.DEV_ORG + ", id " + id
                            + "): differs from the log in kind, status (5 instead of 4)",
                    found.get(0));
            assertTrue(found.get(1).startsWith("audit_trail (org_id " + Access.DEV_ORG), found::toString);
            assertTrue(found.get(1).endsWith("the log has it, the database has not"), found::toString);
        } finally {
            server.sql("UPDATE workflow_executions SET status = 4, kind = 'echo' WHERE id = '" + id + "'");
        }
    }

    @Test
    void anExportIsMadeOfCloudEventsAsTheSchemaSaysAndGoesOnWhereItEnded() throws Exception {
        String id = completed("exported");
        JsonNode schema = JSON.readTree(
                Repository.file("docs/audit/trail-event.schema.json").toFile());
        JsonNode rule = JsonNodeFactory.instance.objectNode().set("oneOf", schema.get("oneOf"));
        try (TrailExport export = new TrailExport(
                new ClientSettings(
                        server.kafka().bootstrapServers(), server.kafka().properties()),
                CommandMacs.OFF)) {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            TrailExport.Result first = export.run(Map.of(), new TrailExport.Wanted(null, null, Access.DEV_ORG), out);
            List<JsonNode> lines = lines(out);
            Set<String> ids = new TreeSet<>();
            for (JsonNode line : lines) {
                assertTrue(ApiDocument.allows(rule, line), line::toString);
                assertTrue(
                        ids.add(line.path("source").asText() + line.path("id").asText()), line::toString);
            }
            assertEquals(first.lines(), lines.size());
            assertTrue(lines.stream()
                    .anyMatch(line -> line.path("data")
                                    .path("executionId")
                                    .asText()
                                    .equals(id)
                            && line.path("data").path("command").asText().equals("start_workflow")));
            assertTrue(lines.stream()
                    .anyMatch(line -> line.path("data")
                                    .path("executionId")
                                    .asText()
                                    .equals(id)
                            && line.path("data").path("command").asText().equals("submit_commands")
                            && line.path("data").path("queue").asText().equals("exported")
                            && line.path("data").path("kind").asText().equals("echo")));

            String later = completed("exported");
            ByteArrayOutputStream more = new ByteArrayOutputStream();
            export.run(first.positions(), new TrailExport.Wanted(null, null, Access.DEV_ORG), more);
            assertTrue(lines(more).stream()
                    .noneMatch(line -> ids.contains(
                            line.path("source").asText() + line.path("id").asText())));
            assertTrue(lines(more).stream()
                    .anyMatch(line ->
                            line.path("data").path("executionId").asText().equals(later)));
        }
        assertEquals(ApiDocument.whole().at("/components/schemas/AuditEntry"), schema.at("/oneOf/0/properties/data"));
    }

    /** Of a client at 192.0.2.7, port 51000. */
    private static final byte[] HEADER =
            HexFormat.of().parseHex("0d0a0d0a000d0a515549540a" + "2111000c" + "c00002070a000001c73801bb");

    private static void expectClient(String execution) {
        JsonNode origin = Await.found(
                        "the start in the trail",
                        () -> trail("?command=start_workflow&execution=" + execution).stream()
                                .findFirst())
                .path("origin");
        assertEquals("192.0.2.7", origin.path("client").asText());
        assertTrue(origin.path("peer").asText().startsWith(HeaderProxy.ADDRESS + ":"), origin::toString);
    }

    @Test
    void theClientThatAProxyTellsOfAtTheBeginningOfItsConnectionsStandsInTheTrail() throws Exception {
        try (HeaderProxy proxy = new HeaderProxy(server.node(TestServer.FIRST).grpcPort(), HEADER);
                TestClient worker = new TestClient(proxy.port(), Access.DEV_WORKER_KEY)) {
            expectClient(worker.start("echo", "proxied"));
        }
        try (HeaderProxy proxy = new HeaderProxy(server.node(TestServer.FIRST).httpPort(), HEADER);
                TestHttp http = new TestHttp(Access.DEV_USER_KEY)) {
            URI starts = URI.create("http://127.0.0.1:" + proxy.port() + EXECUTIONS);
            for (int i = 0; i < 2; i++) {
                JsonNode started = http.post(starts, "{\"kind\":\"echo\",\"queue\":\"proxied\"}")
                        .body();
                expectClient(started.path("id").asText());
            }
        }
    }

    @Test
    void aConnectionThatDoesNotBeginAsItHasToIsClosed() throws Exception {
        byte[] request = "GET /_/health HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
        byte[] cutOff = HexFormat.of().parseHex("0d0a0d0a000d0a515549540a" + "2111000b" + "c00002070a000001c73801");
        for (int port : List.of(
                server.node(TestServer.FIRST).grpcPort(),
                server.node(TestServer.FIRST).httpPort())) {
            for (byte[] beginning : List.of(request, cutOff)) {
                try (Socket socket = HeaderProxy.from(port)) {
                    socket.setSoTimeout((int) Await.LIMIT.toMillis());
                    socket.getOutputStream().write(beginning);
                    assertEquals(
                            0,
                            body(socket).length,
                            "of HTTP nothing is answered, and of gRPC no frame behind the settings");
                }
            }
        }
        // Nobody else may tell of clients.
        try (Socket socket =
                new Socket("127.0.0.1", server.node(TestServer.FIRST).httpPort())) {
            socket.setSoTimeout((int) Await.LIMIT.toMillis());
            socket.getOutputStream().write(HEADER);
            socket.getOutputStream().write(request);
            assertTrue(new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII)
                    .startsWith("HTTP/1.1 400"));
        }
    }

    /** @return what came until the connection was closed, without the SETTINGS that gRPC sends unasked */
    private static byte[] body(Socket socket) throws IOException {
        byte[] all;
        try {
            all = socket.getInputStream().readAllBytes();
        } catch (SocketException reset) {
            return new byte[0];
        }
        return all.length > 3 && all[3] == 4 ? new byte[0] : all;
    }

    private static final String ACCESS = """
            [[orgs]]
            id = "550e8400-e29b-41d4-a716-446655440000"
            slug = "dev"
            [[orgs]]
            id = "7c1a4c0e-3a0e-4c58-9d3c-5f0a4de0c001"
            slug = "acme"
            [auth.static_api_key]
            keys = [
              { key = "acme-owner", org_id = "7c1a4c0e-3a0e-4c58-9d3c-5f0a4de0c001", principal_type = "User", principal_id = "ann", role = "OWNER" },
              %s
            ]
            """;

    private static String keyOfBob(String role) {
        return "{ key = \"acme-bob\", org_id = \"7c1a4c0e-3a0e-4c58-9d3c-5f0a4de0c001\", principal_type = \"User\","
                + " principal_id = \"bob\", role = \"" + role + "\" }";
    }

    private static Map<String, String> node(String access, String macKeys, String refusals) throws IOException {
        Path folder = Files.createTempDirectory(server.folder(), "node-2");
        return Map.of(
                "server.access_file",
                        Files.writeString(folder.resolve("access.toml"), ACCESS.formatted(access))
                                .toString(),
                "commands.mac.key_file",
                        Files.writeString(folder.resolve("keys"), macKeys).toString(),
                "limits.refusals", refusals);
    }

    private static List<JsonNode> notesOfNodeTwo() {
        return trail("?about=installation&principal=node").stream()
                .filter(entry -> entry.path("origin").path("node").asText().equals("node-2"))
                .toList()
                .reversed();
    }

    private static List<String> kinds(List<JsonNode> notes) {
        return notes.stream().map(entry -> entry.path("request").asText()).toList();
    }

    @Test
    void startsStopsAndWhatHasChangedBetweenThemStandInTheTrail() throws Exception {
        String keys = TestKeys.line("test", 1);
        server.addNode("node-2", "ingest", node(keyOfBob("ADMIN"), keys, "600"));
        TestHttp acme = new TestHttp("acme-owner");
        Await.until(
                "the first start and who may come in since",
                () -> acme.get(server.http("node-2", "/api/orgs/acme/audit?command=record_note"))
                        .body()
                        .at("/entries/0/details")
                        .has(KeyDigest.of("acme-bob").publicId()));
        server.stopNode("node-2");
        Await.until("the stop", () -> kinds(notesOfNodeTwo()).contains("node_stopped"));
        server.addNode("node-2", "ingest", node(keyOfBob("MEMBER"), keys + TestKeys.line("next", 2), "10"));
        Await.until(
                "the second start and its changes",
                () -> kinds(notesOfNodeTwo())
                        .equals(List.of(
                                "node_started",
                                "node_stopped",
                                "node_started",
                                "configuration_changed",
                                "keys_changed")));
        List<JsonNode> notes = notesOfNodeTwo();
        Await.until(
                "the change of a role",
                () -> acme.get(server.http("node-2", "/api/orgs/acme/audit?command=record_note"))
                        .body()
                        .at("/entries/0/details")
                        .toString()
                        .equals("{\"" + KeyDigest.of("acme-bob").publicId()
                                + "\":\"changed: USER bob, ADMIN -> USER bob, MEMBER\"}"));
        server.stopNode("node-2");

        JsonNode start = notes.getFirst();
        assertTrue(start.path("organisationId").isNull(), start::toString);
        assertEquals("SYSTEM", start.path("principal").path("type").asText());
        assertEquals("DONE", start.path("outcome").asText());
        assertEquals("ingest", start.path("details").path("roles").asText());
        assertEquals(
                "writes and checks",
                start.path("details").path("mac test-cba8a1dadba2").asText());
        assertTrue(start.path("details").path("configuration").asText().matches("[0-9a-f]{64}"), start::toString);
        assertEquals(
                List.of("access", "configuration"),
                List.of("access", "configuration").stream()
                        .filter(digest -> !start.path("details")
                                .path(digest)
                                .equals(notes.get(2).path("details").path(digest)))
                        .toList());
        assertEquals(
                Set.of("commands.mac.key_file", "limits.refusals", "server.access_file"),
                JSON.convertValue(notes.get(3).path("details"), Map.class).keySet());
        assertEquals(
                "{\"mac next-11d33b2a8198\":\"added: checks\"}",
                notes.get(4).path("details").toString());
        assertEquals(
                1,
                notes.stream()
                        .map(entry -> entry.path("partition").asInt())
                        .distinct()
                        .count());
        assertEquals(
                List.of(),
                trail("?command=record_note&principal=node").stream()
                        .filter(entry -> entry.path("details")
                                .has(KeyDigest.of("acme-bob").publicId()))
                        .toList(),
                "nobody hears of another organisation's keys");
    }

    private static ProofFile.Checked proof(TestHttp http, URI address) throws IOException {
        List<VerifierKey> keys = HTTP.text(server.http("/tlog/key"))
                .lines()
                .map(VerifierKey::parse)
                .toList();
        return ProofFile.verify(
                new ByteArrayInputStream(http.text(address).getBytes(StandardCharsets.UTF_8)), keys, List.of());
    }

    @Test
    void aFileOfProofsIsGoodHoweverManyRecordsItHas() throws Exception {
        String execution = startedElsewhere("long");
        for (int i = 0; i < 150; i++) {
            assertEquals(
                    200,
                    HTTP.post(server.http(EXECUTIONS + "/" + execution + "/signal"), "{\"signalName\":\"s\"}")
                            .status());
        }
        Await.until(
                "all of it in the read model",
                () -> trail("?limit=500&execution=" + execution).size() == 151);

        ProofFile.Checked checked = proof(HTTP, server.http(EXECUTIONS + "/" + execution + "/proof"));

        assertEquals(execution, checked.head().execution().toString());
        assertEquals(151, checked.verdict().records());
    }

    /** @return an execution of partition 0 whose timer runs */
    private static String withTimer(TestClient client, String org, long untilNanos) {
        for (int attempt = 0; ; attempt++) {
            String queue = "timers-" + attempt;
            String id = client.workflows()
                    .startWorkflow(
                            TestClient.startRequest("echo", queue).setOrgId(org).build())
                    .getWorkflowExecutionId();
            if (Shards.partition(UUID.fromString(id), PARTITIONS) == 0) {
                client.workflows()
                        .pollWorkflow(TestClient.pollRequest("w", queue, 10).toBuilder()
                                .setOrgId(org)
                                .build());
                long ms = Math.max(1, (untilNanos - System.nanoTime()) / 1_000_000);
                client.workflows()
                        .submitWorkflowCommands(SubmitWorkflowCommandsRequest.newBuilder()
                                .setWorkflowExecutionId(id)
                                .setStatus(WorkflowStatus.SUSPENDED)
                                .addCommands(WorkflowCommand.newBuilder()
                                        .setSequenceNumber(1)
                                        .setCommandType(CommandType.START_TIMER)
                                        .setStartTimer(StartTimerCommand.newBuilder()
                                                .setTimerId("t")
                                                .setDurationMs(ms)))
                                .build());
                return id;
            }
        }
    }

    @Test
    void timersOfTwoOrganisationsThatFireTogetherAreProvedToEach() throws Exception {
        startEyes();
        long due = System.nanoTime() + 3_000_000_000L;
        Map<String, String> executions = new TreeMap<>();
        for (String slug : List.of("dev", "acme")) {
            String org = slug.equals("dev") ? Access.DEV_ORG.toString() : "7c1a4c0e-3a0e-4c58-9d3c-5f0a4de0c001";
            try (TestClient client = server.client("eyes", "worker-" + slug)) {
                executions.put(slug, withTimer(client, org, due));
            }
        }
        Set<String> outcomes = new TreeSet<>();
        for (Map.Entry<String, String> each : executions.entrySet()) {
            try (TestHttp owner = new TestHttp("owner-" + each.getKey())) {
                URI fired = server.http(
                        "eyes", "/api/orgs/" + each.getKey() + "/audit?command=fire_due&execution=" + each.getValue());
                Await.until(
                        "the timer of " + each.getKey(),
                        () -> owner.get(fired).body().path("entries").has(0));
                outcomes.add(owner.get(fired)
                        .body()
                        .path("entries")
                        .get(0)
                        .path("id")
                        .asText());

                ProofFile.Checked checked = proof(
                        owner,
                        server.http(
                                "eyes",
                                "/api/orgs/" + each.getKey() + "/workflow-executions/" + each.getValue() + "/proof"));

                assertEquals(each.getValue(), checked.head().execution().toString());
            }
        }
        assertEquals(2, outcomes.size(), "each has an outcome of its own");
    }

    private static final String FOUR_EYES = """
            [[orgs]]
            id = "550e8400-e29b-41d4-a716-446655440000"
            slug = "dev"
            [[orgs]]
            id = "7c1a4c0e-3a0e-4c58-9d3c-5f0a4de0c001"
            slug = "acme"
            [auth.static_api_key]
            keys = [
              { key = "ann-1", org_id = "550e8400-e29b-41d4-a716-446655440000", principal_type = "User", principal_id = "ann", role = "OPERATOR" },
              { key = "ann-2", org_id = "550e8400-e29b-41d4-a716-446655440000", principal_type = "User", principal_id = "Ann", role = "OWNER" },
              { key = "bob", org_id = "550e8400-e29b-41d4-a716-446655440000", principal_type = "User", principal_id = "bob", role = "ADMIN" },
              { key = "owner-dev", org_id = "550e8400-e29b-41d4-a716-446655440000", principal_type = "User", principal_id = "o", role = "OWNER" },
              { key = "worker-dev", org_id = "550e8400-e29b-41d4-a716-446655440000", principal_type = "Worker", principal_id = "w", role = "WORKER" },
              { key = "worker-acme", org_id = "7c1a4c0e-3a0e-4c58-9d3c-5f0a4de0c001", principal_type = "Worker", principal_id = "w", role = "WORKER" },
              { key = "owner-acme", org_id = "7c1a4c0e-3a0e-4c58-9d3c-5f0a4de0c001", principal_type = "User", principal_id = "o", role = "OWNER" },
              { key = "max", org_id = "550e8400-e29b-41d4-a716-446655440000", principal_type = "User", principal_id = "max", role = "MEMBER" },
            ]
            """;

    /** A second node, with other keys, for the tests that need one: to stop it would make others wait for its partitions. */
    private static void startEyes() throws IOException {
        if (server.node("eyes") == null) {
            Path file = Files.writeString(server.folder().resolve("four-eyes.toml"), FOUR_EYES);
            server.addNode(
                    "eyes",
                    "ingest,notifier",
                    Map.of("server.access_file", file.toString(), "approvals.required", "CANCEL"));
            server.node("eyes").readModelOpened().toCompletableFuture().join();
        }
    }

    private static URI eyes(String path) {
        return server.http("eyes", "/api/orgs/dev" + path);
    }

    private static String waiting(String id) {
        try (TestHttp ann = new TestHttp("ann-1")) {
            TestHttp.Answer asked =
                    ann.post(eyes("/workflow-executions/" + id + "/cancel"), "{\"reason\":\"wrong order\"}");
            assertEquals(202, asked.status(), () -> asked.body().toString());
            assertEquals("PENDING", asked.body().path("status").asText());
            String approval = asked.body().path("approvalId").asText();
            Await.until(
                    "the request in the list",
                    () -> listed(approval, "?status=PENDING").isPresent());
            return approval;
        }
    }

    private static Optional<JsonNode> listed(String approval, String query) {
        try (TestHttp bob = new TestHttp("bob")) {
            for (JsonNode each : bob.get(eyes("/approvals" + query)).body().path("approvals")) {
                if (each.path("id").asText().equals(approval)) {
                    return Optional.of(each);
                }
            }
            return Optional.empty();
        }
    }

    private static String started(String queue) {
        try (TestClient worker = server.worker()) {
            return worker.start("echo", queue);
        }
    }

    private static String status(String id) {
        return get(EXECUTIONS + "/" + id).path("status").asText();
    }

    @Test
    void whatNeedsFourEyesIsDoneOnlyWhenAnotherPersonApprovesIt() throws Exception {
        startEyes();
        try (TestHttp ann = new TestHttp("ann-1");
                TestHttp sameAnn = new TestHttp("ann-2");
                TestHttp bob = new TestHttp("bob");
                TestHttp max = new TestHttp("max")) {
            String id = started("eyes");
            assertEquals(
                    400,
                    ann.post(eyes("/workflow-executions/" + id + "/cancel"), "{}")
                            .status(),
                    "it needs a reason");
            String approval = waiting(id);
            for (TestHttp own : List.of(ann, sameAnn)) {
                TestHttp.Answer refused = own.post(eyes("/approvals/" + approval + "/approve"), "{}");
                assertEquals(403, refused.status());
                assertTrue(
                        refused.body().at("/error/message").asText().endsWith("but it is the same person"),
                        refused::toString);
            }
            assertEquals(
                    403,
                    max.post(eyes("/approvals/" + approval + "/approve"), "{}").status());
            assertEquals("PENDING", status(id));

            TestHttp.Answer approved = bob.post(eyes("/approvals/" + approval + "/approve"), "{\"reason\":\"seen\"}");

            assertEquals(200, approved.status(), () -> approved.body().toString());
            assertTrue(approved.body().path("changed").asBoolean());
            assertEquals("CANCELLED", status(id));
            JsonNode done = Await.found(
                    "the action in the trail",
                    () -> trail("?command=cancel_workflow&execution=" + id).stream()
                            .findFirst());
            assertEquals("ann", done.path("principal").path("id").asText());
            assertEquals("wrong order", done.path("reason").asText());
            assertEquals("bob", done.at("/details/approvedBy").asText());
            assertEquals("ADMIN", done.at("/details/approvedByRole").asText());
            assertEquals(
                    KeyDigest.of("bob").publicId(),
                    done.at("/details/approvedByCredential").asText());
            assertEquals(approval, done.at("/details/approval").asText());
            JsonNode listed = Await.found(
                    "the approval as carried out",
                    () -> listed(approval, "")
                            .filter(each -> each.path("carriedOut").asBoolean()));
            assertEquals("APPROVED", listed.path("status").asText());
            assertEquals("bob", listed.path("decidedBy").asText());
            assertEquals("seen", listed.path("decisionReason").asText());
            assertEquals(
                    409,
                    bob.post(eyes("/approvals/" + approval + "/approve"), "{}").status(),
                    "it is done once");

            String spared = started("eyes");
            String refusal = waiting(spared);
            assertEquals(
                    200,
                    bob.post(eyes("/approvals/" + refusal + "/refuse"), "{}").status());
            assertEquals(
                    409,
                    bob.post(eyes("/approvals/" + refusal + "/approve"), "{}").status());
            assertEquals(
                    "REFUSED", listed(refusal, "").orElseThrow().path("status").asText());
            assertEquals("PENDING", status(spared));

            String forged = waiting(spared);
            server.sql(
                    "UPDATE audit_trail SET principal_id = 'eve' WHERE request = 'approval_requested' AND details ->> 'approval' = '"
                            + forged + "'");
            assertEquals(
                    409,
                    bob.post(eyes("/approvals/" + forged + "/approve"), "{}").status());
            assertEquals("PENDING", status(spared), "what somebody wrote into the database is not carried out");
            server.sql(
                    "UPDATE audit_trail SET principal_id = 'ann' WHERE request = 'approval_requested' AND details ->> 'approval' = '"
                            + forged + "'");
        }
    }

    @Test
    void aKeyThatCouldEndWorkIsInForceOnlyWhenAnotherPersonApprovesIt() throws Exception {
        startEyes();
        try (TestHttp bob = new TestHttp("bob");
                TestHttp owner = new TestHttp("owner-dev")) {
            TestHttp.Answer asked = bob.post(
                    eyes("/keys"),
                    "{\"principalType\":\"WORKER\",\"principalId\":\"new\",\"reason\":\"one worker more\"}");
            assertEquals(202, asked.status(), () -> asked.body().toString());
            String approval = asked.body().path("approvalId").asText();
            try (TestHttp worker = new TestHttp(asked.body().path("secret").asText())) {
                assertEquals(401, worker.get(eyes("/keys")).status(), "nobody knows it");
                Await.until(
                        "the request in the list",
                        () -> listed(approval, "?status=PENDING").isPresent());
                assertEquals(
                        403,
                        bob.post(eyes("/approvals/" + approval + "/approve"), "{}")
                                .status());
                assertEquals(401, worker.get(eyes("/keys")).status(), "nobody has approved it");

                TestHttp.Answer approved = owner.post(eyes("/approvals/" + approval + "/approve"), "{}");

                assertEquals(200, approved.status(), () -> approved.body().toString());
                assertTrue(approved.body().path("changed").asBoolean());
                assertEquals(403, worker.get(eyes("/keys")).status(), "it is known, and has not that right");
            }
            Await.until(
                    "the request to be carried out",
                    () -> listed(approval, "")
                            .filter(each -> each.path("carriedOut").asBoolean())
                            .isPresent());
        }
    }

    @Test
    void overGrpcWhatNeedsFourEyesIsRefusedUntilThen() throws Exception {
        startEyes();
        try (TestHttp bob = new TestHttp("bob");
                TestClient ann = server.client("eyes", "ann-1")) {
            String task = HTTP.post(
                            server.http("/api/orgs/dev/task-executions"), "{\"kind\":\"resize\",\"queue\":\"late\"}")
                    .body()
                    .path("id")
                    .asText();
            Metadata why = new Metadata();
            why.put(Metadata.Key.of("millrace-reason", Metadata.ASCII_STRING_MARSHALLER), "too late");
            StatusRuntimeException waits = assertThrows(
                    StatusRuntimeException.class,
                    () -> ann.tasks()
                            .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(why))
                            .cancelTask(CancelTaskRequest.newBuilder()
                                    .setTaskExecutionId(task)
                                    .build()));
            assertEquals(Status.Code.FAILED_PRECONDITION, waits.getStatus().getCode());
            String approval =
                    waits.getStatus().getDescription().replaceAll("(?s).*the request ([0-9a-f-]{36}) waits.*", "$1");
            Await.until(
                    "the request in the list",
                    () -> listed(approval, "?status=PENDING").isPresent());

            assertEquals(
                    200,
                    bob.post(eyes("/approvals/" + approval + "/approve"), "{}").status());

            assertEquals(
                    "CANCELLED",
                    get("/api/orgs/dev/task-executions/" + task).path("status").asText());
            JsonNode done = Await.found(
                    "the action in the trail",
                    () -> trail("?queue=late&command=cancel_task").stream().findFirst());
            assertEquals(
                    "ann and bob",
                    done.at("/principal/id").asText() + " and "
                            + done.at("/details/approvedBy").asText());
        }
    }

    private static List<JsonNode> lines(ByteArrayOutputStream out) throws IOException {
        List<JsonNode> lines = new ArrayList<>();
        for (String line : out.toString(StandardCharsets.UTF_8).split("\n")) {
            if (!line.isEmpty()) {
                lines.add(JSON.readTree(line));
            }
        }
        return lines;
    }
}
