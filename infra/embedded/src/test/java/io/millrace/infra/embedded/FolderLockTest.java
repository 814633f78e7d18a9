package io.millrace.infra.embedded;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FolderLockTest {

    @TempDir
    private Path folder;

    @Test
    void itIsHeldUntilItIsClosed() {
        try (FolderLock lock = FolderLock.take(folder)) {
            assertTrue(FolderLock.isHeld(folder));
            EmbeddedStartException second = assertThrows(
                    EmbeddedStartException.class, () -> FolderLock.take(folder).close());
            assertTrue(second.getMessage().contains("a running Millrace uses it"), second::getMessage);
        }
        assertFalse(FolderLock.isHeld(folder));
    }

    @Test
    void aFolderThatCannotBeUsedIsNotTakenForOneThatIsHeld() throws IOException {
        Path file = Files.createFile(folder.resolve("file"));

        EmbeddedStartException unusable = assertThrows(EmbeddedStartException.class, () -> FolderLock.isHeld(file));

        assertTrue(unusable.getMessage().contains("to be a folder, but it is a file"), unusable::getMessage);
    }
}
