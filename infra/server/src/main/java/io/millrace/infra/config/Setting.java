package io.millrace.infra.config;

import io.millrace.ingest.config.ConfigException;
import java.util.Locale;
import java.util.Optional;

/**
 * One key of the configuration.
 *
 * @param key its name with the table it stands in, such as {@code grpc.port}
 * @param type form of its value
 * @param fallback the value if none is given; empty if no value would always fit
 * @param alias one more environment variable that sets it, if there is one
 * @param meaning what it decides, for the reference
 * @param <T> type of its value
 */
record Setting<T>(String key, SettingType<T> type, Optional<T> fallback, Optional<String> alias, String meaning) {

    static <T> Setting<T> of(String key, SettingType<T> type, T fallback, String meaning) {
        return new Setting<>(key, type, Optional.of(fallback), Optional.empty(), meaning);
    }

    static <T> Setting<T> without(String key, SettingType<T> type, String meaning) {
        return new Setting<>(key, type, Optional.empty(), Optional.empty(), meaning);
    }

    Setting<T> alsoFrom(String variable) {
        return new Setting<>(key, type, fallback, Optional.of(variable), meaning);
    }

    /** @return the environment variable that sets it */
    String variable() {
        return "MILLRACE_" + key.toUpperCase(Locale.ROOT).replace('.', '_');
    }

    /** @throws ConfigException if the text is not a value of this setting; the message holds no secret */
    T parse(String text, String where) {
        try {
            return type.parser().apply(text);
        } catch (IllegalArgumentException e) {
            String found = key.contains("password") ? "the text there is not" : "found '" + text + "'";
            throw new ConfigException("expected " + type.name() + " as " + key + ", but " + found + " in " + where, e);
        }
    }
}
