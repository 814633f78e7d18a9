package io.millrace.infra.embedded;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.HexFormat;

/** The password of what an embedded server keeps in a folder: random, and readable by the folder's owner only. */
final class Password {

    /** Its name within the folder. */
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
        Path file = folder.resolve(FILE);
        try {
            try {
                String known = Files.readString(file).strip();
                if (!known.isEmpty()) {
                    return known;
                }
            } catch (NoSuchFileException e) {
                // the first start on the folder
            }
            return make(file);
        } catch (IOException e) {
            throw new EmbeddedStartException("expected to keep a password in " + file + ", but: " + Failures.text(e), e);
        }
    }

    private static String make(Path file) throws IOException {
        byte[] random = new byte[BYTES];
        new SecureRandom().nextBytes(random);
        String made = HexFormat.of().formatHex(random);
        // Whole or not at all: a start that was cut short must not leave half of it.
        Path draft = file.resolveSibling(FILE + ".new");
        Files.deleteIfExists(draft);
        Files.createFile(draft, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(draft, made);
        Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        return made;
    }
}
