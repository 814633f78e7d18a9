package io.millrace.infra.tls;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * A file that a setting names.
 *
 * @param setting key of the setting, which messages name
 * @param path the file
 */
public record NamedFile(String setting, Path path) {

    /** @throws TlsException if it cannot be read */
    byte[] read() {
        try {
            return Files.readAllBytes(path);
        } catch (NoSuchFileException e) {
            throw new TlsException("expected a file at " + this + ", but there is none", e);
        } catch (AccessDeniedException e) {
            throw new TlsException("expected the server's user to read " + this + ", but it may not", e);
        } catch (IOException e) {
            throw new TlsException("expected to read " + this + ", but could not: " + e.getMessage(), e);
        }
    }

    /** @return the file, and the setting that names it */
    @Override
    public String toString() {
        return path + " (" + setting + ")";
    }
}
