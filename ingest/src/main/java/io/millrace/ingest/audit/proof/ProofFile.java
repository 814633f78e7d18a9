package io.millrace.ingest.audit.proof;

import io.millrace.ingest.audit.proof.ProofVerifier.Verdict;
import io.millrace.ingest.audit.tlog.Checkpoint;
import io.millrace.ingest.audit.tlog.TlogException;
import io.millrace.ingest.audit.tlog.VerifierKey;
import java.io.BufferedReader;
import java.io.IOException;
import java.util.List;

/** Checks a file of proofs as a whole, line by line: its size does not matter. */
public final class ProofFile {

    /**
     * What was checked.
     *
     * @param head of the file
     * @param checkpoint that all proofs lead to
     * @param verdict what its records are
     */
    public record Checked(ProofHead head, Checkpoint checkpoint, Verdict verdict) {}

    private ProofFile() {}

    /**
     * @param keys of logs that are trusted
     * @param witnesses that all have to have signed
     * @throws TlogException that names the first thing that is wrong
     * @throws IOException if the file cannot be read
     */
    public static Checked verify(BufferedReader file, List<VerifierKey> keys, List<VerifierKey> witnesses)
            throws IOException {
        String first = file.readLine();
        if (first == null) {
            throw new TlogException("expected a file of proofs, but the file is empty");
        }
        ProofHead head = ProofJson.head(first);
        if (!head.origin().endsWith("/" + head.partition())) {
            throw new TlogException(
                    "expected the log of partition " + head.partition() + ", but the file is of " + head.origin());
        }
        TrustedKeys trusted = new TrustedKeys(head.origin(), keys, head.keys());
        Checkpoint checkpoint = trusted.check(head.checkpoint());
        Cosignatures.check(head.checkpoint(), witnesses);
        ProofVerifier verifier = new ProofVerifier(head, checkpoint);
        for (String line = file.readLine(); line != null; line = file.readLine()) {
            verifier.take(ProofJson.record(line));
        }
        return new Checked(head, checkpoint, verifier.end());
    }
}
