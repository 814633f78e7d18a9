package io.millrace.infra.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Folders of servers that live for one command. */
public final class TemporaryFolder {

    private TemporaryFolder() {}

    /** @return a folder that did not exist */
    public static Path make(String prefix) throws IOException {
        return Files.createTempDirectory(prefix);
    }

    /** Deletes it with all that is in it; what vanishes meanwhile by itself is no fault. */
    public static void delete(Path folder) throws IOException {
        List<Path> paths;
        try (Stream<Path> walk = Files.walk(folder)) {
            paths = walk.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path path : paths) {
            Files.deleteIfExists(path);
        }
    }
}
