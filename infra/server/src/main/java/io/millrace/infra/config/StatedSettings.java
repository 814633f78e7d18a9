package io.millrace.infra.config;

import io.millrace.proto.proof.Sha256;
import java.nio.charset.StandardCharsets;
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
 * The settings that are in force, as the log may tell of them: without a secret in any form, since a digest of a short secret
 * gives it away to whoever tries all. Of what may be one it says only that it is set. Immutable.
 *
 * @param values by key, those that nobody said included; keys that have no value are not there
 */
public record StatedSettings(SortedMap<String, String> values) {

    private static final String SECRET = "(set)";
    private static final Pattern USER = Pattern.compile("//[^/@\\s]*@");
    private static final Pattern PASSWORD = Pattern.compile("(?i)(password=)[^&;\\s]*");

    /** @return what was said, and what holds where nothing was */
    static StatedSettings of(SettingValues values) {
        SortedMap<String, String> stated = new TreeMap<>();
        Settings.all().forEach(setting -> text(setting, values).ifPresent(text -> stated.put(setting.key(), text)));
        values.kafkaProperties().forEach((name, value) ->
                stated.put(Settings.KAFKA_PROPERTIES + name, isKnownAndOpen(name) ? bare(value) : SECRET));
        return new StatedSettings(stated);
    }

    private static <T> Optional<String> text(Setting<T> setting, SettingValues values) {
        return values.find(setting)
                .map(value -> setting.key().contains("password") ? SECRET : bare(setting.type().shower().apply(value)));
    }

    /** Kafka says of each setting that it knows whether it is a secret; who knows what others are. */
    private static boolean isKnownAndOpen(String name) {
        return Stream.of(
                        ProducerConfig.configDef(), ConsumerConfig.configDef(), AdminClientConfig.configDef())
                .map(known -> known.configKeys().get(name))
                .anyMatch(key -> key != null && key.type != ConfigDef.Type.PASSWORD);
    }

    /** Addresses may carry a user and a password. */
    private static String bare(String value) {
        return PASSWORD.matcher(USER.matcher(value).replaceAll("//")).replaceAll("$1");
    }

    /** @return SHA-256 of all, in 64 hexadecimal digits: of a line {@code key = value} for each, in the order of the keys */
    public String digest() {
        return hash(values.entrySet().stream()
                .map(entry -> entry.getKey() + " = " + entry.getValue() + "\n")
                .collect(Collectors.joining()));
    }

    /** @return by key, SHA-256 of the value: tells that it changed, and not what it is */
    public Map<String, String> hashes() {
        Map<String, String> hashes = new TreeMap<>();
        values.forEach((key, value) -> hashes.put(key, hash(value)));
        return hashes;
    }

    private static String hash(String text) {
        return HexFormat.of().formatHex(Sha256.digest().digest(text.getBytes(StandardCharsets.UTF_8)));
    }
}
