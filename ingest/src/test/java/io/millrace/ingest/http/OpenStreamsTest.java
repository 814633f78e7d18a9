package io.millrace.ingest.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class OpenStreamsTest {

    @Test
    void whatIsGivenUpIsNotWrittenToItsEnd() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        EventWriter writer = new EventWriter(out, () -> out.size() > 0);

        assertThrows(IOException.class, () -> writer.event("1", "data", "x".repeat(1 << 20)));

        assertEquals(16 << 10, out.size());
    }

    @Test
    void thereAreNoMoreThanSoMany() {
        OpenStreams open = new OpenStreams(1);
        assertTrue(open.enter());
        assertFalse(open.enter());

        open.leave();

        assertTrue(open.enter());
    }
}
