package io.millrace.dispatcher.topology;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.millrace.dispatcher.partition.Instance;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InstanceFileTest {

    @TempDir
    private Path folder;

    @Test
    void staysWithItsFolder() {
        Path data = folder.resolve("data");
        Instance first = InstanceFile.of(data);
        assertEquals(first, InstanceFile.of(data));
        assertNotEquals(first, InstanceFile.of(folder.resolve("another")));
    }

    @Test
    void aFileThatCannotBeUnderstoodMakesANewOne() throws IOException {
        Instance first = InstanceFile.of(folder);
        Files.writeString(folder.resolve("instance"), "");
        Instance next = InstanceFile.of(folder);
        assertNotEquals(first, next);
        assertEquals(next, InstanceFile.of(folder));
    }
}
