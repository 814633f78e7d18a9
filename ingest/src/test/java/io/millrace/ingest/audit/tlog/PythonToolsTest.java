package io.millrace.ingest.audit.tlog;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.millrace.ingest.audit.EndedProgram;
import io.millrace.ingest.audit.keys.KeyFile;
import io.millrace.ingest.audit.keys.SigningKey.Purpose;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A library for Python that others have written reads our tiles, and finds our signatures and proofs good, or wrong where they are. */
class PythonToolsTest {

    private static final String ORIGIN = "millrace.example/acme/3";
    private static final int OLD_SIZE = 700;
    private static final int SIZE = 66_000;
    private static final long TIME_S = 1_700_000_001;

    private static String python;

    @TempDir
    private Path folder;

    private final TileWriter writer = new TileWriter();
    private final TreeHasher hasher = new TreeHasher();
    private final List<NoteSigner> signers = new ArrayList<>();

    /** An environment of its own, which is kept for the next time. */
    @BeforeAll
    static void needsTheLibrary() throws Exception {
        Path environment = Path.of("target", "python-tools").toAbsolutePath();
        python = environment.resolve(Path.of("bin", "python")).toString();
        if (Files.exists(Path.of(python))
                && EndedProgram.of(python, "-c", "import tlog_scales").code() == 0) {
            return;
        }
        try {
            EndedProgram made = EndedProgram.of("python3", "-m", "venv", "--clear", environment.toString());
            assumeTrue(made.code() == 0, () -> "skipped: python3 makes no environment here: " + made.said());
        } catch (IOException e) {
            assumeTrue(false, "skipped: there is no python3 here");
        }
        EndedProgram had = EndedProgram.of(
                python,
                "-m",
                "pip",
                "install",
                "-q",
                "-r",
                resource("requirements.txt").toString());
        assumeTrue(had.code() == 0, () -> "skipped: the library tlog-scales cannot be had here: " + had.said());
    }

    @BeforeEach
    void writeTheLog() throws IOException {
        KeyFile.create(folder.resolve("log.pem"), KeyFile.known())
                .forEach(key -> signers.add(key.signer(ORIGIN, Purpose.LOG)));
        signers.add(KeyFile.create(folder.resolve("w.pem"), List.of(KeyType.ED25519))
                .getFirst()
                .signer("witness.example/w1", Purpose.WITNESS));
        for (int i = 0; i < SIZE; i++) {
            if (i == OLD_SIZE) {
                Files.writeString(folder.resolve("old"), checkpoint());
            }
            writer.append(("entry " + i).getBytes(StandardCharsets.US_ASCII));
        }
        for (TileWriter.Tile tile : writer.changed()) {
            Path file = folder.resolve(tile.path().toString());
            Files.createDirectories(file.getParent());
            Files.write(file, tile.bytes());
        }
        Files.writeString(folder.resolve("checkpoint"), checkpoint());
        Files.writeString(
                folder.resolve("proofs"),
                Stream.of(0, 255, 256, OLD_SIZE, 65_535, 65_791, SIZE - 1)
                        .map(this::proof)
                        .collect(Collectors.joining(",", "[", "]")));
    }

    private String checkpoint() {
        String text = new Checkpoint(ORIGIN, writer.size(), writer.root()).text();
        return new SignedNote(
                        text,
                        signers.stream()
                                .map(signer -> signer.sign(text, TIME_S))
                                .toList())
                .toString();
    }

    private String proof(int index) {
        TiledTree tree = new TiledTree(hasher, SIZE, this::tile);
        return new MerkleProofs(hasher)
                .inclusion(index, SIZE, tree).stream()
                        .map(hash -> "\"" + Base64.getEncoder().encodeToString(hash.bytes()) + "\"")
                        .collect(Collectors.joining(",", "[" + index + ",[", "]]"));
    }

    private byte[] tile(TilePath path) {
        try {
            return Files.readAllBytes(folder.resolve(path.toString()));
        } catch (IOException e) {
            throw new TlogException("expected the tile " + path + ", but it is not there", e);
        }
    }

    @Test
    void tilesCheckpointsAndProofsAreGood() throws Exception {
        EndedProgram ended = check();

        assertEquals(new EndedProgram(0, "good: 7 proofs\n"), ended);
    }

    @Test
    void aChangedTileIsWrong() throws Exception {
        change("tile/2/000.p/1");

        assertEquals(
                new EndedProgram(1, "wrong: ValueError the tiles lead to another root than the checkpoint's\n"),
                check());
    }

    @Test
    void aChangedEntryIsWrong() throws Exception {
        change("tile/entries/256");

        EndedProgram ended = check();

        assertEquals(1, ended.code(), ended.said());
        assertTrue(ended.said().startsWith("wrong: InclusionProofInvalid r ("), ended.said());
    }

    @Test
    void aCheckpointOfAnotherLogIsWrong() throws Exception {
        Path file = folder.resolve("checkpoint");
        Files.writeString(file, Files.readString(file).replaceFirst(ORIGIN, "millrace.example/acme/4"));

        EndedProgram ended = check();

        assertEquals(1, ended.code(), ended.said());
        assertTrue(ended.said().startsWith("wrong: InvalidSignature"), ended.said());
    }

    @Test
    void aLogThatForgotWhatItHadIsWrong() throws Exception {
        Path old = folder.resolve("old");
        String root = Base64.getEncoder().encodeToString(hasher.empty().bytes());
        List<String> lines = new ArrayList<>(Files.readAllLines(old));
        lines.set(2, root);
        Files.write(old, lines);

        EndedProgram ended = check();

        assertEquals(1, ended.code(), ended.said());
        assertTrue(ended.said().startsWith("wrong: ConsistencyProofInvalid"), ended.said());
    }

    /** Changes the last byte of a tile or bundle. */
    private void change(String name) throws IOException {
        Path file = folder.resolve(name);
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length - 1] ^= 1;
        Files.write(file, bytes);
    }

    private EndedProgram check() throws Exception {
        List<String> command =
                new ArrayList<>(List.of(python, resource("check.py").toString(), folder.toString()));
        signers.forEach(signer -> command.add(signer.key().toString()));
        return EndedProgram.of(command.toArray(String[]::new));
    }

    private static Path resource(String name) throws URISyntaxException {
        return Path.of(Objects.requireNonNull(PythonToolsTest.class.getResource("/python/" + name), name)
                .toURI());
    }
}
