package io.millrace.infra.embedded;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * A folder with the data of a PostgreSQL that nobody has used, from which each new one is copied: to make one takes longer than all the
 * rest of a start. It stands beside the programs, in the user's cache folder, and nobody can log in to what it holds. All copies have the
 * same system identifier, by which only replicas and backups of files tell servers apart, and there are none of these.
 */
final class ClusterTemplate {

    private final PostgresBinaries binaries;
    private final Path folder;

    private ClusterTemplate(PostgresBinaries binaries, Path folder) {
        this.binaries = binaries;
        this.folder = folder;
    }

    /** @return the template of these programs, made if there is none. Several processes may ask at a time */
    static ClusterTemplate of(PostgresBinaries binaries) throws IOException {
        List<String> how = new ArrayList<>(List.of("-U", "postgres", "-E", "UTF-8", "-A", "reject"));
        PostgresSettings.locale().entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .forEach(setting -> how.add("--" + setting.getKey() + "=" + setting.getValue()));
        Path folder = binaries.made("cluster" + String.join(" ", how).replaceAll("[^A-Za-z0-9.]+", "-"), draft -> {
            List<String> arguments = new ArrayList<>(List.of("-D", draft.toString()));
            arguments.addAll(how);
            ProgramRun.of(binaries.command("initdb", arguments.toArray(String[]::new)), "", beside(draft));
        });
        return new ClusterTemplate(binaries, folder);
    }

    Path folder() {
        return folder;
    }

    /** Copies it to a folder that is not there, and returns when the copy would outlive a power cut. */
    void copyTo(Path target) throws IOException {
        Files.walkFileTree(folder, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path from, BasicFileAttributes attributes) throws IOException {
                return copy(from);
            }

            @Override
            public FileVisitResult visitFile(Path from, BasicFileAttributes attributes) throws IOException {
                return copy(from);
            }

            private FileVisitResult copy(Path from) throws IOException {
                Files.copy(from, target.resolve(folder.relativize(from)), StandardCopyOption.COPY_ATTRIBUTES);
                return FileVisitResult.CONTINUE;
            }
        });
        ProgramRun.of(binaries.command("initdb", "--sync-only", "-D", target.toString()), "", beside(target));
    }

    private static Path beside(Path folder) {
        return Objects.requireNonNull(folder.getParent(), "the folder that it is in");
    }
}
