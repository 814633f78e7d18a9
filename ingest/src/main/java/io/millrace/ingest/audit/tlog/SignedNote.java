package io.millrace.ingest.audit.tlog;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * A text with signatures below it, as signed-note has it.
 *
 * @param text ends with a newline
 * @param signatures one at least
 */
public record SignedNote(String text, List<NoteSignature> signatures) {

    /** More than the sixteen that a verifier has to take: log keys, new and old, and witnesses. */
    private static final int MOST_SIGNATURES = 64;

    /** Checks the text. */
    public SignedNote {
        signatures = List.copyOf(signatures);
        if (!text.endsWith("\n") || text.chars().anyMatch(c -> c < ' ' && c != '\n')) {
            throw new TlogException(
                    "expected the text of a note to end with a newline and to have no other control characters");
        }
        if (signatures.isEmpty()) {
            throw new TlogException("expected a signature below the note, but there is none");
        }
    }

    /** @throws TlogException if it has another form */
    public static SignedNote parse(String note) {
        int split = note.lastIndexOf("\n\n");
        if (split < 0 || !note.endsWith("\n")) {
            throw new TlogException("expected a note: a text, an empty line and signatures, each line with its end");
        }
        String[] lines = note.substring(split + 2).split("\n", -1);
        if (lines.length - 1 > MOST_SIGNATURES) {
            throw new TlogException(
                    "expected at most " + MOST_SIGNATURES + " signatures, but got " + (lines.length - 1));
        }
        return new SignedNote(
                note.substring(0, split + 1),
                Stream.of(lines)
                        .limit(lines.length - 1L)
                        .map(NoteSignature::parse)
                        .toList());
    }

    /** @return the same text, with further signatures below; one that is there already is not doubled */
    public SignedNote with(List<NoteSignature> more) {
        List<NoteSignature> all = new ArrayList<>(signatures);
        more.stream().filter(line -> !all.contains(line)).forEach(all::add);
        return new SignedNote(text, all);
    }

    /** @return the whole note */
    @Override
    public String toString() {
        StringBuilder note = new StringBuilder(text).append('\n');
        signatures.forEach(line -> note.append(line).append('\n'));
        return note.toString();
    }
}
