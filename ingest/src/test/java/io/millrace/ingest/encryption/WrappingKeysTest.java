package io.millrace.ingest.encryption;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WrappingKeysTest {

    private static final byte[] PLACE = {1, 2, 3};

    @TempDir
    private Path folder;

    @Test
    void theFirstKeyWrapsAndAllUnwrap() throws IOException {
        byte[] dataKey = Gcm.random(Gcm.KEY_BYTES);
        WrappingKey old = WrappingKeys.read(file(line("old", 1))).first();
        byte[] wrapped = old.wrap(dataKey, PLACE);

        WrappingKeys both = WrappingKeys.read(file(line("new", 2) + line("old", 1)));

        assertEquals("new", both.first().id());
        assertArrayEquals(
                dataKey, both.named("old").orElseThrow().unwrap(wrapped, PLACE).orElseThrow());
        assertEquals(Optional.empty(), both.first().unwrap(wrapped, PLACE));
        assertEquals(Optional.empty(), both.named("old").orElseThrow().unwrap(wrapped, new byte[] {4}));
    }

    @Test
    void aFileThatCannotBeUsedIsRefusedWithoutASecret() throws IOException {
        String secret = Base64.getEncoder().encodeToString(new byte[31]);
        for (String text : new String[] {"", "k1 " + secret, "k1", line("a b", 1), line("k", 1) + line("k", 2)}) {
            Path file = file(text);
            String said = assertThrows(IllegalArgumentException.class, () -> WrappingKeys.read(file))
                    .getMessage();
            assertTrue(said.contains("expected"), said);
            assertFalse(said.contains(secret), said);
        }
        assertThrows(IllegalArgumentException.class, () -> WrappingKeys.read(folder.resolve("none")));
    }

    private Path file(String text) throws IOException {
        return Files.writeString(Files.createTempFile(folder, "keys", ""), text);
    }

    private static String line(String id, int seed) {
        byte[] secret = new byte[32];
        secret[0] = (byte) seed;
        return id + " " + Base64.getEncoder().encodeToString(secret) + "\n";
    }
}
