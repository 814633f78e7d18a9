package io.millrace.infra.config;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.toml.TomlFactory;
import com.fasterxml.jackson.dataformat.toml.TomlMapper;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Reads a TOML file into texts by full key: {@code port = 9090} below {@code [grpc]} is {@code grpc.port} → 9090. */
final class SettingsFile {

    private static final TomlMapper MAPPER = new TomlMapper(TomlFactory.builder()
            .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
            .build());

    private SettingsFile() {}

    /** @throws ConfigurationException if the file cannot be read */
    static Map<String, String> read(Path file) {
        try {
            return parse(Files.readString(file), file.toString());
        } catch (NoSuchFileException e) {
            throw new ConfigurationException("expected a configuration file at " + file + ", but there is none", e);
        } catch (CharacterCodingException e) {
            throw new ConfigurationException("expected UTF-8 text in " + file + ", but it is not", e);
        } catch (IOException e) {
            throw new ConfigurationException("expected to read " + file + ", but could not: " + e.getMessage(), e);
        }
    }

    /** @throws ConfigurationException if the text is not TOML */
    static Map<String, String> parse(String toml, String name) {
        Map<String, String> values = new TreeMap<>();
        try {
            JsonNode tree = MAPPER.readTree(toml);
            if (tree.isObject()) {
                flatten("", tree, values, name);
            }
            return values;
        } catch (JsonProcessingException e) {
            int line = e.getLocation() == null ? 0 : e.getLocation().getLineNr();
            // The parser's own text may quote the line, and the line may hold a password.
            throw new ConfigurationException("expected TOML in " + name + ", but line " + line + " is not");
        }
    }

    private static void flatten(String prefix, JsonNode table, Map<String, String> values, String name) {
        table.properties().forEach(entry -> {
            String key = prefix + entry.getKey();
            JsonNode value = entry.getValue();
            if (value.isObject()) {
                flatten(key + ".", value, values, name);
            } else {
                values.put(key, text(key, value, name));
            }
        });
    }

    private static String text(String key, JsonNode value, String name) {
        if (!value.isArray()) {
            return value.asText();
        }
        List<String> items = new ArrayList<>();
        for (JsonNode item : value) {
            if (item.isContainerNode()) {
                throw new ConfigurationException("expected plain values in the list " + key + ", but found a "
                        + (item.isObject() ? "table" : "list") + " there in " + name);
            }
            items.add(item.asText());
        }
        return String.join(",", items);
    }
}
