package io.millrace.ingest.audit.proof;

import io.millrace.ingest.audit.proof.ProofVerifier.Verdict;
import io.millrace.ingest.audit.tlog.Checkpoint;
import io.millrace.ingest.audit.tlog.TlogException;
import io.millrace.ingest.audit.tlog.TreeHasher;
import io.millrace.ingest.audit.tlog.VerifierKey;
import java.io.BufferedReader;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Checks a file of proofs as a whole. Its size does not matter, since only some lines are in memory at a time. They are
 * read and hashed by all processors. What follows from their order is checked by the caller's thread.
 */
public final class ProofFile {

    /**
     * What was checked.
     *
     * @param head of the file
     * @param checkpoint that all proofs lead to
     * @param verdict what its records are
     */
    public record Checked(ProofHead head, Checkpoint checkpoint, Verdict verdict) {}

    /** Lines that are read and hashed by one task. */
    private static final int LINES = 128;

    private static final int TASKS = Runtime.getRuntime().availableProcessors();

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
        for (List<List<String>> parts = parts(file); !parts.isEmpty(); parts = parts(file)) {
            for (HashedLines lines : parts.parallelStream().map(HashedLines::of).toList()) {
                lines.records().forEach(verifier::take);
                if (lines.failure().isPresent()) {
                    throw lines.failure().get();
                }
            }
        }
        return new Checked(head, checkpoint, verifier.end());
    }

    /** @return the next lines, a part for each task; empty at the end of the file */
    private static List<List<String>> parts(BufferedReader file) throws IOException {
        List<List<String>> parts = new ArrayList<>();
        while (parts.size() < TASKS) {
            List<String> lines = new ArrayList<>(LINES);
            while (lines.size() < LINES) {
                String line = file.readLine();
                if (line == null) {
                    break;
                }
                lines.add(line);
            }
            if (lines.isEmpty()) {
                break;
            }
            parts.add(lines);
        }
        return parts;
    }

    /**
     * Lines that one task has read.
     *
     * @param records in order
     * @param failure why the line behind them could not be read
     */
    private record HashedLines(List<HashedRecord> records, Optional<TlogException> failure) {

        static HashedLines of(List<String> lines) {
            HashTexts hashes = new HashTexts();
            TreeHasher trees = new TreeHasher();
            RecordHasher hasher = new RecordHasher();
            List<HashedRecord> records = new ArrayList<>(lines.size());
            try {
                for (String line : lines) {
                    records.add(HashedRecord.of(ProofJson.record(line, hashes), trees, hasher));
                }
            } catch (TlogException e) {
                return new HashedLines(records, Optional.of(e));
            }
            return new HashedLines(records, Optional.empty());
        }
    }
}
