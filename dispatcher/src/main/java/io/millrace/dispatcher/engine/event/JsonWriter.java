package io.millrace.dispatcher.engine.event;

import io.millrace.dispatcher.engine.command.Payload;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Writes the JSON object of an event. Its bytes enter the hash chain, so the form is fixed here and must never change with a
 * library. Fields stand in the order of the calls, without white space; payloads verbatim; everything but quotation marks,
 * backslashes and control characters as plain UTF-8. Not thread-safe.
 */
public final class JsonWriter {

    private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

    private final ByteArrayOutputStream out = new ByteArrayOutputStream(128);
    private boolean first = true;

    /** Starts the object. */
    public JsonWriter() {
        out.write('{');
    }

    /** Adds a text; null is written as null. */
    public JsonWriter text(String name, @Nullable String value) {
        name(name);
        if (value == null) {
            out.writeBytes(Payload.NULL.json());
        } else {
            quoted(value);
        }
        return this;
    }

    /** Adds a text unless it is null or empty. */
    public JsonWriter optional(String name, @Nullable String value) {
        return value == null || value.isEmpty() ? this : text(name, value);
    }

    /** Adds an id as canonical text unless it is null. */
    public JsonWriter id(String name, @Nullable Object id) {
        return id == null ? this : text(name, id.toString());
    }

    /** Adds a whole number. */
    public JsonWriter number(String name, long value) {
        name(name);
        out.writeBytes(Long.toString(value).getBytes(StandardCharsets.US_ASCII));
        return this;
    }

    /** Adds an array of whole numbers. */
    public JsonWriter numbers(String name, List<Long> values) {
        name(name);
        String text = values.stream().map(value -> Long.toString(value)).collect(Collectors.joining(",", "[", "]"));
        out.writeBytes(text.getBytes(StandardCharsets.US_ASCII));
        return this;
    }

    /** Adds a decimal; what JSON cannot express becomes null. */
    public JsonWriter decimal(String name, double value) {
        name(name);
        String text = Double.isFinite(value) ? Double.toString(value) : "null";
        out.writeBytes(text.getBytes(StandardCharsets.US_ASCII));
        return this;
    }

    /** Adds true or false. */
    public JsonWriter bool(String name, boolean value) {
        name(name);
        out.writeBytes(Boolean.toString(value).getBytes(StandardCharsets.US_ASCII));
        return this;
    }

    /** Adds a payload as the JSON value that it is. */
    public JsonWriter raw(String name, @Nullable Payload value) {
        name(name);
        out.writeBytes(Objects.requireNonNull(value, name).json());
        return this;
    }

    /** Adds an object of texts, in the map's order. */
    public JsonWriter texts(String name, Map<String, String> values) {
        name(name);
        out.write('{');
        boolean firstEntry = true;
        for (Map.Entry<String, String> entry : values.entrySet()) {
            if (!firstEntry) {
                out.write(',');
            }
            firstEntry = false;
            quoted(entry.getKey());
            out.write(':');
            quoted(entry.getValue());
        }
        out.write('}');
        return this;
    }

    /** @return the finished object, UTF-8 */
    public byte[] finish() {
        out.write('}');
        return out.toByteArray();
    }

    private void name(String name) {
        if (!first) {
            out.write(',');
        }
        first = false;
        quoted(name);
        out.write(':');
    }

    /** Hardly any text has something to escape, so whatever lies between such places goes out at once. */
    private void quoted(String value) {
        byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
        out.write('"');
        int written = 0;
        for (int i = 0; i < bytes.length; i++) {
            byte b = bytes[i];
            if (b == '"' || b == '\\' || (b >= 0 && b < 0x20)) {
                out.write(bytes, written, i - written);
                written = i + 1;
                escaped(b);
            }
        }
        out.write(bytes, written, bytes.length - written);
        out.write('"');
    }

    private void escaped(byte b) {
        if (b >= 0x20) {
            out.write('\\');
            out.write(b);
        } else {
            out.writeBytes("\\u00".getBytes(StandardCharsets.US_ASCII));
            out.write(HEX[b >> 4]);
            out.write(HEX[b & 0xf]);
        }
    }
}
