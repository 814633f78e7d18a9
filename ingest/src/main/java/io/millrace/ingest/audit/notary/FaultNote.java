package io.millrace.ingest.audit.notary;

import io.millrace.ingest.audit.proof.HashedLines;
import io.millrace.ingest.audit.proof.RecordHasher;
import io.millrace.ingest.audit.tlog.Hash;
import io.millrace.ingest.audit.tlog.TlogException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;

/**
 * Says on millrace.checkpoints that a log is at fault, or that faults of it are over, so that nobody takes a fault back who can only change
 * the database. It has the origin of the log with {@code /fault} behind it; who does not know it passes it over. A fault that is over is
 * named by the hash of its text. So it is no matter where they stand, and a copy of one says nothing new.
 */
sealed interface FaultNote {

    /** Behind the origin of the log. */
    String BEHIND = "/fault";

    /** Code points of what is wrong that are kept. */
    int LONGEST = 1_000;

    /**
     * A fault.
     *
     * @param size of the log
     * @param timeMs when it was found, milliseconds since the epoch: so no two are the same
     * @param what is wrong
     */
    record Fault(String origin, long size, long timeMs, String what) implements FaultNote {

        @Override
        public List<String> lines() {
            String line = what.codePoints()
                    .map(c -> c < ' ' ? ' ' : c)
                    .limit(LONGEST)
                    .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                    .toString();
            return List.of("fault", Long.toString(timeMs), line);
        }
    }

    /**
     * Faults that are over: the tree was made again from the first leaf, and fits all that was published.
     *
     * @param size of the log
     * @param faults which, by the hashes of their texts
     */
    record Over(String origin, long size, List<Hash> faults) implements FaultNote {

        @Override
        public List<String> lines() {
            return Stream.concat(Stream.of("over"), faults.stream().map(Hash::toString))
                    .toList();
        }
    }

    /** @return origin of the log */
    String origin();

    /** @return leaves of its tree */
    long size();

    /** @return the lines behind the third */
    List<String> lines();

    /** @return the text to be signed */
    default String text() {
        return new HashedLines(origin() + BEHIND, size(), lines()).text();
    }

    /** @return the hash by which a fault is named */
    static Hash name(String text) {
        return RecordHasher.sha256(text.getBytes(StandardCharsets.UTF_8));
    }

    /** @return whether the text is meant to be one of the log */
    static boolean isOne(String text, String origin) {
        return text.startsWith(origin + BEHIND + "\n");
    }

    /** @throws TlogException if it has another form */
    static FaultNote parse(String text) {
        HashedLines form = HashedLines.parse(text);
        String origin = form.origin().substring(0, form.origin().length() - BEHIND.length());
        List<String> lines = form.lines();
        if (lines.getFirst().equals("over")) {
            return new Over(
                    origin, form.size(), lines.stream().skip(1).map(Hash::parse).toList());
        }
        if (lines.getFirst().equals("fault")
                && lines.size() == 3
                && lines.get(1).matches("\\d{1,18}")) {
            return new Fault(origin, form.size(), Long.parseLong(lines.get(1)), lines.get(2));
        }
        throw new TlogException("expected a fault, with its time and what is wrong, or which faults are over, but got "
                + lines.size() + " lines that begin with '" + lines.getFirst() + "'");
    }
}
