package io.millrace.dispatcher.engine.event;

import io.millrace.dispatcher.engine.command.Payload;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Reads the JSON object of an event as {@link JsonWriter} wrote it. Payloads come out as they went in, byte for byte. What is no
 * such object, or lacks what is asked for, is an {@link IllegalArgumentException}. Not thread-safe.
 */
final class JsonReader {

    private static final int FIELDS = 12;

    private final byte[] json;
    private int at;
    private int count;
    /** Begin and end of each name, and begin and end of its value. */
    private int[] places = new int[FIELDS * 4];

    JsonReader(byte[] json) {
        this.json = json;
        expect('{');
        if (peek() == '}') {
            at++;
        } else {
            do {
                field();
            } while (more());
        }
        if (at != json.length) {
            throw wrong("the end");
        }
    }

    private void field() {
        if (count * 4 == places.length) {
            places = Arrays.copyOf(places, places.length * 2);
        }
        expect('"');
        places[count * 4] = at;
        skipText();
        places[count * 4 + 1] = at - 1;
        expect(':');
        places[count * 4 + 2] = at;
        skipValue();
        places[count * 4 + 3] = at;
        count++;
    }

    private boolean more() {
        byte next = peek();
        at++;
        if (next != ',' && next != '}') {
            throw wrong("',' or '}'");
        }
        return next == ',';
    }

    private void expect(char wanted) {
        if (peek() != wanted) {
            throw wrong("'" + wanted + "'");
        }
        at++;
    }

    private byte peek() {
        if (at >= json.length) {
            throw wrong("more");
        }
        return json[at];
    }

    private IllegalArgumentException wrong(String wanted) {
        return new IllegalArgumentException(
                "expected " + wanted + " at byte " + at + " of the data of an event, but it is not there");
    }

    /** Behind the quotation mark that ends the text which begins here. */
    private void skipText() {
        for (byte b = peek(); b != '"'; b = peek()) {
            at += b == '\\' ? 2 : 1;
        }
        at++;
    }

    /** Up to what ends the value on this level: a payload may have white space around it. */
    private void skipValue() {
        int depth = 0;
        while (true) {
            byte b = peek();
            if (b == '"') {
                at++;
                skipText();
                continue;
            }
            if (depth == 0 && (b == ',' || b == '}')) {
                return;
            }
            if (b == '{' || b == '[') {
                depth++;
            } else if (b == '}' || b == ']') {
                depth--;
            }
            at++;
        }
    }

    /** @return index of the field, -1 if there is none */
    private int find(String name) {
        for (int i = 0; i < count; i++) {
            if (is(name, places[i * 4], places[i * 4 + 1])) {
                return i;
            }
        }
        return -1;
    }

    private boolean is(String name, int from, int to) {
        if (to - from != name.length()) {
            return false;
        }
        for (int i = 0; i < name.length(); i++) {
            if (json[from + i] != name.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    /** @return the value as it stands there, null where there is no such field */
    private byte @Nullable [] value(String name) {
        int i = find(name);
        return i < 0 ? null : Arrays.copyOfRange(json, places[i * 4 + 2], places[i * 4 + 3]);
    }

    private byte[] needed(String name) {
        byte[] value = value(name);
        if (value == null) {
            throw new IllegalArgumentException(
                    "expected a field " + name + " in the data of an event, but there is none");
        }
        return value;
    }

    boolean has(String name) {
        return find(name) >= 0;
    }

    /** @return the text, null for null */
    @Nullable
    String text(String name) {
        return text(needed(name));
    }

    /** @return the text, empty where there is no such field */
    @Nullable
    String optional(String name) {
        byte[] value = value(name);
        return value == null ? "" : text(value);
    }

    UUID id(String name) {
        return UUID.fromString(text(name));
    }

    /** @return null where there is no such field */
    @Nullable
    UUID optionalId(String name) {
        byte[] value = value(name);
        return value == null ? null : UUID.fromString(text(value));
    }

    long number(String name) {
        return Long.parseLong(new String(needed(name), StandardCharsets.US_ASCII));
    }

    long number(String name, long otherwise) {
        return has(name) ? number(name) : otherwise;
    }

    List<Long> numbers(String name) {
        String text = new String(needed(name), StandardCharsets.US_ASCII);
        String inner = text.substring(1, text.length() - 1);
        return inner.isEmpty()
                ? List.of()
                : Arrays.stream(inner.split(",")).map(Long::valueOf).toList();
    }

    boolean bool(String name) {
        return new String(needed(name), StandardCharsets.US_ASCII).equals("true");
    }

    double decimal(String name) {
        String text = new String(needed(name), StandardCharsets.US_ASCII);
        return text.equals("null") ? Double.NaN : Double.parseDouble(text);
    }

    Payload raw(String name) {
        return new Payload(needed(name));
    }

    /** @return the texts in their order, none where there is no such field */
    Map<String, String> texts(String name) {
        byte[] value = value(name);
        Map<String, String> texts = new LinkedHashMap<>();
        if (value != null) {
            JsonReader within = new JsonReader(value);
            for (int i = 0; i < within.count; i++) {
                byte[] key = Arrays.copyOfRange(value, within.places[i * 4] - 1, within.places[i * 4 + 1] + 1);
                byte[] of = Arrays.copyOfRange(value, within.places[i * 4 + 2], within.places[i * 4 + 3]);
                texts.put(text(key), text(of));
            }
        }
        return texts;
    }

    /** @param quoted a text as {@link JsonWriter} writes it, or null */
    private static @Nullable String text(byte @Nullable [] quoted) {
        if (Arrays.equals(quoted, Payload.NULL.json())) {
            return null;
        }
        if (quoted == null || quoted.length < 2 || quoted[0] != '"') {
            throw new IllegalArgumentException("expected a text in the data of an event, but found something else");
        }
        String inner = new String(quoted, 1, quoted.length - 2, StandardCharsets.UTF_8);
        int escape = inner.indexOf('\\');
        if (escape < 0) {
            return inner;
        }
        StringBuilder text = new StringBuilder(inner.length());
        int from = 0;
        for (; escape >= 0; escape = inner.indexOf('\\', from)) {
            text.append(inner, from, escape);
            if (inner.charAt(escape + 1) == 'u') {
                text.append((char) Integer.parseInt(inner, escape + 2, escape + 6, 16));
                from = escape + 6;
            } else {
                text.append(inner.charAt(escape + 1));
                from = escape + 2;
            }
        }
        return text.append(inner, from, inner.length()).toString();
    }
}
