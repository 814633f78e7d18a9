package io.millrace.ingest.validation;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.google.protobuf.ByteString;
import io.millrace.proto.WholeText;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A JSON object cut into its fields. Each value is a slice of the text, byte for byte as it came, so that numbers and
 * spelling survive. What does not fit is a {@link RefusedException} that names the field.
 */
public final class JsonFields {

    private static final ByteString NULL = ByteString.copyFromUtf8("null");
    private static final ByteString TRUE = ByteString.copyFromUtf8("true");
    private static final ByteString FALSE = ByteString.copyFromUtf8("false");
    private static final JsonFactory FACTORY = new JsonFactory();
    private static final int MAX_INTEGER_DIGITS = 20;
    /** Whole numbers of so many digits fit into 64 bits. */
    private static final int FEW_DIGITS = 18;

    private final Map<String, ByteString> fields;
    private final boolean asked;

    private JsonFields(Map<String, ByteString> fields, boolean asked) {
        this.fields = fields;
        this.asked = asked;
    }

    /**
     * @param text a JSON object in UTF-8, as a request brings it
     * @throws RefusedException if it is no object, or names a field twice. A text with half a character in it is
     *     refused only when it is asked for
     */
    public static JsonFields ofRequest(ByteString text) {
        if (!text.isValidUtf8()) {
            throw RefusedException.invalid(
                    "expected a JSON object in UTF-8, but the " + text.size() + " bytes are no UTF-8");
        }
        return parse(text, true);
    }

    /**
     * @param text a JSON object in UTF-8, as it stands in the log, which may be older than today's checks
     * @throws RefusedException if it is none, or names a field twice
     */
    public static JsonFields parse(ByteString text) {
        return parse(text, false);
    }

    private static JsonFields parse(ByteString text, boolean asked) {
        Map<String, ByteString> fields = JsonText.fields(text);
        return new JsonFields(fields == null ? parsed(text) : fields, asked);
    }

