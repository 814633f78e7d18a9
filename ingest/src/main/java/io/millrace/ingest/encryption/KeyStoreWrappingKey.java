package io.millrace.ingest.encryption;

import io.millrace.ingest.config.KeyStoreConfig;
import io.millrace.ingest.config.WrappingKeyStore;
import io.millrace.proto.UnavailableException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.InvalidParameterException;
import java.security.ProviderException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.SecretKey;

/**
 * A wrapping key of a key store, perhaps in a device that never gives it away: then the device wraps and unwraps. The form is that of
 * {@link Gcm}, whoever makes it.
 */
final class KeyStoreWrappingKey implements WrappingKey {

    private final String alias;
    private final Gcm.Ciphers ciphers;
    private final boolean away;

    private KeyStoreWrappingKey(String alias, SecretKey key, KeyStoreConfig.Opened opened) {
        this.alias = alias;
        this.away = key.getEncoded() == null;
        this.ciphers = (mode, nonce) -> {
            Cipher made = opened.provider().isPresent()
                    ? Cipher.getInstance(Gcm.ALGORITHM, opened.provider().get())
                    : Cipher.getInstance(Gcm.ALGORITHM);
            made.init(mode, key, nonce);
            return made;
        };
    }

    /**
     * Opens a key store, and tries each key.
     *
     * @throws IllegalArgumentException "expected …, but …", without any secret, if one cannot be used
     */
    static List<WrappingKey> read(WrappingKeyStore store) {
        String password =
                store.passwordFile().map(KeyStoreWrappingKey::password).orElse("");
        String type = store.place().type();
        try {
            KeyStoreConfig.Opened opened = store.place().open(password);
            List<WrappingKey> keys = new ArrayList<>();
            for (String alias : store.aliases()) {
                WrappingKeys.checkId(alias);
                if (!(opened.store().getKey(alias, password.toCharArray()) instanceof SecretKey key)
                        || !key.getAlgorithm().equals("AES")) {
                    throw new IllegalArgumentException(
                            "expected a secret key for AES as '" + alias + "' in the key store, but there is none");
                }
                byte[] encoded = key.getEncoded();
                if (encoded != null && encoded.length != Gcm.KEY_BYTES) {
                    throw new IllegalArgumentException("expected a key of " + Gcm.KEY_BYTES + " bytes as '" + alias
                            + "' in the key store, but got one of " + encoded.length);
                }
                keys.add(tried(new KeyStoreWrappingKey(alias, key, opened)));
            }
            return keys;
        } catch (GeneralSecurityException | ProviderException | InvalidParameterException | IOException e) {
            throw new IllegalArgumentException(
                    "expected to open the key store of type " + type + ", but: " + e.getMessage(), e);
        }
    }

    private static WrappingKey tried(WrappingKey key) {
        byte[] text = Gcm.random(Gcm.KEY_BYTES);
        byte[] associated = {1};
        try {
            if (key.unwrap(key.wrap(text, associated), associated)
                    .filter(found -> Arrays.equals(found, text))
                    .isPresent()) {
                return key;
            }
        } catch (UnavailableException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
        throw new IllegalArgumentException(
                "expected the key '" + key.id() + "' to unwrap what it has wrapped, but it does not");
    }

    private static String password(Path file) {
        try {
            return Files.readString(file).strip();
        } catch (IOException e) {
            throw new IllegalArgumentException(
                    "expected the password of a key store at " + file + ", but it cannot be read: " + e.getMessage(),
                    e);
        }
    }

    @Override
    public boolean away() {
        return away;
    }

    @Override
    public String id() {
        return alias;
    }

    @Override
    public byte[] wrap(byte[] dataKey, byte[] associated) {
        try {
            return Gcm.encrypt(ciphers, associated, dataKey);
        } catch (GeneralSecurityException | ProviderException e) {
            throw unavailable("wrap", e);
        }
    }

    @Override
    public Optional<byte[]> unwrap(byte[] wrapped, byte[] associated) {
        try {
            return Gcm.decrypt(ciphers, associated, wrapped, 0);
        } catch (AEADBadTagException foreign) {
            return Optional.empty();
        } catch (GeneralSecurityException | ProviderException e) {
            throw unavailable("unwrap", e);
        }
    }

    private UnavailableException unavailable(String what, Exception e) {
        return new UnavailableException(
                "expected the key '" + alias + "' of the key store to " + what + " a data key, but: " + e.getMessage(),
                e);
    }

    @Override
    public String toString() {
        return "KeyStoreWrappingKey[" + alias + "]";
    }
}
