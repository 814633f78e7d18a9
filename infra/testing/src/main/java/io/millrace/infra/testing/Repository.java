package io.millrace.infra.testing;

import java.nio.file.Files;
import java.nio.file.Path;

/** The checkout that the tests run in, wherever its modules are. */
public final class Repository {

    private Repository() {}

    /** @return a file by its path from the top of the checkout, such as docs/configuration.md */
    public static Path file(String path) {
        for (Path folder = Path.of("").toAbsolutePath(); folder != null; folder = folder.getParent()) {
            if (Files.isDirectory(folder.resolve("docs")) && Files.isDirectory(folder.resolve("proto"))) {
                return folder.resolve(path);
            }
        }
        throw new AssertionError("expected to run within a checkout, but no folder above has docs and proto");
    }
}
