package io.millrace.ingest.audit.proof;

import io.millrace.ingest.audit.tlog.NoteSignature;
import io.millrace.ingest.audit.tlog.NoteVerifier;
import io.millrace.ingest.audit.tlog.SignedNote;
import io.millrace.ingest.audit.tlog.TlogException;
import io.millrace.ingest.audit.tlog.VerifierKey;
import java.util.List;

/** Looks for the signatures of witnesses below a checkpoint. */
public final class Cosignatures {

    private Cosignatures() {}

    /**
     * @param witnesses keys of theirs; one witness may have several
     * @return how many of the witnesses have signed the checkpoint
     * @throws TlogException if a signature is not good
     */
    public static long count(SignedNote checkpoint, List<VerifierKey> witnesses) {
        return witnesses.stream()
                .filter(witness -> has(checkpoint, witness))
                .map(VerifierKey::name)
                .distinct()
                .count();
    }

    /** @throws TlogException if one of the witnesses has not signed the checkpoint */
    public static void check(SignedNote checkpoint, List<VerifierKey> witnesses) {
        for (VerifierKey witness : witnesses) {
            if (!has(checkpoint, witness)) {
                throw new TlogException("expected the witness " + witness.name()
                        + " to have signed the checkpoint, but it has" + " not");
            }
        }
    }

    private static boolean has(SignedNote checkpoint, VerifierKey witness) {
        boolean signed = false;
        for (NoteSignature line : checkpoint.signatures()) {
            if (line.isOf(witness)) {
                if (!new NoteVerifier(witness).verifies(checkpoint.text(), line)) {
                    throw new TlogException("expected a good signature of the witness " + line.signer()
                            + ", but it does not fit the checkpoint");
                }
                signed = true;
            }
        }
        return signed;
    }
}
