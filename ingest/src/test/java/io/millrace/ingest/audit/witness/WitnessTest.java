package io.millrace.ingest.audit.witness;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.ingest.audit.keys.KeyException;
import io.millrace.ingest.audit.keys.KeyFile;
import io.millrace.ingest.audit.keys.SigningKey;
import io.millrace.ingest.audit.keys.SigningKey.Purpose;
import io.millrace.ingest.audit.tlog.AddCheckpoint;
import io.millrace.ingest.audit.tlog.Checkpoint;
import io.millrace.ingest.audit.tlog.Hash;
import io.millrace.ingest.audit.tlog.KeyType;
import io.millrace.ingest.audit.tlog.MerkleProofs;
import io.millrace.ingest.audit.tlog.NoteSignature;
import io.millrace.ingest.audit.tlog.NoteSigner;
import io.millrace.ingest.audit.tlog.NoteVerifier;
import io.millrace.ingest.audit.tlog.SignedNote;
import io.millrace.ingest.audit.tlog.TreeHasher;
import io.millrace.ingest.audit.witness.Witness.Answer;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WitnessTest {

    private static final String ORIGIN = "millrace.example/acme/0";
    private static final Clock CLOCK = Clock.fixed(Instant.ofEpochSecond(1_700_000_000), ZoneOffset.UTC);

    @TempDir
    private Path folder;

    private final TreeHasher hasher = new TreeHasher();
    private NoteSigner log;
    private SigningKey key;
    private Witness witness;

    @BeforeEach
    void open() {
        log = KeyFile.create(folder.resolve("log.pem"), List.of(KeyType.ED25519))
                .getFirst()
                .signer(ORIGIN, Purpose.LOG);
        key = KeyFile.create(folder.resolve("witness.pem"), List.of(KeyType.ED25519))
                .getFirst();
        witness = witness();
    }

    @AfterEach
    void close() throws IOException {
        witness.close();
    }

    private Witness witness() {
        return new Witness("witness.example/w1", List.of(key), List.of(log.key()), folder.resolve("data"), CLOCK);
    }

    @Test
    void signsWhatHasGrownFromWhatItSignedBefore() {
        signed(request(0, 3, "a"));
        signed(request(3, 3, "a"));
        signed(request(3, 8, "a"));
        NoteSignature signature = signed(request(8, 21, "a"));

        assertEquals(1_700_000_000, ByteBuffer.wrap(signature.signature()).getLong());
    }

    @Test
    void remembersWhatItSignedAndNeverGoesBack() throws IOException {
        signed(request(0, 8, "a"));
        witness.close();
        witness = witness();

        refused(409, "8\n", request(0, 3, "a"));
        refused(409, "8\n", request(0, 21, "a"));
        refused(400, "expected an old size of at most 3", request(8, 3, "a"));
        signed(request(8, 21, "a"));
    }

    @Test
    void signsNoSecondTree() {
        signed(request(0, 8, "a"));

        refused(409, "8\n", request(8, 8, "b"));
        refused(422, "expected root", request(8, 21, "b"));
        AddCheckpoint honest = request(8, 21, "a");
        refused(422, "expected more hashes", new AddCheckpoint(8, List.of(), honest.checkpoint()));
        signed(honest);
    }

    @Test
    void twoTreesForTwoWitnessesCannotBothGoOn() throws IOException {
        try (Witness other =
                new Witness("witness.example/w2", List.of(key), List.of(log.key()), folder.resolve("other"), CLOCK)) {
            assertEquals(200, witness.add(request(0, 8, "a").toString()).status());
            assertEquals(200, other.add(request(0, 8, "b").toString()).status());

            assertEquals(200, witness.add(request(8, 21, "a").toString()).status());
            assertEquals(422, other.add(request(8, 21, "a").toString()).status());
        }
    }

    @Test
    void signsForNobodyWhomItDoesNotKnow() {
        NoteSigner stranger = KeyFile.create(folder.resolve("stranger.pem"), List.of(KeyType.ED25519))
                .getFirst()
                .signer(ORIGIN, Purpose.LOG);
        String text = new Checkpoint(ORIGIN, 3, root(3, "a")).text();

        refused(
                403,
                "expected a good signature of a key of " + ORIGIN,
                new AddCheckpoint(0, List.of(), new SignedNote(text, List.of(stranger.sign(text, 0))).toString()));
        String other = new Checkpoint("elsewhere", 3, root(3, "a")).text();
        refused(
                404,
                "expected a log that this witness knows",
                new AddCheckpoint(0, List.of(), new SignedNote(other, List.of(log.sign(other, 0))).toString()));
        assertEquals(400, witness.add("old 0\n").status());
    }

    @Test
    void itsFolderIsItsAlone() {
        String found = assertThrows(KeyException.class, this::witness).getMessage();
        assertTrue(found.contains("to be this witness's alone"), found);
    }

    @Test
    void answersOverHttp() throws Exception {
        try (WitnessServer server = new WitnessServer(witness, "127.0.0.1", 0);
                HttpClient http = HttpClient.newHttpClient()) {
            HttpResponse<String> good =
                    http.send(post(server, request(0, 3, "a").toString()), HttpResponse.BodyHandlers.ofString());
            HttpResponse<String> late =
                    http.send(post(server, request(0, 8, "a").toString()), HttpResponse.BodyHandlers.ofString());

            assertEquals(200, good.statusCode());
            assertTrue(good.body().startsWith("— witness.example/w1 "), good.body());
            assertEquals(409, late.statusCode());
            assertEquals("3\n", late.body());
            assertEquals(
                    "text/x.tlog.size",
                    late.headers().firstValue("content-type").orElseThrow());
            assertEquals(
                    413,
                    http.send(post(server, "x".repeat(300_000)), HttpResponse.BodyHandlers.ofString())
                            .statusCode());
        }
    }

    @Test
    void signsNothingWhereItCannotReadWhatItSigned() throws Exception {
        signed(request(0, 3, "a"));
        try (Stream<Path> files = Files.list(folder.resolve("data"))) {
            Path stored = files.filter(file -> file.toString().endsWith(".checkpoint"))
                    .findFirst()
                    .orElseThrow();
            Files.writeString(stored, Files.readString(stored).substring(0, 30));
        }

        try (WitnessServer server = new WitnessServer(witness, "127.0.0.1", 0);
                HttpClient http = HttpClient.newHttpClient()) {
            for (int old : List.of(3, 0)) {
                HttpResponse<String> answer =
                        http.send(post(server, request(old, 8, "a").toString()), HttpResponse.BodyHandlers.ofString());

                assertEquals(500, answer.statusCode());
                assertEquals("expected to read and store checkpoints, but could not\n", answer.body());
            }
        }
    }

    private static HttpRequest post(WitnessServer server, String body) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + "/add-checkpoint"))
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
    }

    private NoteSignature signed(AddCheckpoint request) {
        Answer answer = witness.add(request.toString());
        assertEquals(200, answer.status(), answer.body());
        NoteSignature signature = NoteSignature.parse(answer.body().strip());
        NoteVerifier verifier = new NoteVerifier(witness.keys().getFirst());
        assertTrue(verifier.verifies(SignedNote.parse(request.checkpoint()).text(), signature));
        return signature;
    }

    private void refused(int status, String because, AddCheckpoint request) {
        Answer answer = witness.add(request.toString());
        assertEquals(status, answer.status(), answer.body());
        assertTrue(answer.body().contains(because), answer.body());
    }

    /** A request for the tree of this size, whose leaves hold the text. */
    private AddCheckpoint request(int old, int size, String text) {
        String checkpoint = new Checkpoint(ORIGIN, size, root(size, text)).text();
        List<Hash> proof = old > size
                ? List.of()
                : new MerkleProofs(hasher).consistency(old, size, (level, index) -> subtree(level, index, text));
        return new AddCheckpoint(old, proof, new SignedNote(checkpoint, List.of(log.sign(checkpoint, 0))).toString());
    }

    private Hash root(int size, String text) {
        return new MerkleProofs(hasher).root(size, (level, index) -> subtree(level, index, text));
    }

    private Hash subtree(int level, long index, String text) {
        return level == 0
                ? hasher.leaf((text + index).getBytes(StandardCharsets.UTF_8))
                : hasher.node(subtree(level - 1, 2 * index, text), subtree(level - 1, 2 * index + 1, text));
    }
}
