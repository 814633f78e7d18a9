package io.millrace.ingest.validation;

import com.google.protobuf.ByteString;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Walks over the bytes of a JSON text once: to cut an object into its fields, or to see that it is one value. It makes no parser, which
 * would be most of what is thrown away for such a text. It accepts less than JSON allows, and nothing else: what it does not know, right
 * or wrong, is left to a parser. One thread, and for one text.
 */
final class FieldScan {

    /** Objects and arrays within each other. Few have more, and how many there may be is the parser's to say. */
    private static final int MOST_LEVELS = 64;

    /** Places of names that stand in nearly every event, by their hash: a power of two. */
    private static final int PLACES = 256;

    private static final String[] NAMES = new String[PLACES];
    private static final byte[][] NAME_BYTES = new byte[PLACES][];

    static {
        for (String name : ForgetfulJsonFactory.NAMES) {
            byte[] bytes = name.getBytes(StandardCharsets.US_ASCII);
            int hash = 0;
            for (byte b : bytes) {
                hash = 31 * hash + b;
            }
            NAMES[place(hash)] = name;
            NAME_BYTES[place(hash)] = bytes;
        }
    }

    private final byte[] bytes;
    private final int begin;
    private final int end;
    private int at;
    private int mostDigits;
    /** In bytes, which are no fewer than its characters. */
    private int longestName;

    private FieldScan(byte[] bytes, int begin, int end) {
        this.bytes = bytes;
        this.begin = begin;
        this.end = end;
        this.at = begin;
    }

    /**
     * @param text in one piece, which begins at the place of the array
     * @return the fields in their order, each as a slice of the text; null: ask a parser
     */
    static @Nullable Map<String, ByteString> fields(ByteString text, byte[] array, int offset) {
        return text.isValidUtf8() ? new FieldScan(array, offset, offset + text.size()).object(text) : null;
    }

    /**
     * @param text as for {@link #fields}
     * @return whether it is one JSON value within the limits of a payload; false: ask a parser
     */
    static boolean isPayload(ByteString text, byte[] array, int offset) {
        return new FieldScan(array, offset, offset + text.size()).isPayload();
    }

    private boolean isPayload() {
        blanks();
        if (!value(1)) {
            return false;
        }
        blanks();
        return at == end && mostDigits <= JsonText.MAX_DIGITS && longestName <= JsonText.MAX_FIELD_CHARS;
    }

    private static int place(int hash) {
        return (hash ^ hash >>> 16) & (PLACES - 1);
    }

    private @Nullable Map<String, ByteString> object(ByteString text) {
        Map<String, ByteString> fields = new LinkedHashMap<>();
        blanks();
        if (!passes('{')) {
            return null;
        }
        blanks();
        boolean more = !passes('}');
        while (more) {
            String name = name();
            blanks();
            if (name == null || !passes(':')) {
                return null;
            }
            blanks();
            int from = at;
            if (!value(1) || fields.put(name, text.substring(from - begin, at - begin)) != null) {
                return null;
            }
            blanks();
            more = passes(',');
            if (more) {
                blanks();
            } else if (!passes('}')) {
                return null;
            }
        }
        blanks();
        return at == end ? fields : null;
    }

    /** @return null for a name that does not stand for itself */
    private @Nullable String name() {
        if (!passes('"')) {
            return null;
        }
        int from = at;
        int hash = 0;
        for (; at < end && bytes[at] != '"'; at++) {
            byte b = bytes[at];
            if (b < ' ' || b == '\\') { // bytes of what is no ASCII are negative
                return null;
            }
            hash = 31 * hash + b;
        }
        int to = at;
        if (!passes('"')) {
            return null;
        }
        byte[] known = NAME_BYTES[place(hash)];
        return known != null && Arrays.equals(known, 0, known.length, bytes, from, to)
                ? NAMES[place(hash)]
                : new String(bytes, from, to - from, StandardCharsets.US_ASCII);
    }

    /** @return whether a value ends here */
    private boolean value(int level) {
        if (at == end || level > MOST_LEVELS) {
            return false;
        }
        return switch (bytes[at]) {
            case '"' -> text(true);
            case '{' -> members(level, '}', true);
            case '[' -> members(level, ']', false);
            case 't' -> passes("true");
            case 'f' -> passes("false");
            case 'n' -> passes("null");
            default -> wholeNumber();
        };
    }

    private boolean members(int level, char last, boolean named) {
        at++;
        blanks();
        if (passes(last)) {
            return true;
        }
        do {
            blanks();
            if (named) {
                int from = at;
                // A parser reads names, and refuses half a character in them; what else is escaped it only passes over.
                if (at == end || bytes[at] != '"' || !text(false)) {
                    return false;
                }
                longestName = Math.max(longestName, at - from);
                blanks();
                if (!passes(':')) {
                    return false;
                }
                blanks();
            }
            if (!value(level + 1)) {
                return false;
            }
            blanks();
        } while (passes(','));
        return passes(last);
    }

    private boolean text(boolean mayEscape) {
        at++;
        while (at < end) {
            byte b = bytes[at++];
            if (b == '"') {
                return true;
            }
            if (b == '\\' ? !mayEscape || !escape() : b >= 0 && b < ' ') {
                return false;
            }
        }
        return false;
    }

    private boolean escape() {
        if (at == end) {
            return false;
        }
        byte b = bytes[at++];
        if (b != 'u') {
            return "\"\\/bfnrt".indexOf(b) >= 0;
        }
        for (int i = 0; i < 4; i++) {
            if (at == end || Character.digit(bytes[at++], 16) < 0) {
                return false;
            }
        }
        return true;
    }

    /** Fractions and exponents are rare, and have more rules. */
    private boolean wholeNumber() {
        passes('-');
        int from = at;
        while (at < end && bytes[at] >= '0' && bytes[at] <= '9') {
            at++;
        }
        int digits = at - from;
        mostDigits = Math.max(mostDigits, digits + 1);
        return digits == 1
                || digits > 1 && bytes[from] != '0'; // whatever goes on with it is none of what may come next
    }

    private void blanks() {
        while (at < end && isBlank(bytes[at])) {
            at++;
        }
    }

    private static boolean isBlank(byte b) {
        return b == ' ' || b == '\n' || b == '\r' || b == '\t';
    }

    private boolean passes(char character) {
        if (at < end && bytes[at] == character) {
            at++;
            return true;
        }
        return false;
    }

    private boolean passes(String word) {
        if (end - at < word.length()) {
            return false;
        }
        for (int i = 0; i < word.length(); i++) {
            if (bytes[at + i] != word.charAt(i)) {
                return false;
            }
        }
        at += word.length();
        return true;
    }
}
