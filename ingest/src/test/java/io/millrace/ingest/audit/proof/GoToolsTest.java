package io.millrace.ingest.audit.proof;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.millrace.ingest.audit.EndedProgram;
import io.millrace.ingest.audit.keys.KeyFile;
import io.millrace.ingest.audit.keys.SigningKey;
import io.millrace.ingest.audit.keys.SigningKey.Purpose;
import io.millrace.ingest.audit.tlog.NoteSigner;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tools for Go that others have written find our checkpoints and proofs good, and those that were changed wrong. */
class GoToolsTest {

    private static final int OUTCOMES = 700;

    @TempDir
    private Path folder;

    @Test
    void checkpointsAndProofsAreGoodForToolsThatOthersHaveWritten() throws Exception {
        Path check = built();
        List<SigningKey> keys = KeyFile.create(folder.resolve("log.pem"), KeyFile.known());
        NoteSigner key = keys.getFirst().signer(ProofFixture.ORIGIN, Purpose.LOG);
        NoteSigner witness = KeyFile.create(folder.resolve("w.pem"), KeyFile.known())
                .getFirst()
                .signer("witness.example/w1", Purpose.WITNESS);
        ProofFixture log = new ProofFixture();
        for (int i = 0; i < OUTCOMES; i++) {
            log.add();
        }
        NoteSigner[] signers = Stream.concat(
                        keys.stream().map(one -> one.signer(ProofFixture.ORIGIN, Purpose.LOG)), Stream.of(witness))
                .toArray(NoteSigner[]::new);
        List<String> good = log.file(log.checkpoint(signers));
        List<String> otherSize = new ArrayList<>(good);
        otherSize.set(0, good.getFirst().replace("\\n700\\n", "\\n701\\n"));
        ProvedRecord record = ProofJson.record(good.get(9));
        List<String> otherHashes = new ArrayList<>(good);
        otherHashes.set(
                9,
                ProofJson.line(new ProvedRecord(
                        record.index(),
                        record.entry(),
                        record.hashes().reversed(),
                        record.outcome(),
                        record.command())));

        assertEquals(new EndedProgram(0, "good: 350 proofs\n"), checked(check, good, key));
        assertTrue(checked(check, otherSize, key).said().startsWith("wrong: invalid signature"));
        assertTrue(checked(check, otherHashes, key).said().startsWith("wrong: index 16: "));
    }

    private EndedProgram checked(Path check, List<String> file, NoteSigner key)
            throws IOException, InterruptedException {
        Path proof = Files.write(folder.resolve("proof.jsonl"), file);
        return EndedProgram.in(
                folder, check.toString(), proof.toString(), key.key().toString());
    }

    /** @return the program, or nothing happens where there is no Go, or its modules cannot be had */
    private Path built() throws IOException, InterruptedException {
        for (String name : List.of("go.mod", "go.sum", "main.go")) {
            try (InputStream in = Objects.requireNonNull(getClass().getResourceAsStream("/go/" + name), name)) {
                Files.copy(in, folder.resolve(name));
            }
        }
        try {
            EndedProgram had = EndedProgram.in(folder, "go", "mod", "download");
            assumeTrue(had.code() == 0, () -> "skipped: the modules for Go cannot be had here: " + had.said());
        } catch (IOException e) {
            assumeTrue(false, "skipped: there is no Go here");
        }
        EndedProgram built = EndedProgram.in(folder, "go", "build", "-o", "check", ".");
        assertEquals(0, built.code(), built.said());
        return folder.resolve("check");
    }
}
