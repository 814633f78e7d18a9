package io.millrace.ingest.encryption;

import java.security.GeneralSecurityException;
import java.security.Provider;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Optional;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * AES-256-GCM with a random nonce of 96 bits in front. Safe from any thread. No cipher outlives a call, since a cipher keeps the
 * schedule of its key.
 */
final class Gcm {

    /** Bytes of a key. */
    static final int KEY_BYTES = 32;

    /** Bytes by which what is encrypted is longer: nonce and tag. */
    static final int OVERHEAD_BYTES = 28;

    /** Its name in the Java Cryptography Architecture. */
    static final String ALGORITHM = "AES/GCM/NoPadding";

    private static final int NONCE_BYTES = 12;
    private static final int TAG_BITS = 128;
    /** One for each thread, since they lock. */
    private static final ThreadLocal<SecureRandom> RANDOM = ThreadLocal.withInitial(SecureRandom::new);

    /** Looked for once, because the search costs more than the encryption of a small payload. */
    private static final Provider PROVIDER = provider();

    private Gcm() {}

    /** @return who has the algorithm for keys that are bytes in memory */
    private static Provider provider() {
        try {
            Cipher cipher = Cipher.getInstance(ALGORITHM);
            cipher.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(new byte[KEY_BYTES], "AES"));
            return cipher.getProvider();
        } catch (GeneralSecurityException e) {
            throw unusable(e);
        }
    }

    /** @return so many bytes that nobody can guess */
    static byte[] random(int bytes) {
        byte[] random = new byte[bytes];
        RANDOM.get().nextBytes(random);
        return random;
    }

    /** Makes a cipher for one call. */
    interface Ciphers {

        /** @param mode of {@link Cipher} */
        Cipher make(int mode, GCMParameterSpec nonce) throws GeneralSecurityException;
    }

    private static Ciphers by(byte[] key) {
        return (mode, nonce) -> {
            Cipher cipher = Cipher.getInstance(ALGORITHM, PROVIDER);
            cipher.init(mode, new SecretKeySpec(key, "AES"), nonce);
            return cipher;
        };
    }

    /** @return nonce, ciphertext and tag */
    static byte[] encrypt(byte[] key, byte[] associated, byte[] plain) {
        try {
            return encrypt(by(key), associated, plain);
        } catch (GeneralSecurityException e) {
            throw unusable(e);
        }
    }

    /** @return as above, by ciphers of whoever has the key */
    static byte[] encrypt(Ciphers ciphers, byte[] associated, byte[] plain) throws GeneralSecurityException {
        byte[] nonce = random(NONCE_BYTES);
        Cipher cipher = ciphers.make(Cipher.ENCRYPT_MODE, new GCMParameterSpec(TAG_BITS, nonce));
        cipher.updateAAD(associated);
        byte[] out = Arrays.copyOf(nonce, plain.length + OVERHEAD_BYTES);
        cipher.doFinal(plain, 0, plain.length, out, NONCE_BYTES);
        return out;
    }

    /** @return the plain text; empty where nonce, ciphertext, tag, associated data and key do not belong together */
    static Optional<byte[]> decrypt(byte[] key, byte[] associated, byte[] encrypted, int offset) {
        try {
            return decrypt(by(key), associated, encrypted, offset);
        } catch (AEADBadTagException foreign) {
            return Optional.empty();
        } catch (GeneralSecurityException e) {
            throw unusable(e);
        }
    }

    /**
     * As above, by ciphers of whoever has the key.
     *
     * @throws AEADBadTagException where they do not belong together
     */
    static Optional<byte[]> decrypt(Ciphers ciphers, byte[] associated, byte[] encrypted, int offset)
            throws GeneralSecurityException {
        if (encrypted.length - offset < OVERHEAD_BYTES) {
            return Optional.empty();
        }
        Cipher cipher =
                ciphers.make(Cipher.DECRYPT_MODE, new GCMParameterSpec(TAG_BITS, encrypted, offset, NONCE_BYTES));
        cipher.updateAAD(associated);
        int from = offset + NONCE_BYTES;
        return Optional.of(cipher.doFinal(encrypted, from, encrypted.length - from));
    }

    private static IllegalStateException unusable(GeneralSecurityException e) {
        return new IllegalStateException("expected AES-256-GCM in every Java runtime, but it cannot be used", e);
    }
}
