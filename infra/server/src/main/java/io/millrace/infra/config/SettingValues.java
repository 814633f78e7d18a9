package io.millrace.infra.config;

import io.millrace.ingest.config.ConfigException;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import org.apache.kafka.clients.CommonClientConfigs;
import org.jspecify.annotations.Nullable;

/**
 * The values that were given for the settings. If a setting has several, the first of these counts: command line,
 * environment, file, the setting's own fallback.
 */
final class SettingValues {

    private static final String COMMAND_LINE = "the command line";

    private final Map<Setting<?>, Object> values = new HashMap<>();
    private final Map<String, String> kafkaProperties = new TreeMap<>();

    private SettingValues() {}

    /**
     * @param options by key, from the command line
     * @throws ConfigException if a key is unknown or a value does not fit
     */
    static SettingValues of(Map<String, String> options, Map<String, String> environment, Optional<Path> file) {
        SettingValues all = new SettingValues();
        Map<String, String> fromFile = file.map(SettingsFile::read).orElse(Map.of());
        String fileName = file.map(Path::toString).orElse("");
        all.takeKafkaProperties(fromFile, fileName);
        all.takeKafkaProperties(options, COMMAND_LINE);
        for (Setting<?> setting : Settings.all()) {
            all.take(setting, options.get(setting.key()), COMMAND_LINE);
            all.take(setting, environment.get(setting.variable()), "the variable " + setting.variable());
            setting.alias().ifPresent(alias -> all.take(setting, environment.get(alias), "the variable " + alias));
            all.take(setting, fromFile.get(setting.key()), fileName);
        }
        all.find(Settings.KAFKA_FILE).ifPresent(all::takePropertiesFile);
        return all;
    }

    private void takePropertiesFile(Path path) {
        Properties properties = new Properties();
        try (BufferedReader reader = Files.newBufferedReader(path)) {
            properties.load(reader);
        } catch (IOException | IllegalArgumentException e) {
            throw new ConfigException(
                    "expected " + Settings.KAFKA_FILE.key() + " to name a file of properties, but " + path
                            + " cannot be read: " + e.getClass().getSimpleName(),
                    e);
        }
        properties.stringPropertyNames().forEach(name -> {
            if (name.equals(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG)) {
                throw new ConfigException("expected " + Settings.KAFKA_SERVERS.key() + " to name the brokers, but "
                        + path + " has " + name + " too");
            }
            kafkaProperties.putIfAbsent(name, properties.getProperty(name));
        });
    }

    private void take(Setting<?> setting, @Nullable String text, String where) {
        // An empty variable counts as not set: shells and manifests can hardly express the difference.
        if (text != null && !(text.isEmpty() && where.startsWith("the variable"))) {
            Object value = setting.parse(text, where);
            values.putIfAbsent(setting, value);
        }
    }

    private void takeKafkaProperties(Map<String, String> said, String where) {
        Set<String> known = new HashSet<>();
        Settings.all().forEach(setting -> known.add(setting.key()));
        List<String> unknown = new ArrayList<>();
        said.forEach((key, value) -> {
            if (key.startsWith(Settings.KAFKA_PROPERTIES)) {
                kafkaProperties.put(key.substring(Settings.KAFKA_PROPERTIES.length()), value);
            } else if (!known.contains(key)) {
                unknown.add(key + " (nearest: " + NearestKey.of(key, known) + ")");
            }
        });
        if (!unknown.isEmpty()) {
            throw new ConfigException("expected only keys of docs/configuration.md in " + where + ", but found "
                    + String.join(", ", unknown));
        }
    }

    <T> Optional<T> find(Setting<T> setting) {
        @SuppressWarnings("unchecked") // the setting's own parser made it
        T value = (T) values.get(setting);
        return value == null ? setting.fallback() : Optional.of(value);
    }

    <T> T get(Setting<T> setting) {
        return find(setting)
                .orElseThrow(
                        () -> new ConfigException("expected " + setting.type().name() + " as "
                                + setting.key() + ", but the key is missing; it may also be set by the variable "
                                + setting.variable()));
    }

    Map<String, String> kafkaProperties() {
        return kafkaProperties;
    }
}
