package io.millrace.infra.config;

import io.millrace.ingest.config.ConfigException;
import io.millrace.proto.proof.Sha256;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.config.ConfigDef;

/**
 * The settings in force, in a form that the log may tell. It holds no secret in any form: even a digest of a short
 * secret gives it away to anybody who tries all texts. Of a value that may be a secret it only says that it is set.
 * Immutable.
 *
 * @param values by key, also those that come from fallbacks; a key without a value is not there
 */
public record StatedSettings(SortedMap<String, String> values) {

    private static final String SECRET = "(set)";
    private static final Pattern USER = Pattern.compile("//[^/@\\s]*@");
    private static final Pattern PASSWORD = Pattern.compile("(?i)(password=)[^&;\\s]*");

    /** @return the given values, and the fallbacks of the other settings */
    static StatedSettings of(SettingValues values) {
        SortedMap<String, String> stated = new TreeMap<>();
        Settings.all().forEach(setting -> text(setting, values).ifPresent(text -> stated.put(setting.key(), text)));
        values.kafkaProperties()
                .forEach((name, value) ->
                        stated.put(Settings.KAFKA_PROPERTIES + name, isKnownAndOpen(name) ? bare(value) : SECRET));
        return new StatedSettings(stated);
    }

    private static <T> Optional<String> text(Setting<T> setting, SettingValues values) {
        return values.find(setting).map(value -> {
            if (setting.key().contains("password")) {
                return SECRET;
            }
            String text = setting.type().shower().apply(value);
            return setting == Settings.AUDIT_WITNESSES ? witnesses(text) : bare(text);
        });
    }

    /** In front of an address stands a key, and keys may have what looks like the beginning of one. */
    private static String witnesses(String text) {
        return Stream.of(text.split(","))
                .map(String::strip)
                .map(witness -> {
                    int at = Math.max(0, witness.lastIndexOf("@http"));
                    return witness.substring(0, at) + bare(witness.substring(at));
                })
                .collect(Collectors.joining(","));
    }

    /** Kafka says whether a setting that it knows is a secret. Nobody knows about other settings. */
    private static boolean isKnownAndOpen(String name) {
        return Stream.of(ProducerConfig.configDef(), ConsumerConfig.configDef(), AdminClientConfig.configDef())
                .map(known -> known.configKeys().get(name))
                .anyMatch(key -> key != null && key.type != ConfigDef.Type.PASSWORD);
    }

    /** Takes user and password out of addresses. */
    private static String bare(String value) {
        return PASSWORD.matcher(USER.matcher(value).replaceAll("//")).replaceAll("$1");
    }

    /**
     * @param file one of settings
     * @return whether it holds something that the log may not tell
     * @throws ConfigException if the file cannot be read
     */
    public boolean hidesSomethingOf(Path file) {
        return SettingsFile.read(file).entrySet().stream()
                .anyMatch(entry -> SECRET.equals(values.get(entry.getKey()))
                        || !bare(entry.getValue()).equals(entry.getValue()));
    }

    /**
     * @return SHA-256 of all settings, in 64 hexadecimal digits: of one line {@code key = value} for each, in the order
     *     of the keys
     */
    public String digest() {
        return hash(values.entrySet().stream()
                .map(entry -> entry.getKey() + " = " + entry.getValue() + "\n")
                .collect(Collectors.joining()));
    }

    /** @return SHA-256 of each value, by key: shows that a value has changed, but not what it is */
    public Map<String, String> hashes() {
        Map<String, String> hashes = new TreeMap<>();
        values.forEach((key, value) -> hashes.put(key, hash(value)));
        return hashes;
    }

    private static String hash(String text) {
        return HexFormat.of().formatHex(Sha256.digest().digest(text.getBytes(StandardCharsets.UTF_8)));
    }
}
