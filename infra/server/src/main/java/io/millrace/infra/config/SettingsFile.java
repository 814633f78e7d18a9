package io.millrace.infra.config;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.ingest.config.ConfigException;
import io.millrace.ingest.config.TomlFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Reads a TOML file into texts by full key: {@code port = 9090} below {@code [grpc]} is {@code grpc.port} → 9090. */
final class SettingsFile {

    private SettingsFile() {}

    /** @throws ConfigException if the file cannot be read, or is not TOML */
    static Map<String, String> read(Path file) {
        Map<String, String> values = new TreeMap<>();
        flatten("", TomlFile.read(file), values, file.toString());
        return values;
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
                throw new ConfigException("expected plain values in the list " + key + ", but found a "
                        + (item.isObject() ? "table" : "list") + " there in " + name);
            }
            items.add(item.asText());
        }
        return String.join(",", items);
    }
}
