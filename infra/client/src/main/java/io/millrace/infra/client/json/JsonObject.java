package io.millrace.infra.client.json;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Fields of a JSON object, by name and kind. A field that is null, or of another kind, counts as absent.
 *
 * @param fields as {@link JsonCodec} reads them
 */
public record JsonObject(Map<String, Object> fields) {

    private static final JsonObject EMPTY = new JsonObject(Map.of());

    /** @return the value as an object; an object without fields if it is not one */
    public static JsonObject of(@Nullable Object value) {
        if (value instanceof Map<?, ?> map) {
            @SuppressWarnings("unchecked") // names are strings, as JsonCodec reads them
            Map<String, Object> fields = (Map<String, Object>) map;
            return new JsonObject(fields);
        }
        return EMPTY;
    }

    /** @return the value; null if there is none */
    public @Nullable Object value(String name) {
        return fields.get(name);
    }

    /** @return the text; empty if there is none */
    public String text(String name) {
        return fields.get(name) instanceof String text ? text : "";
    }

    /** @return the number, if there is a whole one */
    public Optional<Long> number(String name) {
        if (fields.get(name) instanceof JsonNumber number && number.text().matches("-?\\d{1,18}")) {
            return Optional.of(Long.parseLong(number.text()));
        }
        return Optional.empty();
    }

    /** @return the flag; false if there is none */
    public boolean flag(String name) {
        return Boolean.TRUE.equals(fields.get(name));
    }

    /** @return the time, if there is one */
    public Optional<Instant> time(String name) {
        String text = text(name);
        return text.isEmpty() ? Optional.empty() : Optional.of(Instant.parse(text));
    }

    /** @return the object; one without fields if there is none */
    public JsonObject object(String name) {
        return of(fields.get(name));
    }

    /** @return the items of the list; an empty list if there is none */
    public List<?> list(String name) {
        return fields.get(name) instanceof List<?> items ? items : List.of();
    }

    /** @return the objects of the list */
    public List<JsonObject> objects(String name) {
        return list(name).stream().map(JsonObject::of).toList();
    }
}
