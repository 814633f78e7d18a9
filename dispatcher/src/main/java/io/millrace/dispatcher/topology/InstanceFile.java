package io.millrace.dispatcher.topology;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.millrace.dispatcher.partition.Instance;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.SecureRandom;

/**
 * Keeps the {@link Instance} in the folder of the stores, which Kafka Streams locks. A folder that is lost, or a file
 * that cannot be understood, makes a new instance. It then waits a moment longer, for a former owner that may have been
 * itself.
 */
final class InstanceFile {

    private static final String NAME = "instance";

    private InstanceFile() {}

    /** @return that of the folder; both are made if there is none. Throws {@link UncheckedIOException} */
    static Instance of(Path folder) {
        Path file = folder.resolve(NAME);
        try {
            return new Instance(
                    Long.parseUnsignedLong(Files.readString(file, ISO_8859_1).strip(), 16));
        } catch (NoSuchFileException | NumberFormatException e) {
            return make(file);
        } catch (IOException e) {
            throw failed("read", file, e);
        }
    }

    private static Instance make(Path file) {
        Instance made = new Instance(new SecureRandom().nextLong());
        try {
            Files.createDirectories(file.getParent());
            Path whole = Files.writeString(file.resolveSibling(NAME + ".new"), Long.toHexString(made.number()));
            Files.move(whole, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw failed("write", file, e);
        }
        return made;
    }

    private static UncheckedIOException failed(String what, Path file, IOException e) {
        return new UncheckedIOException("expected to " + what + " " + file + ", but: " + e, e);
    }
}
