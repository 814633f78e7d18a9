package io.millrace.infra.embedded;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is wrong with a data folder is said in a line, before anything is started on it. */
class PrivateFolderTest {

    @TempDir
    private Path folder;

    @Test
    void isMadeForItsOwnerOnlyAndSoAreThoseThatWereOpen() throws Exception {
        Path made = folder.resolve("a").resolve("b");
        PrivateFolder.prepare(made);
        Files.createDirectory(made.resolve("kafka"));
        assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(made)));
        Files.setPosixFilePermissions(made, PosixFilePermissions.fromString("rwxr-xr-x"));

        PrivateFolder.prepare(made);

        assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(made)));
    }

    @Test
    void isNotTakenFromOthersWhoUseIt() throws Exception {
        Path shared = Files.createDirectory(folder.resolve("shared"));
        Files.setPosixFilePermissions(shared, PosixFilePermissions.fromString("rwxrwxrwx"));
        Files.createFile(shared.resolve("letter"));

        assertRefused(shared, "but others may use it and it holds other things");

        assertEquals("rwxrwxrwx", PosixFilePermissions.toString(Files.getPosixFilePermissions(shared)));
        assertFalse(Files.exists(shared.resolve("kafka")));
    }

    @Test
    void isRefusedIfItIsAFile() throws Exception {
        Path file = Files.createFile(folder.resolve("file"));
        assertRefused(file, "to be a folder, but it is a file");
        assertRefused(file.resolve("below"), "expected to make and use the data folder " + file.resolve("below"));
    }

    @Test
    void tellsWhenItsDiskIsAboutToBeFull() {
        try (DiskWatch watch = DiskWatch.on(folder, Long.MAX_VALUE)) {
            CompletionException failure = assertThrows(
                    CompletionException.class,
                    () -> watch.low().toCompletableFuture().join());
            assertInstanceOf(EmbeddedStartException.class, failure.getCause());
            assertTrue(failure.getCause().getMessage().contains("make room and start again"));
        }
        try (DiskWatch watch = DiskWatch.on(folder, 0)) {
            assertFalse(watch.low().toCompletableFuture().isDone());
        }
    }

    private static void assertRefused(Path path, String expected) {
        EmbeddedStartException refusal = assertThrows(EmbeddedStartException.class, () -> PrivateFolder.prepare(path));
        assertTrue(refusal.getMessage().contains(expected), refusal::getMessage);
        assertFalse(refusal.getMessage().contains("\n"), refusal::getMessage);
    }
}
