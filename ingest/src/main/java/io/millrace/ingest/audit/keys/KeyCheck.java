package io.millrace.ingest.audit.keys;

import io.millrace.ingest.audit.keys.SigningKey.Purpose;
import io.millrace.ingest.audit.tlog.NoteSigner;
import io.millrace.ingest.audit.tlog.NoteVerifier;
import io.millrace.ingest.audit.tlog.TlogException;

/** Tries a key before it is used: one whose parts do not belong together would sign what nobody can check. */
final class KeyCheck {

    private static final String TRIAL = "trial\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n";

    private KeyCheck() {}

    /** @throws KeyException if what the private part signs is not good by the public part */
    static SigningKey checked(SigningKey key, String where) {
        try {
            NoteSigner signer = key.signer("trial", Purpose.LOG);
            if (new NoteVerifier(signer.key()).verifies(TRIAL, signer.sign(TRIAL, 0))) {
                return key;
            }
        } catch (TlogException e) {
            throw new KeyException("expected a key in " + where + " that signs, but: " + e.getMessage(), e);
        }
        throw new KeyException(
                "expected a private and a public key that belong together in " + where + ", but they do not");
    }
}
