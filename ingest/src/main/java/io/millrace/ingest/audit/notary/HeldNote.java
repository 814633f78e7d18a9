package io.millrace.ingest.audit.notary;

import io.millrace.ingest.audit.proof.HashedLines;
import io.millrace.ingest.audit.tlog.Checkpoint;
import io.millrace.ingest.audit.tlog.Hash;
import io.millrace.ingest.audit.tlog.TlogException;
import java.util.List;

/**
 * Says on millrace.checkpoints that all that stands there before an offset was held against the tree, and fits. It is signed, so it is
 * true wherever it stands, and a copy of one says nothing new. It has the origin of the log with {@code /held} behind it; who does not
 * know it passes it over.
 *
 * @param tree the largest checkpoint that the tree fits
 * @param until offset on the topic
 */
record HeldNote(Checkpoint tree, long until) {

    /** Behind the origin of the log. */
    private static final String BEHIND = "/held";

    /** @return the text to be signed */
    String text() {
        return new HashedLines(
                        tree.origin() + BEHIND,
                        tree.size(),
                        List.of("held", Long.toString(until), tree.root().toString()))
                .text();
    }

    /** @return whether the text is meant to be one of the log */
    static boolean isOne(String text, String origin) {
        return text.startsWith(origin + BEHIND + "\n");
    }

    /** @throws TlogException if it has another form */
    static HeldNote parse(String text) {
        HashedLines form = HashedLines.parse(text);
        List<String> lines = form.lines();
        if (lines.size() != 3
                || !lines.getFirst().equals("held")
                || !lines.get(1).matches("\\d{1,18}")) {
            throw new TlogException("expected up to which offset a log was held against what was published, but got "
                    + lines.size() + " lines that begin with '" + lines.getFirst() + "'");
        }
        String origin = form.origin().substring(0, form.origin().length() - BEHIND.length());
        return new HeldNote(
                new Checkpoint(origin, form.size(), Hash.parse(lines.get(2))), Long.parseLong(lines.get(1)));
    }
}
