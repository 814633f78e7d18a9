package io.millrace.ingest.audit.tlog;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.Signature;
import java.util.Arrays;

/** Checks signatures of one key. Any thread. */
public final class NoteVerifier {

    private static final int TIME_BYTES = 8;

    private final VerifierKey key;
    private final PublicKey publicKey;

    /** @throws TlogException if the key is none, or of an algorithm that this JDK does not know */
    public NoteVerifier(VerifierKey key) {
        this.key = key;
        this.publicKey = RawKeys.publicKey(key);
    }

    /** @return whose signatures it checks */
    public VerifierKey key() {
        return key;
    }

    /** @return whether the signature, which claims to be of this key, is good for the text */
    public boolean verifies(String text, NoteSignature line) {
        byte[] signature = line.signature();
        long time = 0;
        if (key.type().timed()) {
            if (signature.length <= TIME_BYTES) {
                return false;
            }
            time = ByteBuffer.wrap(signature).getLong();
            signature = Arrays.copyOfRange(signature, TIME_BYTES, signature.length);
        }
        try {
            Signature check = Signature.getInstance(key.type().algorithm());
            check.initVerify(publicKey);
            check.update(SignedMessage.of(key, time, text));
            return time >= 0 && check.verify(signature);
        } catch (GeneralSecurityException e) {
            return false; // Bytes that are no signature at all make it throw.
        }
    }
}
