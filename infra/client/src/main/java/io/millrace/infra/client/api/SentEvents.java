package io.millrace.infra.client.api;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Server-sent events, one after the other. Lines end with LF or CR LF, as the server writes them. For one thread.
 */
public final class SentEvents implements AutoCloseable {

    private final InputStream in;

    SentEvents(InputStream in) {
        this.in = new BufferedInputStream(in);
    }

    /**
     * One event.
     *
     * @param id its place in the stream, after which a later stream can go on
     * @param name kind of the event
     * @param data text of the event
     */
    public record Event(String id, String name, String data) {}

    /**
     * Waits for the next event.
     *
     * @return empty at the end of the stream
     * @throws IOException if the stream breaks off before its end, or says nothing for long
     */
    public Optional<Event> next() throws IOException {
        String id = "";
        String name = "message";
        StringBuilder data = null;
        for (String line = line(); line != null; line = line()) {
            if (line.isEmpty()) {
                if (data != null) {
                    return Optional.of(new Event(id, name, data.toString()));
                }
                continue;
            }
            int colon = line.indexOf(':');
            String field = colon < 0 ? line : line.substring(0, colon);
            String value = colon < 0 ? "" : line.substring(colon + 1);
            value = value.startsWith(" ") ? value.substring(1) : value;
            switch (field) {
                case "id" -> id = value;
                case "event" -> name = value;
                case "data" ->
                    data = data == null
                            ? new StringBuilder(value)
                            : data.append('\n').append(value);
                default -> {
                    // a comment, which keeps the connection alive
                }
            }
        }
        return Optional.empty();
    }

    /** Reads a line of bytes. A reader of texts would take other characters for the end of a line as well. */
    private @Nullable String line() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int next = in.read(); next >= 0; next = in.read()) {
            if (next == '\n') {
                String text = line.toString(StandardCharsets.UTF_8);
                return text.endsWith("\r") ? text.substring(0, text.length() - 1) : text;
            }
            line.write(next);
        }
        return null;
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
