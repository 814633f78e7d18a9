package io.millrace.ingest.audit.proof;

import io.millrace.ingest.audit.tlog.Checkpoint;
import io.millrace.ingest.audit.tlog.Hash;
import io.millrace.ingest.audit.tlog.TlogException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What a key of a log signs beside checkpoints. The text has the form of a checkpoint, since a key of ML-DSA-44 signs nothing else: the
 * hash of further lines, with their ends, stands in the place of the root, and the lines follow.
 *
 * @param origin another one than that of the log
 * @param size of the log
 * @param lines one at least, none with an end in it
 */
public record HashedLines(String origin, long size, List<String> lines) {

    private static final int FIRST = 3;

    /** Copies the lines. */
    public HashedLines {
        lines = List.copyOf(lines);
    }

    /** @throws TlogException if the text has another form, or another hash */
    public static HashedLines parse(String text) {
        Checkpoint form = Checkpoint.parse(text);
        List<String> lines = Stream.of(text.split("\n")).skip(FIRST).toList();
        Hash named = hash(lines);
        if (lines.isEmpty() || !named.equals(form.root())) {
            throw new TlogException("expected the hash " + named + " of the lines behind it in the note of "
                    + form.origin() + ", but got " + form.root());
        }
        return new HashedLines(form.origin(), form.size(), lines);
    }

    /** @return the text to be signed */
    public String text() {
        return new Checkpoint(origin, size, hash(lines)).text() + joined(lines);
    }

    private static Hash hash(List<String> lines) {
        return RecordHasher.sha256(joined(lines).getBytes(StandardCharsets.UTF_8));
    }

    private static String joined(List<String> lines) {
        return lines.stream().map(line -> line + "\n").collect(Collectors.joining());
    }
}
