package io.millrace.infra.embedded;

import io.millrace.proto.mac.MacKey;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Base64;

/** The key for the MACs of commands of servers that nobody gave one: random, and kept in a data folder. */
public final class CommandKeys {

    /** Its name within the folder. */
    static final String FILE = "command-keys";

    private CommandKeys() {}

    /**
     * @param folder of the data, made and closed to others before
     * @return the folder's file of keys, made with one key if there is none
     * @throws EmbeddedStartException if it cannot be read or written
     */
    public static Path in(Path folder) {
        Path file = folder.resolve(FILE);
        SecretFile.of(file, () -> {
            byte[] random = new byte[MacKey.LEAST_BYTES];
            new SecureRandom().nextBytes(random);
            return "dev " + Base64.getEncoder().encodeToString(random);
        });
        return file;
    }
}
