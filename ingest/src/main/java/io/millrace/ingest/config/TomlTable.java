package io.millrace.ingest.config;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.proto.Ids;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * One table of a TOML file, read key by key. Every key that is asked for counts as known. {@link #end()} refuses the
 * rest, so a misspelt key is an error and no setting without effect.
 */
public final class TomlTable {

    private final String path;
    private final JsonNode node;
    private final Set<String> known = new HashSet<>();

    /**
     * @param path where the table stands, for messages; empty for the top
     * @param node the table
     */
    public TomlTable(String path, JsonNode node) {
        this.path = path;
        this.node = node;
    }

    /** @return full name of a key of this table, as messages show it */
    String name(String key) {
        return path.isEmpty() ? key : path + "." + key;
    }

    /** @return the whole number, empty if the key is missing */
    public Optional<Integer> number(String key) {
        return get(key).map(value -> {
            if (!value.isIntegralNumber() || !value.canConvertToInt()) {
                throw wrong(key, "a whole number", value);
            }
            return value.intValue();
        });
    }

    Optional<TomlTable> table(String key) {
        return get(key).map(value -> {
            if (!value.isObject()) {
                throw wrong(key, "a table", value);
            }
            return new TomlTable(name(key), value);
        });
    }

    List<TomlTable> tables(String key) {
        List<TomlTable> tables = new ArrayList<>();
        get(key).ifPresent(array -> {
            if (!array.isArray()) {
                throw wrong(key, "a list of tables", array);
            }
            for (int i = 0; i < array.size(); i++) {
                if (!array.get(i).isObject()) {
                    throw wrong(key + "[" + i + "]", "a table", array.get(i));
                }
                tables.add(new TomlTable(name(key) + "[" + i + "]", array.get(i)));
            }
        });
        return tables;
    }

    /** @return the list of texts, empty if the key is missing */
    public Optional<List<String>> texts(String key) {
        return get(key).map(array -> {
            if (!array.isArray()) {
                throw wrong(key, "a list of texts", array);
            }
            List<String> texts = new ArrayList<>();
            for (JsonNode item : array) {
                if (!item.isTextual()) {
                    throw wrong(key, "a list of texts", item);
                }
                texts.add(item.textValue());
            }
            return texts;
        });
    }

    boolean flag(String key, boolean otherwise) {
        return get(key).map(value -> {
                    if (!value.isBoolean()) {
                        throw wrong(key, "true or false", value);
                    }
                    return value.booleanValue();
                })
                .orElse(otherwise);
    }

    /** @return the text, empty if the key is missing */
    public Optional<String> text(String key) {
        return get(key).map(value -> {
            if (!value.isTextual() || value.textValue().isBlank()) {
                throw wrong(key, "a text that is not empty", value);
            }
            return value.textValue();
        });
    }

    /** @throws ConfigException if the key is missing, or is no text */
    public String requiredText(String key) {
        return text(key).orElseThrow(() -> missing(key, "a text"));
    }

    UUID requiredId(String key) {
        String text = text(key).orElseThrow(() -> missing(key, "a UUID"));
        return Ids.parse(text)
                .orElseThrow(() -> new ConfigException("expected a UUID as " + name(key) + ", but got '" + text + "'"));
    }

    /** @throws ConfigException if a key stands in the table that nobody asked for */
    public void end() {
        node.fieldNames().forEachRemaining(key -> {
            if (!known.contains(key)) {
                throw new ConfigException("expected one of "
                        + known.stream().sorted().toList() + " in " + (path.isEmpty() ? "the top level" : path)
                        + ", but found the unknown key " + name(key));
            }
        });
    }

    private Optional<JsonNode> get(String key) {
        known.add(key);
        return Optional.ofNullable(node.get(key));
    }

    private ConfigException missing(String key, String expected) {
        return new ConfigException("expected " + expected + " as " + name(key) + ", but the key is missing");
    }

    /** Says what kind of value stands there, never the value: it may be a secret in the wrong place. */
    private ConfigException wrong(String key, String expected, JsonNode value) {
        String found = value.isTextual() && value.textValue().isBlank()
                ? "an empty text"
                : "a value of type " + value.getNodeType().name().toLowerCase(java.util.Locale.ROOT);
        return new ConfigException("expected " + expected + " as " + name(key) + ", but found " + found);
    }
}
