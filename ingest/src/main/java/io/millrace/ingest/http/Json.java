package io.millrace.ingest.http;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.google.protobuf.ByteString;
import io.millrace.ingest.validation.WrittenJson;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Writes one JSON object into memory. Payloads are spliced in byte for byte. Not safe for several threads; used for one
 * answer and then dropped.
 */
final class Json {

    private static final JsonFactory FACTORY = new JsonFactory();

    private final JsonGenerator generator;
    private final ByteString.Output out;

    private Json(JsonGenerator generator, ByteString.Output out) {
        this.generator = generator;
        this.out = out;
    }

    /** What goes into an object. */
    @FunctionalInterface
    interface Content {
        void write(Json json) throws IOException;
    }

    /** @return the text of an object with this content */
    static ByteString object(Content content) {
        ByteString.Output out = ByteString.newOutput();
        try (JsonGenerator generator = FACTORY.createGenerator(out)) {
            generator.writeStartObject();
            content.write(new Json(generator, out));
            generator.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException("expected to write to memory without errors, but failed", e);
        }
        return out.toByteString();
    }

    /** A text; null is written as null. */
    Json text(String name, @Nullable String value) throws IOException {
        generator.writeStringField(name, value);
        return this;
    }

    Json id(String name, @Nullable UUID id) throws IOException {
        return text(name, id == null ? null : id.toString());
    }

    /** A text; the empty one is written as null. */
    Json textOrNull(String name, @Nullable String value) throws IOException {
        return text(name, value == null || value.isEmpty() ? null : value);
    }

    Json number(String name, long value) throws IOException {
        generator.writeNumberField(name, value);
        return this;
    }

    /** A number; 0 is written as null. */
    Json numberOrNull(String name, long value) throws IOException {
        if (value == 0) {
            generator.writeNullField(name);
            return this;
        }
        return number(name, value);
    }

    Json fraction(String name, double value) throws IOException {
        generator.writeNumberField(name, value);
        return this;
    }

    Json flag(String name, boolean value) throws IOException {
        generator.writeBooleanField(name, value);
        return this;
    }

    /** A flag; null is written as null. */
    Json flagOrNull(String name, @Nullable Boolean value) throws IOException {
        if (value == null) {
            generator.writeNullField(name);
            return this;
        }
        return flag(name, value);
    }

    /** A time as ISO 8601; 0 is written as null. */
    Json time(String name, long millis) throws IOException {
        return text(name, millis == 0 ? null : Instant.ofEpochMilli(millis).toString());
    }

    /** A JSON text as it is; no bytes are written as null. */
    Json raw(String name, @Nullable ByteString json) throws IOException {
        generator.writeFieldName(name);
        generator.writeRawValue(new WrittenJson(json));
        return this;
    }

    Json texts(String name, Map<String, String> entries) throws IOException {
        generator.writeObjectFieldStart(name);
        for (Map.Entry<String, String> entry : entries.entrySet()) {
            generator.writeStringField(entry.getKey(), entry.getValue());
        }
        generator.writeEndObject();
        return this;
    }

    Json list(String name, Iterable<String> items) throws IOException {
        generator.writeArrayFieldStart(name);
        for (String item : items) {
            generator.writeString(item);
        }
        generator.writeEndArray();
        return this;
    }

    Json object(String name, Content content) throws IOException {
        generator.writeObjectFieldStart(name);
        content.write(this);
        generator.writeEndObject();
        return this;
    }

    /** A list of objects, one for each item. */
    <T> Json objects(String name, Iterable<T> items, ItemContent<T> content) throws IOException {
        generator.writeArrayFieldStart(name);
        for (T item : items) {
            generator.writeStartObject();
            content.write(this, item);
            generator.writeEndObject();
        }
        generator.writeEndArray();
        return this;
    }

    /**
     * As {@link #objects}, of the first items: no further one once those before have taken so many bytes.
     *
     * @return how many were written
     */
    <T> int objects(String name, Iterable<T> items, long mostBytes, ItemContent<T> content) throws IOException {
        long end = bytes() + mostBytes;
        int written = 0;
        generator.writeArrayFieldStart(name);
        for (T item : items) {
            if (bytes() >= end) {
                break;
            }
            generator.writeStartObject();
            content.write(this, item);
            generator.writeEndObject();
            written++;
        }
        generator.writeEndArray();
        return written;
    }

    private long bytes() {
        return (long) out.size() + generator.getOutputBuffered();
    }

    /** Adds fields that somebody else writes. */
    Json with(Fields fields) throws IOException {
        fields.write(generator);
        return this;
    }

    /** Writes fields of the object that is open. */
    @FunctionalInterface
    interface Fields {
        void write(JsonGenerator generator) throws IOException;
    }

    /** What goes into the object of an item. */
    @FunctionalInterface
    interface ItemContent<T> {
        void write(Json json, T item) throws IOException;
    }
}
