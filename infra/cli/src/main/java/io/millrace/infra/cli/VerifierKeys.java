package io.millrace.infra.cli;

import io.millrace.ingest.audit.tlog.TlogException;
import io.millrace.ingest.audit.tlog.VerifierKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Verifier keys from the command line. Each is a key, or the name of a file with one key on each line. */
final class VerifierKeys {

    private VerifierKeys() {}

    /** @throws TlogException if a text is neither */
    static List<VerifierKey> read(List<String> given) {
        List<VerifierKey> keys = new ArrayList<>();
        for (String text : given) {
            Path file = Path.of(text);
            if (Files.isRegularFile(file)) {
                lines(file).stream()
                        .filter(line -> !line.isBlank())
                        .map(VerifierKey::parse)
                        .forEach(keys::add);
            } else {
                keys.add(VerifierKey.parse(text));
            }
        }
        return keys;
    }

    private static List<String> lines(Path file) {
        try {
            return Files.readAllLines(file);
        } catch (IOException e) {
            throw new TlogException(
                    "expected verifier keys in " + file + ", but it cannot be read: " + e.getMessage(), e);
        }
    }
}
