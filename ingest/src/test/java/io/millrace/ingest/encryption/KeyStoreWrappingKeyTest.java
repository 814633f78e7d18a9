package io.millrace.ingest.encryption;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.millrace.ingest.config.KeyStoreConfig;
import io.millrace.ingest.config.WrappingKeyStore;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Wrapping keys of key stores: a file, and a device that keeps its keys, for which SoftHSM2 stands where it is installed. */
class KeyStoreWrappingKeyTest {

    private static final List<Path> SOFT_HSM = List.of(
            Path.of("/usr/lib/softhsm/libsofthsm2.so"),
            Path.of("/usr/lib64/softhsm/libsofthsm2.so"),
            Path.of("/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so"),
            Path.of("/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so"),
            Path.of("/opt/homebrew/lib/softhsm/libsofthsm2.so"));
    private static final String PIN = "1234";
    private static final byte[] DATA_KEY = Gcm.random(Gcm.KEY_BYTES);
    private static final byte[] ASSOCIATED = {1, 2, 3};

    @TempDir
    private Path folder;

    private WrappingKeyStore pkcs12(String password, String... aliases) throws IOException {
        return new WrappingKeyStore(
                new KeyStoreConfig(
                        "PKCS12", Optional.of(folder.resolve("keys.p12")), Optional.empty(), Optional.empty()),
                Optional.of(Files.writeString(folder.resolve("password"), password + "\n")),
                List.of(aliases));
    }

    private void write(String alias, int bytes) throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        Path file = folder.resolve("keys.p12");
        store.load(null, PIN.toCharArray());
        if (Files.exists(file)) {
            try (var in = Files.newInputStream(file)) {
                store.load(in, PIN.toCharArray());
            }
        }
        store.setEntry(
                alias,
                new KeyStore.SecretKeyEntry(new SecretKeySpec(Gcm.random(bytes), "AES")),
                new KeyStore.PasswordProtection(PIN.toCharArray()));
        try (OutputStream out = Files.newOutputStream(file)) {
            store.store(out, PIN.toCharArray());
        }
    }

    @Test
    void aKeyOfAFileWrapsAndUnwrapsAsOneOfLinesDoes() throws Exception {
        write("w2", 32);
        write("w1", 32);
        List<WrappingKey> keys = KeyStoreWrappingKey.read(pkcs12(PIN, "w2", "w1"));

        assertEquals(List.of("w2", "w1"), keys.stream().map(WrappingKey::id).toList());
        assertFalse(keys.getFirst().away());
        holds(keys.getFirst());
        assertEquals(Optional.empty(), keys.getLast().unwrap(keys.getFirst().wrap(DATA_KEY, ASSOCIATED), ASSOCIATED));
    }

    private static void holds(WrappingKey key) {
        byte[] wrapped = key.wrap(DATA_KEY, ASSOCIATED);
        assertArrayEquals(DATA_KEY, key.unwrap(wrapped, ASSOCIATED).orElseThrow());
        assertEquals(Gcm.KEY_BYTES + Gcm.OVERHEAD_BYTES, wrapped.length);
        assertEquals(Optional.empty(), key.unwrap(wrapped, new byte[] {1, 2}));
        wrapped[20]++;
        assertEquals(Optional.empty(), key.unwrap(wrapped, ASSOCIATED));
        assertEquals(Optional.empty(), key.unwrap(new byte[3], ASSOCIATED));
    }

    @Test
    void namesWhatIsWrongWithAKeyStore() throws Exception {
        write("w1", 32);
        write("short", 16);

        refused("expected a secret key for AES as 'w2' in the key store, but there is none", pkcs12(PIN, "w2"));
        refused("expected a key of 32 bytes as 'short' in the key store, but got one of 16", pkcs12(PIN, "short"));
        refused("as id of a key, but got 'w 1'", pkcs12(PIN, "w 1"));
        refused("expected to open the key store of type PKCS12, but: ", pkcs12("other", "w1"));
        refused(
                "expected a security provider named Nobody, but the JDK has none",
                new WrappingKeyStore(
                        new KeyStoreConfig("PKCS11", Optional.empty(), Optional.of("Nobody"), Optional.empty()),
                        Optional.empty(),
                        List.of("w1")));
        refused(
                "expected the password of a key store at ",
                new WrappingKeyStore(pkcs12(PIN, "w1").place(), Optional.of(folder.resolve("nowhere")), List.of("w1")));
    }

    private static void refused(String because, WrappingKeyStore store) {
        IllegalArgumentException refusal =
                assertThrows(IllegalArgumentException.class, () -> KeyStoreWrappingKey.read(store));
        assertTrue(refusal.getMessage().contains(because), refusal::getMessage);
        assertFalse(refusal.getMessage().contains(PIN), refusal::getMessage);
    }

    /** The library reads its environment when it is loaded, so this is another process. */
    @Test
    void aKeyStaysInItsDevice() throws Exception {
        Path library = SOFT_HSM.stream().filter(Files::exists).findFirst().orElse(null);
        assumeTrue(library != null, "skipped: SoftHSM2 is not installed here (Debian: apt install softhsm2)");
        Files.createDirectory(folder.resolve("tokens"));
        Files.writeString(folder.resolve("softhsm2.conf"), "directories.tokendir = " + folder.resolve("tokens") + "\n");
        Path config = Files.writeString(folder.resolve("pkcs11.cfg"), """
                name = Test
                library = %s
                slotListIndex = 0
                attributes(generate, CKO_SECRET_KEY, CKK_AES) = {
                  CKA_TOKEN = true
                  CKA_SENSITIVE = true
                  CKA_EXTRACTABLE = false
                  CKA_ENCRYPT = true
                  CKA_DECRYPT = true
                }
                """.formatted(library));
        Path pin = Files.writeString(folder.resolve("pin"), PIN + "\n");
        run("softhsm2-util", "--init-token", "--free", "--label", "test", "--pin", PIN, "--so-pin", "5678");
        run(
                java("keytool"),
                "-genseckey",
                "-alias",
                "w1",
                "-keyalg",
                "AES",
                "-keysize",
                "256",
                "-keystore",
                "NONE",
                "-storetype",
                "PKCS11",
                "-addprovider",
                "SunPKCS11",
                "-providerArg",
                config.toString(),
                "-storepass",
                PIN);

        String said = run(
                java("java"),
                "-cp",
                System.getProperty("java.class.path"),
                KeyStoreWrappingKeyTest.class.getName(),
                config.toString(),
                pin.toString());

        assertTrue(said.endsWith("the device wraps and unwraps\n"), said);
    }

    /** What the other process does. */
    public static void main(String[] args) {
        WrappingKeyStore store = new WrappingKeyStore(
                new KeyStoreConfig("PKCS11", Optional.empty(), Optional.of("SunPKCS11"), Optional.of(args[0])),
                Optional.of(Path.of(args[1])),
                List.of("w1"));
        WrappingKey key = KeyStoreWrappingKey.read(store).getFirst();
        assertTrue(key.away(), "the key does not leave the device");
        holds(key);
        System.out.println("the device wraps and unwraps");
    }

    private static String java(String tool) {
        return Path.of(System.getProperty("java.home"), "bin", tool).toString();
    }

    private String run(String... command) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment()
                .put("SOFTHSM2_CONF", folder.resolve("softhsm2.conf").toString());
        Process process = builder.start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(process.waitFor(1, TimeUnit.MINUTES), () -> String.join(" ", command));
        assertEquals(0, process.exitValue(), said);
        return said;
    }
}
