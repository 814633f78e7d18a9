package io.millrace.infra.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.ingest.audit.keys.KeyException;
import io.millrace.ingest.audit.keys.KeyFile;
import io.millrace.ingest.audit.keys.SigningKey.Purpose;
import io.millrace.ingest.audit.tlog.VerifierKey;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AuditCommandsTest {

    @TempDir
    private Path folder;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @Test
    void makesKeysAndPrintsWhatOthersCheckThemBy() {
        Path file = folder.resolve("key.pem");

        assertEquals(
                0,
                run(
                        "audit",
                        "keygen",
                        file.toString(),
                        "--ed25519-only",
                        "--origin",
                        "millrace.example/acme",
                        "--partitions",
                        "2"));

        List<VerifierKey> printed =
                out.toString().lines().map(VerifierKey::parse).toList();
        VerifierKey made = KeyFile.read(file)
                .getFirst()
                .signer("millrace.example/acme/1", Purpose.LOG)
                .key();
        assertEquals("millrace.example/acme/0", printed.get(0).name());
        assertEquals(made, printed.get(1));
    }

    @Test
    void neverOverwritesKeys() throws IOException {
        Path file = Files.writeString(folder.resolve("key.pem"), "precious");

        assertEquals(1, run("audit", "keygen", file.toString()));
        assertEquals("precious", Files.readString(file));
        assertTrue(err.toString().contains("keys are never overwritten"), err::toString);
    }

    @Test
    void makesNoKeysForANameThatNobodyMayHave() {
        Path file = folder.resolve("key.pem");

        assertEquals(2, run("audit", "keygen", file.toString(), "--witness", "a b"));
        assertTrue(err.toString().contains("but got 'a b'"), err::toString);
        assertFalse(Files.exists(file));
    }

    @Test
    void namesAFileOfKeysThatBreaksOff() throws IOException {
        Path file = folder.resolve("key.pem");
        run("audit", "keygen", file.toString(), "--ed25519-only");
        Files.writeString(file, Files.readString(file).replaceFirst("=?\n-----END", "A\n-----END"));

        String found =
                assertThrows(KeyException.class, () -> KeyFile.read(file)).getMessage();
        assertTrue(found.contains(file.toString()), found);
    }

    @Test
    void namesAFileThatIsNoneOfProofs() throws IOException {
        Path key = folder.resolve("key.pem");
        run("audit", "keygen", key.toString(), "--ed25519-only", "--origin", "a.example", "--partitions", "1");
        Path file = Files.writeString(folder.resolve("foreign"), "PK\n");

        assertEquals(
                1,
                run("audit", "verify", file.toString(), "--key", out.toString().strip()));
        assertTrue(
                err.toString().contains("millrace: expected the first line of a file of proofs as a JSON object"),
                err::toString);
        assertEquals(1, run("audit", "verify", file.toString(), "--key", "nobody"));
        assertTrue(
                err.toString().contains("expected a verifier key <name>+<8 hex digits>+<base64>, but got 'nobody'"),
                err::toString);
    }

    @Test
    void readsNoKeysThatDoNotBelongTogether() throws IOException {
        Path one = folder.resolve("one.pem");
        Path other = folder.resolve("other.pem");
        run("audit", "keygen", one.toString(), "--ed25519-only");
        run("audit", "keygen", other.toString(), "--ed25519-only");
        String mixed = Files.readString(one).split("(?=-----BEGIN PUBLIC)")[0]
                + Files.readString(other).split("(?=-----BEGIN PUBLIC)")[1];
        Path file = Files.writeString(folder.resolve("mixed.pem"), mixed);

        String found =
                assertThrows(RuntimeException.class, () -> KeyFile.read(file)).getMessage();
        assertTrue(found.contains("that belong together"), found);
    }

    private int run(String... args) {
        return Main.execute(args, new PrintWriter(out, true), new PrintWriter(err, true));
    }
}
