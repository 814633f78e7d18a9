package io.millrace.ingest.config;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.NoSuchProviderException;
import java.security.Provider;
import java.security.Security;
import java.util.Optional;

/**
 * A key store of the Java Cryptography Architecture: a file (PKCS12), or a device or service that never gives its keys away (PKCS11).
 *
 * @param type of the key store, such as PKCS12 or PKCS11
 * @param file of the key store; without one its provider knows where it is
 * @param provider name of the provider; without one any that has the type
 * @param providerConfiguration handed to the provider, for SunPKCS11 the file that names the library
 */
public record KeyStoreConfig(
        String type, Optional<Path> file, Optional<String> provider, Optional<String> providerConfiguration) {

    /**
     * A key store that is open.
     *
     * @param store with all its keys
     * @param provider by which its keys are used; without one any that can
     */
    public record Opened(KeyStore store, Optional<Provider> provider) {}

    /**
     * @param password of the key store, or PIN of the device; may be empty
     * @throws GeneralSecurityException if it has another password, or no provider knows it
     * @throws IOException if it cannot be read
     */
    public Opened open(String password) throws GeneralSecurityException, IOException {
        Optional<Provider> chosen = provider.isPresent() ? Optional.of(find(provider.get())) : Optional.empty();
        KeyStore store = chosen.isPresent() ? KeyStore.getInstance(type, chosen.get()) : KeyStore.getInstance(type);
        try (InputStream in = file.isPresent() ? Files.newInputStream(file.get()) : null) {
            store.load(in, password.toCharArray());
        }
        return new Opened(store, chosen);
    }

    private Provider find(String name) throws NoSuchProviderException {
        Provider found = Security.getProvider(name);
        if (found == null) {
            throw new NoSuchProviderException("expected a security provider named " + name + ", but the JDK has none");
        }
        return providerConfiguration.map(found::configure).orElse(found);
    }
}
