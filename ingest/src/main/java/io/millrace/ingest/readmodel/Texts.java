package io.millrace.ingest.readmodel;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Texts as PostgreSQL can hold them. Any thread. */
final class Texts {

    // Names in metadata are the clients' choice: the usual factory would keep them for ever.
    private static final ObjectMapper JSON = new ObjectMapper(JsonFactory.builder()
            .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
            .build());
    private static final TypeReference<Map<String, String>> MAP = new TypeReference<>() {};
    private static final char REPLACEMENT = '\ufffd';

    private Texts() {}

    /** @return the text with a replacement for the characters that PostgreSQL does not know: NUL, and half a character */
    static String clean(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == 0 || Character.isSurrogate(c)) {
                return cleaned(text);
            }
        }
        return text;
    }

    private static String cleaned(String text) {
        StringBuilder out = new StringBuilder(text.length());
        text.codePoints()
                .forEach(point -> out.appendCodePoint(
                        point == 0 || (point >= Character.MIN_SURROGATE && point <= Character.MAX_SURROGATE)
                                ? REPLACEMENT
                                : point));
        return out.toString();
    }

    /** @return null for null, else as {@link #clean} */
    static @Nullable String cleanOrNull(@Nullable String text) {
        return text == null ? null : clean(text);
    }

    /** @return null if there are no texts, else as {@link #json} */
    static @Nullable String jsonOrNull(Map<String, String> texts) {
        return texts.isEmpty() ? null : json(texts);
    }

    /** @return a JSON object of the texts, fit for a column of type jsonb */
    static String json(Map<String, String> texts) {
        Map<String, String> clean = new LinkedHashMap<>();
        texts.forEach((key, value) -> clean.put(clean(key), clean(value)));
        try {
            return JSON.writeValueAsString(clean);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("expected texts to become JSON, but they did not", e);
        }
    }

    /** @return the entries of an object that {@link #jsonOrNull} wrote */
    static Map<String, String> read(String json) {
        if (json == null) {
            return Map.of();
        }
        try {
            return JSON.readValue(json, MAP);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("expected metadata to be an object of texts, but it is none", e);
        }
    }
}
