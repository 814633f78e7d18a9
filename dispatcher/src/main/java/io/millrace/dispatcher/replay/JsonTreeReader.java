package io.millrace.dispatcher.replay;

import io.millrace.dispatcher.engine.command.Payload;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads JSON as RFC 8259 has it, and nothing else, as a tree: the other way round than {@link JsonTree}. Fields of some names stay as
 * they stand, as payloads. One thread.
 */
final class JsonTreeReader {

    /** So deep is nothing that is written here. */
    private static final int DEEPEST = 200;

    private static final Pattern NUMBER = Pattern.compile("-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][+-]?[0-9]+)?");
    private static final Pattern INTEGER = Pattern.compile("-?[0-9]+");

    private final String text;
    private final Set<String> asTheyStand;
    private int at;

    private JsonTreeReader(String text, Set<String> asTheyStand) {
        this.text = text;
        this.asTheyStand = asTheyStand;
    }

    /**
     * @param asTheyStand names of fields whose values become payloads
     * @return maps, lists, texts, Long, Double, Boolean, payloads and null
     * @throws IllegalArgumentException it is no JSON; the text tells where
     */
    static @Nullable Object read(String text, Set<String> asTheyStand) {
        JsonTreeReader reading = new JsonTreeReader(text, asTheyStand);
        Object tree = reading.value(0);
        reading.space();
        if (reading.at < text.length()) {
            throw reading.wrong("nothing more");
        }
        return tree;
    }

    private @Nullable Object value(int depth) {
        space();
        if (depth > DEEPEST) {
            throw wrong("at most " + DEEPEST + " values in each other");
        }
        return switch (at < text.length() ? text.charAt(at) : 0) {
            case '{' -> map(depth);
            case '[' -> list(depth);
            case '"' -> quoted();
            case 't' -> word("true", true);
            case 'f' -> word("false", false);
            case 'n' -> word("null", null);
            default -> number();
        };
    }

    private Map<String, Object> map(int depth) {
        Map<String, Object> map = new LinkedHashMap<>();
        at++;
        if (ends('}')) {
            return map;
        }
        do {
            space();
            String name = quoted();
            expect(':');
            space();
            int from = at;
            Object value = value(depth + 1);
            if (map.containsKey(name)) {
                throw wrong("each name once, but '" + name + "' a second time is");
            }
            map.put(
                    name,
                    asTheyStand.contains(name)
                            ? Payload.of(text.substring(from, at).getBytes(StandardCharsets.UTF_8))
                            : value);
        } while (!ended('}'));
        return map;
    }

    private List<Object> list(int depth) {
        List<Object> list = new ArrayList<>();
        at++;
        if (ends(']')) {
            return list;
        }
        do {
            list.add(value(depth + 1));
        } while (!ended(']'));
        return list;
    }

    /** @return whether it ends at once */
    private boolean ends(char end) {
        space();
        if (at < text.length() && text.charAt(at) == end) {
            at++;
            return true;
        }
        return false;
    }

    /** @return whether it ends here, and does not go on behind a comma */
    private boolean ended(char end) {
        if (ends(end)) {
            return true;
        }
        if (at >= text.length() || text.charAt(at) != ',') {
            throw wrong("',' or '" + end + "'");
        }
        at++;
        return false;
    }

    private void expect(char wanted) {
        space();
        if (at >= text.length() || text.charAt(at) != wanted) {
            throw wrong("'" + wanted + "'");
        }
        at++;
    }

    private @Nullable Object word(String word, @Nullable Object value) {
        if (!text.startsWith(word, at)) {
            throw wrong("a value");
        }
        at += word.length();
        return value;
    }

    private Number number() {
        int from = at;
        while (at < text.length() && "+-.eE0123456789".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
        String number = text.substring(from, at);
        if (!NUMBER.matcher(number).matches()) {
            at = from;
            throw wrong("a value");
        }
        try {
            return INTEGER.matcher(number).matches()
                    ? (Number) Long.parseLong(number)
                    : (Number) Double.parseDouble(number);
        } catch (NumberFormatException e) {
            return Double.parseDouble(number); // an integer beyond 64 bits
        }
    }

    private String quoted() {
        if (at >= text.length() || text.charAt(at) != '"') {
            throw wrong("a text in quotation marks");
        }
        at++;
        StringBuilder read = new StringBuilder();
        while (at < text.length() && text.charAt(at) != '"') {
            char c = text.charAt(at++);
            if (c < 0x20) {
                at--;
                throw wrong("a text without control characters");
            }
            read.append(c == '\\' ? escaped() : c);
        }
        if (at >= text.length()) {
            throw wrong("the end of a text");
        }
        at++;
        return read.toString();
    }

    private char escaped() {
        char c = at < text.length() ? text.charAt(at++) : 0;
        return switch (c) {
            case '"', '\\', '/' -> c;
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'u' -> {
                if (at + 4 > text.length() || !text.substring(at, at + 4).matches("[0-9a-fA-F]{4}")) {
                    throw wrong("four hexadecimal digits");
                }
                at += 4;
                yield (char) Integer.parseInt(text.substring(at - 4, at), 16);
            }
            default -> throw wrong("an escape of JSON");
        };
    }

    private void space() {
        while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
    }

    private IllegalArgumentException wrong(String wanted) {
        return new IllegalArgumentException("expected " + wanted
                + (at >= text.length()
                        ? ", but the text ends there, after " + text.length() + " characters"
                        : " at character " + (at + 1) + ", but there is " + shown(text.charAt(at))));
    }

    private static String shown(char found) {
        return Character.isISOControl(found) ? String.format("U+%04X", (int) found) : "'" + found + "'";
    }
}
