package io.millrace.ingest.audit.tlog;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.Signature;
import java.util.Optional;

/**
 * Signs with one key. Any thread.
 *
 * @param key what others check it by
 * @param privateKey may be one that only its provider can use
 * @param provider that has to sign; empty: any that can
 */
public record NoteSigner(VerifierKey key, PrivateKey privateKey, Optional<Provider> provider) {

    private static final int TIME_BYTES = 8;

    /**
     * @param timeSeconds since the epoch; stands in signatures whose type tells it
     * @return the line below the note
     * @throws TlogException if the key cannot sign, or cannot sign this text
     */
    public NoteSignature sign(String text, long timeSeconds) {
        byte[] message = SignedMessage.of(key, timeSeconds, text);
        try {
            Signature signing = provider.isPresent()
                    ? Signature.getInstance(key.type().algorithm(), provider.get())
                    : Signature.getInstance(key.type().algorithm());
            signing.initSign(privateKey);
            signing.update(message);
            byte[] signature = signing.sign();
            byte[] bytes = key.type().timed()
                    ? ByteBuffer.allocate(TIME_BYTES + signature.length)
                            .putLong(timeSeconds)
                            .put(signature)
                            .array()
                    : signature;
            return new NoteSignature(key.name(), key.id(), bytes);
        } catch (GeneralSecurityException e) {
            throw new TlogException("expected the key of " + key.name() + " to sign, but: " + e.getMessage(), e);
        }
    }

    /** @return the same key, signing under another name */
    public NoteSigner named(String name) {
        return new NoteSigner(key.named(name), privateKey, provider);
    }
}
