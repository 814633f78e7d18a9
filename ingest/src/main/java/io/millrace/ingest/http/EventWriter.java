package io.millrace.ingest.http;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.function.BooleanSupplier;

/** Writes server-sent events. For one thread. */
final class EventWriter {

    private static final int PIECE_BYTES = 16 << 10;

    private final OutputStream out;
    private final BooleanSupplier givenUp;
    private long lastWriteNanos = System.nanoTime();

    /** @param givenUp whether what is being written need not be written to its end */
    EventWriter(OutputStream out, BooleanSupplier givenUp) {
        this.out = out;
        this.givenUp = givenUp;
    }

    void event(String id, String name, String data) throws IOException {
        StringBuilder text =
                new StringBuilder("id: ").append(id).append("\nevent: ").append(name);
        // JSON may hold line breaks between its tokens. These three end a line of the stream, and no others do. U+2028
        // and its like may stand inside a text of JSON, where a line break may not.
        for (String line : data.split("\r\n|\r|\n", -1)) {
            text.append("\ndata: ").append(line);
        }
        write(text.append("\n\n").toString());
    }

    void comment(String text) throws IOException {
        write(": " + text + "\n\n");
        flush();
    }

    private void write(String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        for (int from = 0; from < bytes.length; from += PIECE_BYTES) {
            if (givenUp.getAsBoolean()) {
                throw new IOException("expected the client to keep up, but it is too slow");
            }
            out.write(bytes, from, Math.min(PIECE_BYTES, bytes.length - from));
        }
        lastWriteNanos = System.nanoTime();
    }

    void flush() throws IOException {
        out.flush();
    }

    /** @return time of the last write, as {@link System#nanoTime} has it */
    long lastWriteNanos() {
        return lastWriteNanos;
    }
}
