package io.millrace.ingest.audit.proof;

import io.millrace.ingest.audit.tlog.NoteVerifier;
import io.millrace.ingest.audit.tlog.RawKeys;
import io.millrace.ingest.audit.tlog.SignedNote;
import io.millrace.ingest.audit.tlog.TlogException;
import io.millrace.ingest.audit.tlog.VerifierKey;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Says which keys sign the checkpoints of a log from some size on. It is a note, signed by a key of the statement
 * before it, so that trust in an old key leads to the new ones. Its text is one of
 * {@link HashedLines}: its origin has {@code /keys} behind it, and the keys are the further lines.
 *
 * @param origin of the log
 * @param size from which on the keys sign; checkpoints of smaller trees were signed by those before
 * @param keys that sign, all of them; of one that was read, those of types that are known here
 */
public record KeyStatement(String origin, long size, List<VerifierKey> keys) {

    private static final String BEHIND = "/keys";

    /** Copies the keys. */
    public KeyStatement {
        keys = List.copyOf(keys);
    }

    /** @throws TlogException if the text of the note is no statement of keys */
    public static KeyStatement parse(SignedNote note) {
        if (!isOne(note.text())) {
            throw new TlogException(
                    "expected a statement of keys, but got '" + note.text().replace("\n", "\\n") + "'");
        }
        HashedLines form = HashedLines.parse(note.text());
        // A later version may have keys of other types sign as well; those of types that are known here are enough.
        List<VerifierKey> keys = form.lines().stream()
                .flatMap(line -> VerifierKey.parseKnown(line).stream())
                .toList();
        return new KeyStatement(
                form.origin().substring(0, form.origin().length() - BEHIND.length()), form.size(), keys);
    }

    /**
     * Checks that this statement, which the note holds, may stand behind another: all keys that it names have signed it, as far as their
     * types are known here, and one of them at least is named by the one before. So a key becomes known only by one that was.
     *
     * @param before null: it is the first
     * @throws TlogException if not
     */
    public void expectBehind(@Nullable KeyStatement before, SignedNote note) {
        List<VerifierKey> checked =
                keys.stream().filter(key -> RawKeys.known(key.type())).toList();
        boolean signed = !checked.isEmpty() && checked.stream().allMatch(key -> signedBy(key, note));
        boolean follows = before == null
                || origin.equals(before.origin())
                        && size >= before.size()
                        && checked.stream().anyMatch(before.keys()::contains);
        if (!signed || !follows) {
            throw new TlogException("expected the statement of keys from size " + size
                    + " on to be signed by all keys that it names, of which one at least is named by the statement"
                    + " before it, but it is not");
        }
    }

    private boolean signedBy(VerifierKey key, SignedNote note) {
        NoteVerifier verifier = new NoteVerifier(key);
        return key.name().equals(origin)
                && note.signatures().stream().anyMatch(line -> line.isOf(key) && verifier.verifies(note.text(), line));
    }

    /** @return whether the text is meant to be a statement of keys */
    public static boolean isOne(String text) {
        return text.lines()
                .findFirst()
                .filter(origin -> origin.endsWith(BEHIND))
                .isPresent();
    }

    /** @return the text to be signed */
    public String text() {
        return new HashedLines(
                        origin + BEHIND,
                        size,
                        keys.stream().map(VerifierKey::toString).toList())
                .text();
    }
}
