package io.millrace.ingest.audit.keys;

import io.millrace.ingest.config.KeyStoreConfig;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.InvalidParameterException;
import java.security.PrivateKey;
import java.util.ArrayList;
import java.util.List;

/**
 * Keys of a key store.
 *
 * @param place of the key store
 * @param password of the key store, or PIN of the device; may be empty
 * @param aliases of the keys, in order
 */
public record KeyStoreKeys(KeyStoreConfig place, String password, List<String> aliases) {

    /** Leaves the password out. */
    @Override
    public String toString() {
        return "KeyStoreKeys[" + place.type() + ", " + aliases + "]";
    }

    /** @throws KeyException if the key store cannot be opened, or has no such keys */
    public List<SigningKey> read() {
        try {
            KeyStoreConfig.Opened opened = place.open(password);
            List<SigningKey> keys = new ArrayList<>();
            for (String alias : aliases) {
                if (!(opened.store().getKey(alias, password.toCharArray()) instanceof PrivateKey own)
                        || opened.store().getCertificate(alias) == null) {
                    throw new KeyException("expected a key and its certificate as '" + alias
                            + "' in the key store, but there is none");
                }
                SigningKey key =
                        new SigningKey(own, opened.store().getCertificate(alias).getPublicKey(), opened.provider());
                keys.add(KeyCheck.checked(key, "the key store, '" + alias + "',"));
            }
            return keys;
        } catch (GeneralSecurityException | InvalidParameterException | IOException e) {
            throw new KeyException(
                    "expected to open the key store of type " + place.type() + ", but: " + e.getMessage(), e);
        }
    }
}
