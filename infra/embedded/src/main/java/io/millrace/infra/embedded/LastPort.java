package io.millrace.infra.embedded;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The port of the last start on a folder, which is taken again if it is free. After a kill the broker's old
 * registration stands until its session ends, and requests still go to the old address. On the same port they find the
 * new broker. Otherwise they would find nobody, for as long as a request may wait.
 */
final class LastPort {

    private final Path file;

    /** @param folder made if there is none */
    LastPort(Path folder) {
        file = folder.resolve("port");
    }

    /** Binds the port of the last start if it is free, otherwise any free one, and remembers it. */
    int bind(BoundSockets sockets, String listener) {
        int port = bindLast(sockets, listener);
        try {
            Files.createDirectories(file.getParent());
            Files.writeString(file, String.valueOf(port));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return port;
    }

    /** @throws EmbeddedStartException if the port of the last start is not noted */
    int last() {
        try {
            return Integer.parseInt(Files.readString(file).strip());
        } catch (IOException | NumberFormatException e) {
            throw new EmbeddedStartException(
                    "expected " + file + " to tell the port of the Kafka that runs there, but: " + e, e);
        }
    }

    private int bindLast(BoundSockets sockets, String listener) {
        try {
            return sockets.bind(
                    listener,
                    Files.exists(file) ? Integer.parseInt(Files.readString(file).strip()) : 0);
        } catch (EmbeddedStartException | NumberFormatException takenOrCutShort) {
            return sockets.bind(listener, 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
