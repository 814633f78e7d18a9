package io.millrace.ingest.audit.witness;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.ingest.audit.keys.KeyFile;
import io.millrace.ingest.audit.keys.SigningKey.Purpose;
import io.millrace.ingest.audit.tlog.KeyType;
import io.millrace.ingest.audit.tlog.VerifierKey;
import io.millrace.ingest.config.ConfigException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WitnessConfigTest {

    private static final String NEEDED = "name = \"w\"\ndata = \"signed\"\nkey_file = \"w.pem\"\n";

    @TempDir
    private Path folder;

    private VerifierKey log;

    @BeforeEach
    void makeKey() {
        log = KeyFile.create(folder.resolve("log.pem"), List.of(KeyType.ED25519))
                .getFirst()
                .signer("millrace.example/acme/0", Purpose.LOG)
                .key();
    }

    @Test
    void logsStandInTheFileOrInOthers() throws IOException {
        Path others = Files.writeString(folder.resolve("keys"), log.named("millrace.example/acme/1") + "\n\n");

        WitnessConfig config = read(NEEDED + "port = 0\nlogs = [\"" + log + "\"]\nlog_files = [\"" + others + "\"]\n");

        assertEquals(List.of(log, log.named("millrace.example/acme/1")), config.logs());
        assertEquals("127.0.0.1", config.host());
        assertEquals(0, config.port());
    }

    @Test
    void whatIsMissingMisspeltOrOfAnotherFormIsNamed() {
        String logs = "logs = [\"" + log + "\"]\n";

        refused("expected a text as name, but the key is missing", logs);
        refused("expected logs or log_files to name a log, but there is none", NEEDED);
        refused("unknown key hosts", NEEDED + logs + "hosts = \"a\"\n");
        refused("expected a whole number as port", NEEDED + logs + "port = \"80\"\n");
        refused("expected a verifier key", NEEDED + "logs = [\"nobody\"]\n");
    }

    private void refused(String because, String text) {
        String found = assertThrows(ConfigException.class, () -> read(text)).getMessage();
        assertTrue(found.contains(because), found);
    }

    private WitnessConfig read(String text) throws IOException {
        return WitnessConfig.read(Files.writeString(folder.resolve("witness.toml"), text));
    }
}
