package io.millrace.ingest.audit.proof;

import io.millrace.ingest.audit.tlog.Checkpoint;
import io.millrace.ingest.audit.tlog.Hash;
import io.millrace.ingest.audit.tlog.SignedNote;
import io.millrace.ingest.audit.tlog.TlogException;
import io.millrace.ingest.audit.tlog.VerifierKey;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Says which keys sign the checkpoints of a log from some size on. It is a note, signed by a key of the statement
 * before it, so that trust in an old key leads to the new ones. Its text has the form of a checkpoint, since a key of
 * ML-DSA-44 signs nothing else. Its origin has {@code /keys} behind it, the hash of the keys stands in the place of the
 * root, and the keys follow as further lines.
 *
 * @param origin of the log
 * @param size from which on the keys sign; checkpoints of smaller trees were signed by those before
 * @param keys that sign, all of them; of one that was read, those of types that are known here
 */
public record KeyStatement(String origin, long size, List<VerifierKey> keys) {

    private static final String BEHIND = "/keys";
    private static final int FIRST_KEY = 3;

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
        Checkpoint form = Checkpoint.parse(note.text());
        List<String> lines = Stream.of(note.text().split("\n")).skip(FIRST_KEY).toList();
        Hash named = hash(lines);
        if (lines.isEmpty() || !named.equals(form.root())) {
            throw new TlogException(
                    "expected the hash " + named + " of the keys in a statement of keys, but got " + form.root());
        }
        // A later version may have keys of other types sign as well; those of types that are known here are enough.
        List<VerifierKey> keys = lines.stream()
                .flatMap(line -> VerifierKey.parseKnown(line).stream())
                .toList();
        return new KeyStatement(
                form.origin().substring(0, form.origin().length() - BEHIND.length()), form.size(), keys);
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
        List<String> lines = keys.stream().map(VerifierKey::toString).toList();
        return new Checkpoint(origin + BEHIND, size, hash(lines)).text() + joined(lines);
    }

    private static Hash hash(List<String> lines) {
        return RecordHasher.sha256(joined(lines).getBytes(StandardCharsets.UTF_8));
    }

    private static String joined(List<String> lines) {
        return lines.stream().map(line -> line + "\n").collect(Collectors.joining());
    }
}
