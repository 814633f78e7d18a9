package io.millrace.infra.system;

import io.millrace.ingest.audit.keys.KeyFile;
import io.millrace.ingest.audit.tlog.KeyType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Base64;
import java.util.List;

/** Keys for the MACs of commands and for the transparency logs, which the nodes of a test share. */
public final class TestKeys {

    private TestKeys() {}

    /** @return the file of keys in the folder, made if there is none */
    public static Path in(Path folder) {
        Path file = folder.resolve("test-command-keys");
        try {
            Files.createDirectories(folder);
            Files.writeString(file, line("test", 1), StandardOpenOption.CREATE_NEW);
        } catch (FileAlreadyExistsException e) {
            // another node of the test made it
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return file;
    }

    /** @return the file of keys that sign the transparency logs, made if there is none */
    public static Path ofLogs(Path folder) {
        Path file = folder.resolve("test-audit-key.pem");
        if (!Files.exists(file)) {
            KeyFile.create(file, List.of(KeyType.ED25519));
        }
        return file;
    }

    /** @return the line of a key in such a file; the same seed makes the same key */
    public static String line(String id, int seed) {
        byte[] secret = new byte[32];
        secret[0] = (byte) seed;
        return id + " " + Base64.getEncoder().encodeToString(secret) + "\n";
    }
}
