package io.millrace.ingest.audit.keys;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.Security;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Keys of a key store of the Java Cryptography Architecture: a file (PKCS12), or a device that never gives them away (PKCS11).
 *
 * @param type of the key store, such as PKCS12 or PKCS11
 * @param file of the key store; without one its provider knows where it is
 * @param provider name of the provider; without one any that has the type
 * @param providerConfiguration handed to the provider, for SunPKCS11 the file that names the library
 * @param password of the key store, or PIN of the device; may be empty
 * @param aliases of the keys, in order
 */
public record KeyStoreKeys(
        String type,
        Optional<Path> file,
        Optional<String> provider,
        Optional<String> providerConfiguration,
        String password,
        List<String> aliases) {

    /** Leaves the password out. */
    @Override
    public String toString() {
        return "KeyStoreKeys[" + type + ", " + aliases + "]";
    }

    /** @throws KeyException if the key store cannot be opened, or has no such keys */
    public List<SigningKey> read() {
        Optional<Provider> chosen = provider.map(this::find);
        try {
            KeyStore store = chosen.isPresent() ? KeyStore.getInstance(type, chosen.get()) : KeyStore.getInstance(type);
            try (InputStream in = file.isPresent() ? Files.newInputStream(file.get()) : null) {
                store.load(in, password.toCharArray());
            }
            List<SigningKey> keys = new ArrayList<>();
            for (String alias : aliases) {
                if (!(store.getKey(alias, password.toCharArray()) instanceof PrivateKey own)
                        || store.getCertificate(alias) == null) {
                    throw new KeyException("expected a key and its certificate as '" + alias
                            + "' in the key store, but there is none");
                }
                SigningKey key = new SigningKey(own, store.getCertificate(alias).getPublicKey(), chosen);
                keys.add(KeyCheck.checked(key, "the key store, '" + alias + "',"));
            }
            return keys;
        } catch (GeneralSecurityException | IOException e) {
            throw new KeyException("expected to open the key store of type " + type + ", but: " + e.getMessage(), e);
        }
    }

    private Provider find(String name) {
        Provider found = Security.getProvider(name);
        if (found == null) {
            throw new KeyException("expected a security provider named " + name + ", but the JDK has none");
        }
        return providerConfiguration.map(found::configure).orElse(found);
    }
}
