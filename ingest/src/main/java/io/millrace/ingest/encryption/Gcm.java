package io.millrace.ingest.encryption;

import java.security.GeneralSecurityException;
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

    private static final int NONCE_BYTES = 12;
    private static final int TAG_BITS = 128;
    /** One for each thread, since they lock. */
    private static final ThreadLocal<SecureRandom> RANDOM = ThreadLocal.withInitial(SecureRandom::new);

    private Gcm() {}

    /** @return so many bytes that nobody can guess */
    static byte[] random(int bytes) {
        byte[] random = new byte[bytes];
        RANDOM.get().nextBytes(random);
        return random;
    }

    /** @return nonce, ciphertext and tag */
    static byte[] encrypt(byte[] key, byte[] associated, byte[] plain) {
        byte[] nonce = random(NONCE_BYTES);
        try {
            Cipher cipher = cipher(Cipher.ENCRYPT_MODE, key, nonce, 0);
            cipher.updateAAD(associated);
            byte[] out = Arrays.copyOf(nonce, plain.length + OVERHEAD_BYTES);
            cipher.doFinal(plain, 0, plain.length, out, NONCE_BYTES);
            return out;
        } catch (GeneralSecurityException e) {
            throw unusable(e);
        }
    }

    /** @return the plain text; empty where nonce, ciphertext, tag, associated data and key do not belong together */
    static Optional<byte[]> decrypt(byte[] key, byte[] associated, byte[] encrypted, int offset) {
        if (encrypted.length - offset < OVERHEAD_BYTES) {
            return Optional.empty();
        }
        try {
            Cipher cipher = cipher(Cipher.DECRYPT_MODE, key, encrypted, offset);
            cipher.updateAAD(associated);
            int from = offset + NONCE_BYTES;
            return Optional.of(cipher.doFinal(encrypted, from, encrypted.length - from));
        } catch (AEADBadTagException foreign) {
            return Optional.empty();
        } catch (GeneralSecurityException e) {
            throw unusable(e);
        }
    }

    private static Cipher cipher(int mode, byte[] key, byte[] nonce, int offset) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(mode, new SecretKeySpec(key, "AES"), new GCMParameterSpec(TAG_BITS, nonce, offset, NONCE_BYTES));
        return cipher;
    }

    private static IllegalStateException unusable(GeneralSecurityException e) {
        return new IllegalStateException("expected AES-256-GCM in every Java runtime, but it cannot be used", e);
    }
}
