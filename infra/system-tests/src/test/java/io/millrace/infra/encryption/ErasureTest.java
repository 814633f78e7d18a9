package io.millrace.infra.encryption;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.millrace.infra.cli.Main;
import io.millrace.infra.system.NodeProcess;
import io.millrace.infra.system.TestHttp;
import io.millrace.infra.system.TestKeys;
import io.millrace.infra.system.TestServer;
import io.millrace.infra.testing.Await;
import io.millrace.infra.testing.TestClient;
import io.millrace.ingest.config.Access;
import io.millrace.proto.Ids;
import io.millrace.proto.Topics;
import io.millrace.proto.flovyn.v1.SignalWorkflowRequest;
import io.millrace.proto.v1.DataKey;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What was erased is nowhere after the stated time: not in files, not in a server's heap, not in answers. */
@Order(1)
class ErasureTest {

    private static final String API = "/api/orgs/dev/";
    private static final String WITHIN = "1m";

    @TempDir
    private Path folder;

    private Path data;
    private NodeProcess server;
    private TestHttp user;

    private record Answer(int code, String out, String err) {}

    @Test
    void whatWasErasedIsNowhereAfterTheStatedTimeAndAllElseStays() throws Exception {
        Map<String, String> encryption = Map.of(
                "server.access_file",
                EncryptedOrganisation.accessFile(folder).toString(),
                "encryption.erased_within",
                WITHIN);
        try (TestServer backends = TestServer.withoutNodes(encryption, true);
                NodeProcess process = node(backends, encryption);
                TestClient worker = process.worker();
                TestHttp ann = new TestHttp(Access.DEV_USER_KEY);
                TestHttp olga = new TestHttp("operator")) {
            data = backends.data();
            server = process;
            user = ann;
            String gone = "sekrit-" + UUID.randomUUID();
            String goneToo = "sekrit-" + UUID.randomUUID();
            String stays = "sekrit-" + UUID.randomUUID();
            String ended = completed(worker, gone, "");
            String other = completed(worker, stays, "");
            String open = start(worker, "open", gone, "");
            String ofAda = completed(worker, goneToo, "ada");
            String openOfAda = start(worker, "ada-open", goneToo, "ada");
            Await.until(
                    "the read model",
                    () -> get("workflow-executions?kind=k")
                                    .path("workflowExecutions")
                                    .size()
                            >= 5);
            Needle wrapped = Needle.bytes("the wrapped key", wrapped(UUID.fromString(ended)));
            Needle key = Needle.bytes(
                    "the key", unwrapped(UUID.fromString(ended), wrapped.forms().get(0)));
            Path before = heap("before");
            assertTrue(wrapped.isIn(before), "the wrapped key in the heap");
            assertTrue(key.isIn(before), "the key in the heap");
            assertFalse(wrapped.in(data).isEmpty(), "the wrapped key in the files");

            // Who may not, and who says no why
            assertEquals(
                    403,
                    olga.post(server.http(API + "workflow-executions/" + ended + "/erase"), "{\"reason\":\"x\"}")
                            .status());
            assertEquals(
                    400,
                    ann.post(server.http(API + "workflow-executions/" + ended + "/erase"), "{\"reason\":\" \"}")
                            .status());
            // Keys of a subject are erased for the subject alone
            Answer ofSubject = erase(ofAda);
            assertEquals(1, ofSubject.code(), ofSubject::err);
            assertTrue(ofSubject.err().contains("data subject 'ada': erase that"), ofSubject::err);
            assertEquals(
                    404,
                    ann.post(server.http(API + "data-subjects/nobody/erase"), "{\"reason\":\"x\"}")
                            .status());

            Answer first = erase(ended);
            assertEquals(0, first.code(), first::err);
            assertTrue(first.out().startsWith("erased at "), first::out);
            assertTrue(erase(ended).out().startsWith("was erased before, at "));
            assertEquals(0, erase(open).code());
            Answer last = erase("--subject", "ada");
            assertEquals(0, last.code(), last::err);
            Instant nowhere = Instant.parse(last.out().strip().replaceAll(".*from (\\S+) on", "$1"));

            // No answer has it, and histories say when it was erased
            for (String id : List.of(ended, open, ofAda, openOfAda)) {
                for (String path : List.of("", "/events", "/events?audience=people", "/state")) {
                    String answer = get("workflow-executions/" + id + path).toString();
                    assertFalse(answer.contains("sekrit"), answer);
                }
                assertTrue(
                        get("workflow-executions/" + id)
                                .at("/input/erasedAt")
                                .asText()
                                .startsWith("20"),
                        id);
                assertEquals(
                        Status.Code.FAILED_PRECONDITION,
                        assertThrows(StatusRuntimeException.class, () -> worker.events(id))
                                .getStatus()
                                .getCode());
            }
            assertEquals(
                    Status.Code.FAILED_PRECONDITION,
                    assertThrows(StatusRuntimeException.class, () -> worker.awaitEnd(ended))
                            .getStatus()
                            .getCode());
            assertEquals(
                    "CANCELLED",
                    get("workflow-executions/" + open).path("status").asText());
            assertEquals(
                    Status.Code.FAILED_PRECONDITION,
                    assertThrows(StatusRuntimeException.class, () -> signal(worker, openOfAda))
                            .getStatus()
                            .getCode());
            // Work that nobody can do any more is handed to nobody, and ends
            assertTrue(worker.poll("w", "ada-open", 2).isEmpty());
            Await.until(
                    "the end of what nobody can read",
                    () -> get("workflow-executions/" + openOfAda)
                            .path("status")
                            .asText()
                            .equals("CANCELLED"));
            // Who, when and why
            Await.until(
                    "the record of the erasure",
                    () -> get("audit?execution=" + ended).toString().contains("payloads_erased"));
            JsonNode entry = entry("audit?execution=" + ended);
            assertEquals("ann", entry.at("/principal/id").asText(), entry::toString);
            assertEquals("the customer asked for it", entry.path("reason").asText(), entry::toString);
            // What was not erased is as it was, and the subject may be named again
            assertTrue(events(worker, other).contains(stays));
            assertTrue(events(worker, completed(worker, stays, "ada")).contains(stays));

            awaitNowhere(wrapped, nowhere);
            Path heap = heap("after");
            for (Needle needle : List.of(Needle.text(gone), Needle.text(goneToo), wrapped, key)) {
                assertEquals(List.of(), needle.in(data), needle.name());
                assertFalse(needle.isIn(heap), needle.name() + " in the heap");
            }
            assertTrue(events(worker, other).contains(stays));
            proofStands(ended);
        }
    }

