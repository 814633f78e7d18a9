package io.millrace.infra.embedded;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.function.Supplier;

/** A file with a secret. It is made once and stays, and only its owner can read it. */
final class SecretFile {

    private SecretFile() {}

    /**
     * Reads the secret, and makes it first if there is none.
     *
     * @param making makes the text of the secret
     * @throws EmbeddedStartException if the file cannot be read or written
     */
    static String of(Path file, Supplier<String> making) {
        try {
            try {
                String known = Files.readString(file).strip();
                if (!known.isEmpty()) {
                    return known;
                }
            } catch (NoSuchFileException e) {
                // this is the first start on the folder
            }
            return write(file, making.get());
        } catch (IOException e) {
            throw new EmbeddedStartException("expected to keep a secret in " + file + ", but: " + FailureText.of(e), e);
        }
    }

    private static String write(Path file, String made) throws IOException {
        // All of it or nothing: a start that is cut short must not leave half of the secret.
        Path draft = file.resolveSibling(file.getFileName() + ".new");
        Files.deleteIfExists(draft);
        Files.createFile(draft, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(draft, made);
        Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        return made;
    }
}
