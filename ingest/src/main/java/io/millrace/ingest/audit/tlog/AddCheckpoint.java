package io.millrace.ingest.audit.tlog;

import java.util.ArrayList;
import java.util.List;

/**
 * What a log asks of a witness: the body of {@code add-checkpoint} of tlog-witness.
 *
 * @param oldSize of the last checkpoint that the witness has signed
 * @param proof that the tree has grown from there
 * @param checkpoint the signed note
 */
public record AddCheckpoint(long oldSize, List<Hash> proof, String checkpoint) {

    private static final String OLD = "old ";
    private static final int MOST_HASHES = 63;

    /** @throws TlogException if it has another form */
    public static AddCheckpoint parse(String body) {
        int split = body.indexOf("\n\n");
        String[] lines =
                split < 0 ? new String[] {""} : body.substring(0, split).split("\n", -1);
        if (!lines[0].startsWith(OLD)) {
            throw new TlogException(
                    "expected 'old <size>', a proof, an empty line and a checkpoint, but got something else");
        }
        if (lines.length - 1 > MOST_HASHES) {
            throw new TlogException("expected at most " + MOST_HASHES + " hashes, but got " + (lines.length - 1));
        }
        List<Hash> proof = new ArrayList<>();
        for (int i = 1; i < lines.length; i++) {
            proof.add(Hash.parse(lines[i]));
        }
        return new AddCheckpoint(
                Checkpoint.number("the old size", lines[0].substring(OLD.length())), proof, body.substring(split + 2));
    }

    /** @return the body */
    @Override
    public String toString() {
        StringBuilder body = new StringBuilder(OLD).append(oldSize).append('\n');
        proof.forEach(hash -> body.append(hash).append('\n'));
        return body.append('\n').append(checkpoint).toString();
    }
}