    private static NodeProcess node(TestServer backends, Map<String, String> encryption) {
        Map<String, String> settings = new HashMap<>(encryption);
        settings.put("postgres.url", backends.database().url());
        settings.put("postgres.user", backends.database().user());
        settings.put("postgres.password", backends.database().password());
        settings.put("audit.origin", "localhost/millrace");
        settings.put("audit.key_file", TestKeys.ofLogs(backends.data()).toString());
        return NodeProcess.start("node", backends.data().resolve("node"), backends.kafka(), settings);
    }

    /** Whatever was erased: the records that stand on Kafka are those that were proved. */
    private void proofStands(String id) throws IOException, InterruptedException {
        Path keys = folder.resolve("verifier-keys");
        try (HttpClient http = HttpClient.newHttpClient()) {
            http.send(HttpRequest.newBuilder(server.http("/tlog/key")).build(), HttpResponse.BodyHandlers.ofFile(keys));
        }
        Path proof = folder.resolve("proof.jsonl");
        Await.until(
                "a proof",
                () -> run("audit", "proof", id, "--out", proof.toString()).code() == 0);

        Answer checked = execute("audit", "verify", proof.toString(), "--key", keys.toString());
        assertEquals(0, checked.code(), checked::err);
    }

    private Answer run(String... args) {
        String[] all = Stream.concat(
                        Stream.of(args),
                        Stream.of("--url", server.http("").toString(), "--org", "dev", "--token", Access.DEV_USER_KEY))
                .toArray(String[]::new);
        return execute(all);
    }

