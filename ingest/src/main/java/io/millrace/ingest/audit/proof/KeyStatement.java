package io.millrace.ingest.audit.proof;

import io.millrace.ingest.audit.tlog.SignedNote;
import io.millrace.ingest.audit.tlog.TlogException;
import io.millrace.ingest.audit.tlog.VerifierKey;
import java.util.ArrayList;
import java.util.List;

/**
 * Says which keys sign the checkpoints of a log from some size on. It is a note, signed by a key of the statement before it, so
 * that trust in an old key leads to the new ones.
 *
 * @param origin of the log
 * @param size from which on the keys sign; checkpoints of smaller trees were signed by those before
 * @param keys that sign, all of them
 */
public record KeyStatement(String origin, long size, List<VerifierKey> keys) {

    private static final String HEAD = "millrace-keys/v1";
    private static final String SIZE = "size ";
    private static final int FIRST_KEY = 3;

    /** Copies the keys. */
    public KeyStatement {
        keys = List.copyOf(keys);
    }

    /** @throws TlogException if the text of the note is no statement of keys */
    public static KeyStatement parse(SignedNote note) {
        String[] lines = note.text().split("\n");
        if (lines.length <= FIRST_KEY || !lines[0].equals(HEAD) || !lines[2].matches(SIZE + "(0|[1-9]\\d{0,17})")) {
            throw new TlogException("expected a statement of keys that begins with '" + HEAD + "', but got '"
                    + note.text().replace("\n", "\\n") + "'");
        }
        List<VerifierKey> keys = new ArrayList<>();
        for (int i = FIRST_KEY; i < lines.length; i++) {
            keys.add(VerifierKey.parse(lines[i]));
        }
        return new KeyStatement(lines[1], Long.parseLong(lines[2].substring(SIZE.length())), keys);
    }

    /** @return whether the text is meant to be a statement of keys */
    public static boolean isOne(String text) {
        return text.startsWith(HEAD + "\n");
    }

    /** @return the text to be signed */
    public String text() {
        StringBuilder text = new StringBuilder(HEAD + "\n" + origin + "\n" + SIZE + size + "\n");
        keys.forEach(key -> text.append(key).append('\n'));
        return text.toString();
    }
}
