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
    /** So many digits are within a long, whatever they are. */
    private static final int SURE_DIGITS = 18;

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

    /** @return index of the field */
    private int needed(String name) {
        int i = find(name);
        if (i < 0) {
            throw new IllegalArgumentException(
                    "expected a field " + name + " in the data of an event, but there is none");
        }
        return i;
    }

    private int from(int field) {
        return places[field * 4 + 2];
    }

    private int to(int field) {
        return places[field * 4 + 3];
    }

    /** @return the value as it stands there */
    private String ascii(String name) {
        int field = needed(name);
        return new String(json, from(field), to(field) - from(field), StandardCharsets.US_ASCII);
    }

    boolean has(String name) {
        return find(name) >= 0;
    }

    /** @return the text, null for null */
    @Nullable
    String text(String name) {
        int field = needed(name);
        return text(from(field), to(field));
    }

    /** @return the text, empty where there is no such field */
    @Nullable
    String optional(String name) {
        int field = find(name);
        return field < 0 ? "" : text(from(field), to(field));
    }

    UUID id(String name) {
        return UUID.fromString(text(name));
    }

    /** @return null where there is no such field */
    @Nullable
    UUID optionalId(String name) {
        return has(name) ? id(name) : null;
    }

    /** Nearly always there are a few digits, and nothing else. */
    long number(String name) {
        int field = needed(name);
        int from = from(field);
        int to = to(field);
        if (from == to || to - from > SURE_DIGITS) {
            return Long.parseLong(ascii(name));
        }
        long number = 0;
        for (int i = from; i < to; i++) {
            int digit = json[i] - '0';
            if (digit < 0 || digit > 9) {
                return Long.parseLong(ascii(name));
            }
            number = number * 10 + digit;
        }
        return number;
    }

    long number(String name, long otherwise) {
        return has(name) ? number(name) : otherwise;
    }

    List<Long> numbers(String name) {
        String text = ascii(name);
        String inner = text.substring(1, text.length() - 1);
        return inner.isEmpty()
                ? List.of()
                : Arrays.stream(inner.split(",")).map(Long::valueOf).toList();
    }

    boolean bool(String name) {
        return ascii(name).equals("true");
    }

    double decimal(String name) {
        String text = ascii(name);
        return text.equals("null") ? Double.NaN : Double.parseDouble(text);
    }

    Payload raw(String name) {
        int field = needed(name);
        return new Payload(Arrays.copyOfRange(json, from(field), to(field)));
    }

    /** @return the texts in their order, none where there is no such field */
    Map<String, String> texts(String name) {
        int field = find(name);
        Map<String, String> texts = new LinkedHashMap<>();
        if (field >= 0) {
            JsonReader within = new JsonReader(Arrays.copyOfRange(json, from(field), to(field)));
            for (int i = 0; i < within.count; i++) {
                texts.put(
                        within.text(within.places[i * 4] - 1, within.places[i * 4 + 1] + 1),
                        within.text(within.from(i), within.to(i)));
            }
        }
        return texts;
    }

    /** @return what stands between the places, a text as {@link JsonWriter} writes it, or null */
    private @Nullable String text(int from, int to) {
        byte[] none = Payload.NULL.json();
        if (Arrays.equals(json, from, to, none, 0, none.length)) {
            return null;
        }
        if (to - from < 2 || json[from] != '"') {
            throw new IllegalArgumentException("expected a text in the data of an event, but found something else");
        }
        String inner = new String(json, from + 1, to - from - 2, StandardCharsets.UTF_8);
        int escape = inner.indexOf('\\');
        if (escape < 0) {
            return inner;
        }
        StringBuilder text = new StringBuilder(inner.length());
        int done = 0;
        for (; escape >= 0; escape = inner.indexOf('\\', done)) {
            text.append(inner, done, escape);
            if (inner.charAt(escape + 1) == 'u') {
                text.append((char) Integer.parseInt(inner, escape + 2, escape + 6, 16));
                done = escape + 6;
            } else {
                text.append(inner.charAt(escape + 1));
                done = escape + 2;
            }
        }
        return text.append(inner, done, inner.length()).toString();
    }
}
