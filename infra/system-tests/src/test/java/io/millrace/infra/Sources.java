package io.millrace.infra;

import io.millrace.infra.testing.Repository;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The files of the repository, for tests that hold them to what is there. */
final class Sources {

    static final Path ROOT = Repository.file("");

    private Sources() {}

    /** @return files of the repository that end so, without what was built */
    static List<Path> files(String ending) {
        try (Stream<Path> all = Files.walk(ROOT)) {
            return all.filter(file -> file.getFileName().toString().endsWith(ending))
                    .filter(Sources::isSource)
                    .filter(Files::isRegularFile)
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean isSource(Path file) {
        for (Path part : ROOT.relativize(file)) {
            String name = part.toString();
            if (name.equals("target") || name.equals(".git") || name.equals(".millrace")) {
                return false;
            }
        }
        return true;
    }

    /** @return the text of the file, empty if there is none */
    static String text(Path file) {
        try {
            return Files.exists(file) ? Files.readString(file) : "";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
