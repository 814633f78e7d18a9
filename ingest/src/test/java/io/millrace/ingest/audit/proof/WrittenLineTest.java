package io.millrace.ingest.audit.proof;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.ingest.audit.proof.LoggedRecord.LoggedHeader;
import io.millrace.ingest.audit.tlog.Hash;
import io.millrace.ingest.audit.tlog.TlogException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What the quick reader reads is what the parser of JSON reads, and it never takes what that one refuses. */
class WrittenLineTest {

    private static final String STRUCTURE = "\"{}[],:0123456789nul=A-+ \\";

    private final Random random = new Random(17);
    private final WrittenLine written = new WrittenLine();

    @Test
    void readsWhatIsWritten() {
        for (int i = 0; i < 2_000; i++) {
            String line = ProofJson.line(record());

            assertEquals(line, read(line).map(ProofJson::line).orElse("nothing"));
        }
    }

    @Test
    void leavesTheNamesThatAreEscapedToTheOtherParser() {
        for (String name : List.of("a\"b", "a\\b", "ü", "a\nb", "\u0001")) {
            LoggedRecord outcome = new LoggedRecord(1, 2, null, null, List.of(new LoggedHeader(name, null)));
            String line = ProofJson.line(new ProvedRecord(0, new byte[85], List.of(), outcome, Optional.empty()));

            assertEquals(Optional.empty(), read(line));
            assertEquals(line, ProofJson.line(ProofJson.record(line)));
        }
    }

    @Test
    void takesNothingThatTheParserRefusesOrReadsOtherwise() {
        int taken = 0;
        for (int i = 0; i < 60_000; i++) {
            String line = damaged(ProofJson.line(record()));
            Optional<ProvedRecord> read = read(line);
            if (read.isPresent()) {
                taken++;
                assertEquals(ProofJson.line(parsed(line)), ProofJson.line(read.get()), line);
            }
        }
        assertTrue(taken > 1_000, "expected many changes that leave the form as it is, but there were " + taken);
    }

    /** The first hash of a line that cannot be read must not be taken for that of the next line. */
    @Test
    void keepsNothingOfALineThatHasAnotherForm() {
        for (int i = 0; i < 5_000; i++) {
            read(damaged(ProofJson.line(record())));
            String line = ProofJson.line(record());

            assertEquals(line, read(line).map(ProofJson::line).orElse("nothing"));
        }
    }

    private static ProvedRecord parsed(String line) {
        try {
            return ProofJson.record(line);
        } catch (TlogException e) {
            throw new AssertionError("the quick reader takes what the parser refuses: " + line, e);
        }
    }

    /** Stands within other bytes, as lines of a block do. */
    private Optional<ProvedRecord> read(String line) {
        byte[] bytes = ("}" + line + "\n}").getBytes(StandardCharsets.UTF_8);
        return written.read(bytes, 1, bytes.length);
    }

    private String damaged(String line) {
        StringBuilder text = new StringBuilder(line);
        int at = random.nextInt(line.length());
        char other = STRUCTURE.charAt(random.nextInt(STRUCTURE.length()));
        switch (random.nextInt(4)) {
            case 0 -> text.setCharAt(at, other);
            case 1 -> text.insert(at, other);
            case 2 -> text.deleteCharAt(at);
            default -> text.setLength(at);
        }
        return text.toString();
    }

    private ProvedRecord record() {
        List<Hash> hashes = new ArrayList<>();
        for (int i = random.nextInt(20); i > 0; i--) {
            byte[] hash = new byte[Hash.BYTES];
            // Few different ones, so that lines repeat those of the lines before.
            hash[0] = (byte) random.nextInt(3);
            hashes.add(Hash.at(hash, 0));
        }
        return new ProvedRecord(
                number(),
                bytes(random.nextInt(90)),
                hashes,
                logged(),
                random.nextBoolean() ? Optional.of(logged()) : Optional.empty());
    }

    private LoggedRecord logged() {
        List<LoggedHeader> headers = new ArrayList<>();
        for (int i = random.nextInt(3); i > 0; i--) {
            headers.add(new LoggedHeader("header " + random.nextInt(), optional()));
        }
        return new LoggedRecord(number(), number(), optional(), optional(), headers);
    }

    private long number() {
        return random.nextBoolean() ? random.nextInt(3) - 1 : random.nextLong() / 1_000;
    }

    private byte[] optional() {
        return random.nextInt(4) == 0 ? null : bytes(random.nextInt(40));
    }

    private byte[] bytes(int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }
}
