package io.millrace.infra.embedded;

import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.HexFormat;

/** The password of an embedded server, in its folder: random, and readable by the folder's owner only. */
final class Password {

    /** Name of the file within the folder. */
    static final String FILE = "password";

    private static final int BYTES = 24;

    private Password() {}

    /** @return whether the folder has one */
    static boolean isIn(Path folder) {
        return Files.exists(folder.resolve(FILE));
    }

    /**
     * Reads the password of the folder, and makes one first if there is none.
     *
     * @throws EmbeddedStartException if it cannot be read or written
     */
    static String of(Path folder) {
        return SecretFile.of(folder.resolve(FILE), () -> {
            byte[] random = new byte[BYTES];
            new SecureRandom().nextBytes(random);
            return HexFormat.of().formatHex(random);
        });
    }
}
