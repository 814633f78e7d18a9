package io.millrace.dispatcher.topology;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.millrace.dispatcher.partition.Instance;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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

    /** By text, by zeros as after a loss of power, and by bytes that are no text at all. */
    @ParameterizedTest
    @ValueSource(strings = {"", "5a5a5a5a5a5a5a5a5a5a", "00000000", "ffc1fe80", "c3"})
    void aFileThatCannotBeUnderstoodMakesANewOne(String bytes) throws IOException {
        Instance first = InstanceFile.of(folder);
        Files.write(folder.resolve("instance"), HexFormat.of().parseHex(bytes));
        Instance next = InstanceFile.of(folder);
        assertNotEquals(first, next);
        assertEquals(next, InstanceFile.of(folder));
    }
}
