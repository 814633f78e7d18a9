package io.millrace.infra.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Folders of servers that run for a single command. */
public final class TemporaryFolder {

    private TemporaryFolder() {}

    /** @return a new folder */
    public static Path make(String prefix) throws IOException {
        return Files.createTempDirectory(prefix);
    }

    /** Deletes the folder with everything in it. It is no fault if something vanishes by itself meanwhile. */
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
