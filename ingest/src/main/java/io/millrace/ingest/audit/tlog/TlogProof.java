package io.millrace.ingest.audit.tlog;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A proof that an entry is in a log, to be checked without network: tlog-proof.
 *
 * @param extra bytes that are not covered by any signature
 * @param index of the entry
 * @param hashes inclusion proof, from the leaf's sibling up
 * @param checkpoint the signed note of the checkpoint, as the log and its witnesses have signed it
 */
public record TlogProof(Optional<byte[]> extra, long index, List<Hash> hashes, String checkpoint) {

    private static final String HEAD = "c2sp.org/tlog-proof@v1";
    private static final String EXTRA = "extra ";
    private static final String INDEX = "index ";

    /** @throws TlogException if it has another form */
    public static TlogProof parse(String text) {
        int split = text.indexOf("\n\n");
        String[] lines = split < 0 ? new String[0] : text.substring(0, split).split("\n", -1);
        int next = 0;
        if (lines.length < 2 || !lines[next++].equals(HEAD)) {
            throw new TlogException("expected a proof that begins with '" + HEAD + "', but it does not");
        }
        Optional<byte[]> extra = Optional.empty();
        if (lines[next].startsWith(EXTRA)) {
            extra = Optional.of(Base64Text.decode(lines[next++].substring(EXTRA.length())));
        }
        if (next == lines.length || !lines[next].startsWith(INDEX)) {
            throw new TlogException("expected the index of an entry in the proof, but there is none");
        }
        long index = Checkpoint.number("the index of an entry", lines[next++].substring(INDEX.length()));
        List<Hash> hashes = new ArrayList<>();
        while (next < lines.length) {
            hashes.add(Hash.parse(lines[next++]));
        }
        return new TlogProof(extra, index, hashes, text.substring(split + 2));
    }

    /** @return the text, which files named {@code .tlog-proof} hold */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(HEAD).append('\n');
        extra.ifPresent(
                bytes -> text.append(EXTRA).append(Base64Text.encode(bytes)).append('\n'));
        text.append(INDEX).append(index).append('\n');
        hashes.forEach(hash -> text.append(hash).append('\n'));
        return text.append('\n').append(checkpoint).toString();
    }
}
