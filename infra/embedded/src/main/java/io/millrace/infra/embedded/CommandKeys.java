package io.millrace.infra.embedded;

import io.millrace.proto.mac.MacKey;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Optional;

/** A random key for the MACs of commands, for servers whose configuration names none. It is kept in a data folder. */
public final class CommandKeys {

    /** Name of the file within the folder. */
    static final String FILE = "command-keys";

    private CommandKeys() {}

    /**
     * @param folder the data folder, which must exist and be closed to other users
     * @return the folder's file of keys, made with one key if there is none
     * @throws EmbeddedStartException if the file cannot be read or written
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

    /**
     * @param folder the data folder of a development server
     * @return its file of keys, for commands beside the server: they have to use what the server uses, and so never make one
     * @throws EmbeddedStartException if there is none, since the server was given keys of its own
     */
    static Path of(Path folder) {
        return ifMade(folder)
                .orElseThrow(() -> new EmbeddedStartException("expected the keys of commands in " + folder.resolve(FILE)
                        + ", but there are none; name those of the server, by --set commands.mac.key_file=FILE as it was given"
                        + " to `millrace dev`"));
    }

    /** @return the same, if there is one */
    public static Optional<Path> ifMade(Path folder) {
        return Optional.of(folder.resolve(FILE)).filter(Files::exists);
    }
}