    private static Answer execute(String... args) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int code = Main.execute(args, new PrintWriter(out, true), new PrintWriter(err, true));
        return new Answer(code, out.toString(), err.toString());
    }

    private Answer erase(String... what) {
        return run(Stream.concat(
                        Stream.of("erase"),
                        Stream.concat(Stream.of(what), Stream.of("--reason", "the customer asked for it")))
                .toArray(String[]::new));
    }

    private JsonNode get(String path) {
        return user.get(server.http(API + path)).body();
    }

    private JsonNode entry(String path) {
        for (JsonNode entry : get(path).path("entries")) {
            if (entry.path("request").asText().equals("payloads_erased")) {
                return entry;
            }
        }
        throw new AssertionError("expected an entry of the erasure, but there is none");
    }

    private static ByteString json(String text) {
        return ByteString.copyFromUtf8("{\"s\":\"" + text + "\"}");
    }

    private static String start(TestClient worker, String queue, String text, String subject) {
        var request = TestClient.startRequest("k", queue).setInput(json(text));
        if (!subject.isEmpty()) {
            request.putMetadata("dataSubject", subject);
        }
        String id = worker.workflows().startWorkflow(request.build()).getWorkflowExecutionId();
        signal(worker, id, text);
        return id;
    }

    private static void signal(TestClient worker, String id) {
        signal(worker, id, "x");
    }

    private static void signal(TestClient worker, String id, String text) {
        worker.workflows()
                .signalWorkflow(SignalWorkflowRequest.newBuilder()
                        .setOrgId(Access.DEV_ORG.toString())
                        .setWorkflowExecutionId(id)
                        .setSignalName("s")
                        .setSignalValue(json(text))
                        .build());
    }

    private static String completed(TestClient worker, String text, String subject) {
        String queue = "q-" + UUID.randomUUID();
        String id = start(worker, queue, text, subject);
        assertTrue(worker.poll("w", queue, 60)
                .orElseThrow()
                .getInput()
                .toStringUtf8()
                .contains(text));
        worker.complete(id, json(text).toStringUtf8());
        assertTrue(events(worker, id).contains(text));
        return id;
    }

    private static String events(TestClient worker, String id) {
        StringBuilder all = new StringBuilder();
        worker.events(id).forEach(event -> all.append(event.getEventData().toStringUtf8()));
        return all.toString();
    }

    /** @return the wrapped key, as the files of Kafka have it. Kafka may be just about to replace one of them */
    private byte[] wrapped(UUID id) {
        return Await.found("the key " + id + " in the files of Kafka", () -> {
            try {
                return wrappedIn(segments(), id);
            } catch (IOException | UncheckedIOException replaced) {
                return Optional.empty();
            }
        });
    }

    private List<Path> segments() throws IOException {
        try (Stream<Path> files = Files.walk(data)) {
            return files.filter(file -> file.toString().contains(Topics.DATA_KEYS + "-0")
                            && file.toString().endsWith(".log"))
                    .toList();
        }
    }

    private static Optional<byte[]> wrappedIn(List<Path> segments, UUID id) throws IOException {
        byte[] recordKey =
                ByteBuffer.allocate(17).put((byte) 'k').put(Ids.toBytes(id)).array();
        for (Path segment : segments) {
            byte[] bytes = Files.readAllBytes(segment);
            for (int at : Needle.all(bytes, recordKey)) {
                // behind the key stands the length of the value, which begins with the field of the entry
                for (int start = at + 17; start < Math.min(bytes.length, at + 24); start++) {
                    if (bytes[start] == 0x0a) {
                        return Optional.of(key(bytes, start).getWrapped().toByteArray());
                    }
                }
            }
        }
        return Optional.empty();
    }

    private static DataKey key(byte[] bytes, int start) {
        try {
            // field 1, its length in two bytes or one
            int length = bytes[start + 1] & 0x7f;
            int from = start + 2;
            if (bytes[start + 1] < 0) {
                length |= (bytes[start + 2] & 0x7f) << 7;
                from++;
            }
            return DataKey.parseFrom(ByteString.copyFrom(bytes, from, length));
        } catch (InvalidProtocolBufferException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] unwrapped(UUID id, byte[] wrapped) throws GeneralSecurityException {
        byte[] secret = Base64.getDecoder()
                .decode(TestKeys.line(EncryptedOrganisation.KEY, EncryptedOrganisation.SEED)
                        .strip()
                        .split(" ")[1]);
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(Cipher.DECRYPT_MODE, new SecretKeySpec(secret, "AES"), new GCMParameterSpec(128, wrapped, 0, 12));
        cipher.updateAAD(Ids.toBytes(Access.DEV_ORG));
        cipher.updateAAD(Ids.toBytes(id));
        return cipher.doFinal(wrapped, 12, wrapped.length - 12);
    }

    /** Looks again and again, for so long as is stated. */
    private void awaitNowhere(Needle needle, Instant until) {
        List<Path> found = needle.in(data);
        while (!found.isEmpty()) {
            List<Path> still = found;
            assertTrue(Instant.now().isBefore(until), () -> needle.name() + " after the stated time in " + still);
            LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(1));
            if (found.stream().noneMatch(needle::isIn)) {
                found = needle.in(data);
            }
        }
    }

    /** @return a file of all objects that live in the server's heap */
    private Path heap(String name) throws IOException, InterruptedException {
        Path file = folder.resolve(name + ".hprof");
        Path jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd");
        Process dump = new ProcessBuilder(
                        jcmd.toString(), String.valueOf(server.pid()), "GC.heap_dump", file.toString())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        assertTrue(dump.waitFor(2, TimeUnit.MINUTES), "the heap dump");
        assertEquals(0, dump.exitValue());
        return file;
    }
}
