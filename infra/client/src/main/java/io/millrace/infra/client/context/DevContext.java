package io.millrace.infra.client.context;

import io.millrace.infra.client.api.Target;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What a development server leaves in its data folder, so that commands find the server. They find it in the folder
 * that has the data folder {@value #FOLDER}, and in all folders below it. Its name is {@value #NAME}.
 */
public final class DevContext {

    /** Name of the context. */
    public static final String NAME = "dev";

    /** The data folder if none is named. */
    public static final String FOLDER = ".millrace";

    private static final String FILE = "client.json";

    private DevContext() {}

    /**
     * Writes the context.
     *
     * @param data the server's folder
     */
    public static void write(Path data, Target target) {
        PrivateJson.write(data.resolve(FILE), Contexts.said(target));
    }

    /**
     * Deletes the context of an earlier server, whose key is not known any more.
     *
     * @param data the server's folder
     */
    public static void forget(Path data) throws IOException {
        Files.deleteIfExists(data.resolve(FILE));
    }

    /** @return the context of the data folder */
    public static Optional<Target> in(Path data) {
        return PrivateJson.read(data.resolve(FILE)).map(said -> Contexts.target(NAME, said));
    }

    /** @return the nearest data folder with a context: in the given folder, or in one above it */
    public static Optional<Path> find(Path folder) {
        for (Path at = folder.toAbsolutePath().normalize(); at != null; at = at.getParent()) {
            Path data = at.resolve(FOLDER);
            if (Files.isReadable(data.resolve(FILE))) {
                return Optional.of(data);
            }
        }
        return Optional.empty();
    }
}