    /** @return the fields of any JSON object */
    static Map<String, ByteString> parsed(ByteString text) {
        Map<String, ByteString> fields = new LinkedHashMap<>();
        try (JsonParser parser = JsonText.parser(text)) {
            JsonToken first = parser.nextToken();
            if (first == null) {
                throw notAnObject(parser.currentLocation(), "it ends");
            }
            if (first != JsonToken.START_OBJECT) {
                throw notAnObject(parser.currentTokenLocation(), "another value begins");
            }
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String name = parser.currentName();
                parser.nextToken();
                int start = (int) parser.currentTokenLocation().getByteOffset();
                parser.skipChildren();
                // Texts are read lazily; only a finished token says where it ends.
                parser.finishToken();
                int end = (int) parser.currentLocation().getByteOffset();
                if (fields.put(name, text.substring(start, end)) != null) {
                    throw RefusedException.invalid(
                            "expected each field once, but " + Checks.shown(name) + " stands twice");
                }
            }
            if (parser.nextToken() != null) {
                throw notAnObject(parser.currentTokenLocation(), "more comes after it");
            }
        } catch (StreamConstraintsException tooDeep) {
            throw RefusedException.invalid(
                    "expected at most " + JsonText.MAX_LEVELS + " levels of JSON in each field, but got more");
        } catch (JsonProcessingException notJson) {
            throw notAnObject(notJson.getLocation(), "it is no JSON");
        } catch (IOException e) {
            throw new UncheckedIOException("expected to read memory without errors, but failed", e);
        }
        return fields;
    }

    /** @return a JSON object of these fields; values are JSON texts, empty for null */
    public static ByteString write(Map<String, ByteString> fields) {
        ByteString.Output out = ByteString.newOutput();
        try (JsonGenerator json = FACTORY.createGenerator(out)) {
            json.writeStartObject();
            for (Map.Entry<String, ByteString> field : fields.entrySet()) {
                json.writeFieldName(field.getKey());
                json.writeRawValue(new WrittenJson(field.getValue()));
            }
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException("expected to write to memory without errors, but failed", e);
        }
        return out.toByteString();
    }

    /** @throws RefusedException if there is a field that is not one of these */
    public JsonFields only(Set<String> known) {
        for (String name : fields.keySet()) {
            if (!known.contains(name)) {
                String expected = known.isEmpty()
                        ? "no fields"
                        : "only the fields " + known.stream().sorted().toList();
                throw RefusedException.invalid("expected " + expected + ", but got " + Checks.shown(name));
            }
        }
        return this;
    }

    /** @return the one of two names of a field that the object has, the first where it has none */
    public String either(String name, String other) {
        if (fields.containsKey(name) && fields.containsKey(other)) {
            throw RefusedException.invalid("expected " + name + " or " + other + ", but got both");
        }
        return fields.containsKey(other) ? other : name;
    }

    /** @return the value as it came; empty where the field is absent */
    public Optional<ByteString> raw(String name) {
        return Optional.ofNullable(fields.get(name));
    }

    /** @return the value as it came, no bytes where the field is absent */
    public ByteString payload(String name) {
        return fields.getOrDefault(name, ByteString.EMPTY);
    }

    /** @return the text; empty where the field is absent or null */
    public Optional<String> text(String name) {
        return value(name).map(raw -> text(name, raw));
    }

    /** @return the whole number, which may be written as 2.0 or 2e3; empty where the field is absent or null */
    public Optional<Long> integer(String name) {
        return value(name).map(raw -> {
            if (isPlainNumber(raw)) {
                return plainNumber(raw);
            }
            BigDecimal number = number(name, raw);
            // Beyond 20 digits in front of the point no power of ten is worked out.
            if (number.signum() != 0 && number.precision() - (long) number.scale() > MAX_INTEGER_DIGITS) {
                throw tooLong(name);
            }
            try {
                return number.longValueExact();
            } catch (ArithmeticException e) {
                if (number.stripTrailingZeros().scale() > 0) {
                    throw RefusedException.invalid("expected a whole number as " + name + ", but it is a fraction");
                }
                throw tooLong(name);
            }
        });
    }

    /** @return whether it has a few digits and nothing else, as nearly every number has */
    private static boolean isPlainNumber(ByteString raw) {
        if (raw.size() > FEW_DIGITS) {
            return false;
        }
        for (int i = 0; i < raw.size(); i++) {
            if (raw.byteAt(i) < '0' || raw.byteAt(i) > '9') {
                return false;
            }
        }
        return true;
    }

    private static long plainNumber(ByteString raw) {
        long number = 0;
        for (int i = 0; i < raw.size(); i++) {
            number = 10 * number + raw.byteAt(i) - '0';
        }
        return number;
    }

    private static RefusedException tooLong(String name) {
        return RefusedException.invalid("expected a whole number of 64 bits as " + name + ", but it is larger");
    }

    private static BigDecimal number(String name, ByteString raw) {
        try (JsonParser parser = JsonText.parser(raw)) {
            JsonToken token = parser.nextToken();
            if (token == JsonToken.VALUE_NUMBER_INT || token == JsonToken.VALUE_NUMBER_FLOAT) {
                if (parser.getTextLength() > JsonText.MAX_DIGITS) {
                    throw tooLong(name);
                }
                return new BigDecimal(parser.getText());
            }
        } catch (NumberFormatException beyondAllExponents) {
            throw tooLong(name);
        } catch (IOException e) {
            throw new UncheckedIOException("expected a slice of JSON to be JSON, but it is not", e);
        }
        throw RefusedException.invalid("expected a whole number as " + name + ", but it is none");
    }

    /** @return the whole number; empty where the field is absent or null */
    public Optional<Integer> smallInteger(String name) {
        return integer(name).map(number -> {
            if (number.intValue() != number) {
                throw RefusedException.invalid("expected a whole number of 32 bits as " + name + ", but got " + number);
            }
            return number.intValue();
        });
    }

    /** @return whether it is true; false where the field is absent or null */
    public boolean flag(String name) {
        Optional<ByteString> raw = value(name);
        if (raw.isEmpty() || raw.get().equals(FALSE)) {
            return false;
        }
        if (!raw.get().equals(TRUE)) {
            throw RefusedException.invalid("expected true or false as " + name + ", but it is neither");
        }
        return true;
    }

    /** @return the entries of an object whose values are texts; none where the field is absent or null */
    public Map<String, String> texts(String name) {
        Optional<ByteString> raw = value(name);
        if (raw.isEmpty()) {
            return Map.of();
        }
        if (raw.get().byteAt(0) != '{') {
            throw RefusedException.invalid("expected an object of texts as " + name + ", but it is none");
        }
        JsonFields inner = parse(raw.get(), asked);
        Map<String, String> texts = new LinkedHashMap<>();
        inner.fields.forEach((key, value) -> texts.put(key, text(name + "." + key, value)));
        return texts;
    }

    /** @return the texts of a list; none where the field is absent or null */
    public List<String> list(String name) {
        Optional<ByteString> raw = value(name);
        if (raw.isEmpty()) {
            return List.of();
        }
        List<String> texts = new ArrayList<>();
        try (JsonParser parser = JsonText.parser(raw.get())) {
            boolean whole = parser.nextToken() == JsonToken.START_ARRAY;
            while (whole && parser.nextToken() != JsonToken.END_ARRAY) {
                whole = parser.currentToken() == JsonToken.VALUE_STRING;
                texts.add(whole && asked ? whole(name, parser.getText()) : parser.getText());
            }
            if (whole) {
                return texts;
            }
        } catch (IOException e) {
            throw new UncheckedIOException("expected a slice of JSON to be JSON, but it is not", e);
        }
        throw RefusedException.invalid("expected a list of texts as " + name + ", but it is none");
    }

    private Optional<ByteString> value(String name) {
        return raw(name).filter(raw -> !raw.equals(NULL));
    }

    private String text(String name, ByteString raw) {
        if (isPlainText(raw)) {
            return raw.substring(1, raw.size() - 1).toStringUtf8();
        }
        try (JsonParser parser = JsonText.parser(raw)) {
            if (parser.nextToken() == JsonToken.VALUE_STRING) {
                return asked ? whole(name, parser.getText()) : parser.getText();
            }
        } catch (IOException e) {
            throw new UncheckedIOException("expected a slice of JSON to be JSON, but it is not", e);
        }
        throw RefusedException.invalid("expected a text as " + name + ", but it is none");
    }

    /** @return whether it is a text that says no character by an escape, and so stands for itself, as nearly all do */
    private static boolean isPlainText(ByteString raw) {
        if (raw.byteAt(0) != '"') {
            return false;
        }
        for (int i = 1; i < raw.size(); i++) {
            if (raw.byteAt(i) == '\\') {
                return false;
            }
        }
        return raw.isValidUtf8();
    }

    /** JSON can say half of a character, as an escape, and UTF-8 cannot: the text would become another. */
    private static String whole(String name, String text) {
        int half = WholeText.firstHalf(text);
        if (half >= 0) {
            throw RefusedException.invalid(
                    "expected whole characters in " + name + ", but there is half a surrogate pair at " + half);
        }
        return text;
    }

    /** What the parser says of it would repeat a part of the text, which may be a payload. */
    private static RefusedException notAnObject(JsonLocation place, String but) {
        return RefusedException.invalid("expected a JSON object in UTF-8, but " + but + " at line " + place.getLineNr()
                + ", column " + place.getColumnNr());
    }
}
