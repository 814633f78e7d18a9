package io.millrace.dispatcher.engine.event;

import io.millrace.dispatcher.engine.command.Payload;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
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

    private static final int ROOM = 256;
    private static final int FIRST_PRINTABLE = 0x20;
    private static final int BEHIND_ASCII = 0x80;

    private byte[] out = new byte[ROOM];
    private int length;
    private boolean first = true;

    /** Starts the object. */
    public JsonWriter() {
        put('{');
    }

    private void put(char ascii) {
        room(1);
        out[length++] = (byte) ascii;
    }

    private void put(byte[] bytes, int from, int to) {
        room(to - from);
        System.arraycopy(bytes, from, out, length, to - from);
        length += to - from;
    }

    private void put(byte[] bytes) {
        put(bytes, 0, bytes.length);
    }

    private void ascii(String text) {
        room(text.length());
        for (int i = 0; i < text.length(); i++) {
            out[length++] = (byte) text.charAt(i);
        }
    }

    private void room(int bytes) {
        if (out.length - length < bytes) {
            out = Arrays.copyOf(out, Math.max(2 * out.length, length + bytes));
        }
    }

    /** Adds a text; null is written as null. */
    public JsonWriter text(String name, @Nullable String value) {
        name(name);
        if (value == null) {
            put(Payload.NULL.json());
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
        ascii(Long.toString(value));
        return this;
    }

    /** Adds an array of whole numbers. */
    public JsonWriter numbers(String name, List<Long> values) {
        name(name);
        String text = values.stream().map(value -> Long.toString(value)).collect(Collectors.joining(",", "[", "]"));
        ascii(text);
        return this;
    }

    /** Adds a decimal; what JSON cannot express becomes null. */
    public JsonWriter decimal(String name, double value) {
        name(name);
        String text = Double.isFinite(value) ? Double.toString(value) : "null";
        ascii(text);
        return this;
    }

    /** Adds true or false. */
    public JsonWriter bool(String name, boolean value) {
        name(name);
        ascii(Boolean.toString(value));
        return this;
    }

    /** Adds a payload as the JSON value that it is. */
    public JsonWriter raw(String name, @Nullable Payload value) {
        name(name);
        put(Objects.requireNonNull(value, name).json());
        return this;
    }

    /** Adds an object of texts, in the map's order. */
    public JsonWriter texts(String name, Map<String, String> values) {
        name(name);
        put('{');
        boolean firstEntry = true;
        for (Map.Entry<String, String> entry : values.entrySet()) {
            if (!firstEntry) {
                put(',');
            }
            firstEntry = false;
            quoted(entry.getKey());
            put(':');
            quoted(entry.getValue());
        }
        put('}');
        return this;
    }

    /** @return the finished object, UTF-8 */
    public byte[] finish() {
        put('}');
        return Arrays.copyOf(out, length);
    }

    private void name(String name) {
        if (!first) {
            put(',');
        }
        first = false;
        quoted(name);
        put(':');
    }

    /** Hardly any text has something to escape, or anything but ASCII: such a one goes out as it is. */
    private void quoted(String value) {
        int size = value.length();
        room(size + 2);
        int begin = length;
        out[length++] = '"';
        for (int i = 0; i < size; i++) {
            char c = value.charAt(i);
            if (c < FIRST_PRINTABLE || c >= BEHIND_ASCII || c == '"' || c == '\\') {
                length = begin;
                escaped(value);
                return;
            }
            out[length++] = (byte) c;
        }
        out[length++] = '"';
    }

    /** Whatever lies between the places that are to be escaped goes out at once. */
    private void escaped(String value) {
        byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
        put('"');
        int written = 0;
        for (int i = 0; i < bytes.length; i++) {
            byte b = bytes[i];
            if (b == '"' || b == '\\' || (b >= 0 && b < FIRST_PRINTABLE)) {
                put(bytes, written, i);
                written = i + 1;
                escaped(b);
            }
        }
        put(bytes, written, bytes.length);
        put('"');
    }

    private void escaped(byte b) {
        if (b >= FIRST_PRINTABLE) {
            put('\\');
            put((char) b);
        } else {
            ascii("\\u00");
            put((char) HEX[b >> 4]);
            put((char) HEX[b & 0xf]);
        }
    }
}
