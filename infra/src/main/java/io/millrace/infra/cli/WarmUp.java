package io.millrace.infra.cli;

import io.millrace.infra.embedded.EmbeddedDatabase;
import io.millrace.infra.embedded.EmbeddedKafka;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import picocli.CommandLine.Command;

/**
 * Starts and stops what a development server starts, on a folder that is thrown away. The launcher lets the JVM watch
 * this run and keeps what it learned of the classes, so that later starts are quicker.
 */
@Command(name = "warm-up", hidden = true, description = "Starts and stops the parts once, to record a start cache.")
public final class WarmUp implements Callable<Integer> {

    @Override
    public Integer call() throws IOException {
        Path folder = Files.createTempDirectory("millrace-warm-up");
        try {
            CompletableFuture<Void> database =
                    CompletableFuture.runAsync(() -> EmbeddedDatabase.start(folder.resolve("postgres")).close());
            EmbeddedKafka.start(folder.resolve("kafka"), 0).close();
            database.join();
        } finally {
            delete(folder);
        }
        return 0;
    }

    private static void delete(Path folder) throws IOException {
        Files.walkFileTree(folder, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path directory, IOException failure) throws IOException {
                Files.delete(directory);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
