package io.millrace.infra.client.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads and writes JSON. Values are maps in the order of their fields, lists, strings, {@link JsonNumber}s, booleans and null.
 */
public final class JsonCodec {

    private static final JsonFactory FACTORY = new JsonFactory();
    /** What the parser adds of where something began, in words of its own. */
    private static final String BEGIN = " \\(start marker at .*\\)";

    private JsonCodec() {}

    /**
     * @return the one value of the text; null for JSON's null
     * @throws JsonException if the text is not one value; the message begins with "at line"
     */
    public static @Nullable Object parse(byte[] text) {
        try (JsonParser parser = FACTORY.createParser(text)) {
            if (parser.nextToken() == null) {
                throw new JsonException("it is empty");
            }
            Object value = value(parser);
            if (parser.nextToken() != null) {
                JsonLocation more = parser.currentTokenLocation();
                throw new JsonException(place(more) + " stands more than one value");
            }
            return value;
        } catch (JsonProcessingException e) {
            throw new JsonException(place(e.getLocation()) + ": "
                    + e.getOriginalMessage().replaceFirst(BEGIN, "").replaceAll("\\s+", " "));
        } catch (IOException e) {
            throw new UncheckedIOException("expected to read from memory without errors, but failed", e);
        }
    }

    /** As {@link #parse(byte[])}, for a string. */
    public static @Nullable Object parse(String text) {
        return parse(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String place(JsonLocation location) {
        return "at line " + location.getLineNr() + ", column " + location.getColumnNr();
    }

    private static @Nullable Object value(JsonParser parser) throws IOException {
        return switch (parser.currentToken()) {
            case START_OBJECT -> {
                Map<String, Object> fields = new LinkedHashMap<>();
                while (parser.nextToken() != JsonToken.END_OBJECT) {
                    String name = parser.currentName();
                    parser.nextToken();
                    fields.put(name, value(parser));
                }
                yield fields;
            }
            case START_ARRAY -> {
                List<Object> items = new ArrayList<>();
                while (parser.nextToken() != JsonToken.END_ARRAY) {
                    items.add(value(parser));
                }
                yield items;
            }
            case VALUE_STRING -> parser.getText();
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> new JsonNumber(parser.getText());
            case VALUE_TRUE -> true;
            case VALUE_FALSE -> false;
            case VALUE_NULL -> null;
            case NOT_AVAILABLE, END_OBJECT, END_ARRAY, FIELD_NAME, VALUE_EMBEDDED_OBJECT ->
                throw new JsonException(place(parser.currentTokenLocation()) + " stands no value");
        };
    }

    /** @return the field of the outermost object as it stands, byte for byte; empty if there is none */
    public static Optional<byte[]> piece(byte[] text, String field) {
        try (JsonParser parser = FACTORY.createParser(text)) {
            parser.nextToken();
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                boolean wanted = parser.currentName().equals(field);
                parser.nextToken();
                int begin = Math.toIntExact(parser.currentTokenLocation().getByteOffset());
                parser.skipChildren();
                parser.finishToken();
                if (wanted) {
                    int end = Math.toIntExact(parser.currentLocation().getByteOffset());
                    return Optional.of(Arrays.copyOfRange(text, begin, end));
                }
            }
            return Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException("expected JSON that was read before, but: " + e.getMessage(), e);
        }
    }

    /** @return the value on one line */
    public static String compact(@Nullable Object value) {
        return write(value, false);
    }

    /** @return the value over several lines, indented by two */
    public static String pretty(@Nullable Object value) {
        return write(value, true);
    }

    private static String write(@Nullable Object value, boolean pretty) {
        StringWriter out = new StringWriter();
        try (JsonGenerator generator = FACTORY.createGenerator(out)) {
            if (pretty) {
                DefaultIndenter indent = new DefaultIndenter("  ", "\n");
                DefaultPrettyPrinter printer = new DefaultPrettyPrinter();
                printer.indentArraysWith(indent);
                printer.indentObjectsWith(indent);
                generator.setPrettyPrinter(printer);
            }
            write(generator, value);
        } catch (IOException e) {
            throw new UncheckedIOException("expected to write to memory without errors, but failed", e);
        }
        return out.toString();
    }

    private static void write(JsonGenerator generator, @Nullable Object value) throws IOException {
        switch (value) {
            case null -> generator.writeNull();
            case Map<?, ?> fields -> {
                generator.writeStartObject();
                for (Map.Entry<?, ?> field : fields.entrySet()) {
                    generator.writeFieldName((String) field.getKey());
                    write(generator, field.getValue());
                }
                generator.writeEndObject();
            }
            case List<?> items -> {
                generator.writeStartArray();
                for (Object item : items) {
                    write(generator, item);
                }
                generator.writeEndArray();
            }
            case JsonNumber number -> generator.writeNumber(number.text());
            case RawJson raw -> generator.writeRawValue(raw.text());
            case Boolean flag -> generator.writeBoolean(flag);
            case Long number -> generator.writeNumber(number);
            case Integer number -> generator.writeNumber(number);
            default -> generator.writeString(value.toString());
        }
    }
}
