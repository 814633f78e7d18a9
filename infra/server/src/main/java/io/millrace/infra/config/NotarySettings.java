package io.millrace.infra.config;

import io.millrace.ingest.audit.keys.KeyFile;
import io.millrace.ingest.audit.keys.KeyStoreKeys;
import io.millrace.ingest.audit.keys.SigningKey;
import io.millrace.ingest.audit.notary.WitnessAddress;
import io.millrace.ingest.audit.tlog.TlogException;
import io.millrace.ingest.audit.tlog.VerifierKey;
import io.millrace.ingest.config.ConfigException;
import io.millrace.ingest.config.KeyStoreConfig;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Settings of the transparency logs.
 *
 * @param origin name of the installation in its logs
 * @param keyFile file of keys; set if keyStore is not
 * @param keyStore other place of keys; set if keyFile is not
 * @param interval time between checkpoints
 * @param patrolRate how many outcomes are read again in a second
 * @param witnesses the witnesses that are asked to sign
 */
public record NotarySettings(
        String origin,
        Optional<Path> keyFile,
        Optional<KeyStoreKeys> keyStore,
        Duration interval,
        int patrolRate,
        List<WitnessAddress> witnesses) {

    /** @return the settings, if there are keys to sign with */
    static Optional<NotarySettings> of(SettingValues values) {
        Optional<Path> keyFile = values.find(Settings.AUDIT_KEY_FILE);
        Optional<String> type = values.find(Settings.AUDIT_KEY_STORE_TYPE);
        if (keyFile.isEmpty() && type.isEmpty()) {
            return Optional.empty();
        }
        if (keyFile.isPresent() && type.isPresent()) {
            throw new ConfigException("expected audit.key_file or audit.key_store_type, but both are set");
        }
        String origin = values.get(Settings.AUDIT_ORIGIN);
        if (!VerifierKey.isName(origin)) {
            throw new ConfigException("expected audit.origin to have no spaces and no '+', but it is '" + origin + "'");
        }
        return Optional.of(new NotarySettings(
                origin,
                keyFile,
                type.map(known -> keyStore(values, known)),
                values.get(Settings.AUDIT_INTERVAL),
                values.get(Settings.AUDIT_PATROL),
                values.find(Settings.AUDIT_WITNESSES)
                        .map(NotarySettings::witnesses)
                        .orElse(List.of())));
    }

    private static KeyStoreKeys keyStore(SettingValues values, String type) {
        return new KeyStoreKeys(
                new KeyStoreConfig(
                        type,
                        values.find(Settings.AUDIT_KEY_STORE),
                        values.find(Settings.AUDIT_KEY_PROVIDER),
                        values.find(Settings.AUDIT_KEY_PROVIDER_CONFIG)),
                values.find(Settings.AUDIT_KEY_STORE_PASSWORD).orElse(""),
                Stream.of(values.get(Settings.AUDIT_KEY_ALIASES).split(","))
                        .map(String::strip)
                        .toList());
    }

    private static List<WitnessAddress> witnesses(String text) {
        try {
            return Stream.of(text.split(","))
                    .map(String::strip)
                    .map(WitnessAddress::parse)
                    .toList();
        } catch (TlogException | IllegalArgumentException e) {
            throw new ConfigException("expected witnesses as audit.witnesses, but: " + e.getMessage(), e);
        }
    }

    /**
     * @throws io.millrace.ingest.audit.keys.KeyException if they cannot be read
     * @return the keys
     */
    public List<SigningKey> keys() {
        return keyStore.map(KeyStoreKeys::read).orElseGet(() -> KeyFile.read(keyFile.orElseThrow()));
    }
}
