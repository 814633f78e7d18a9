package io.millrace.dispatcher.partition;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import io.millrace.dispatcher.engine.command.Rules;
import io.millrace.dispatcher.engine.store.Bytes;
import io.millrace.dispatcher.partition.GoldenLog.Row;
import io.millrace.dispatcher.partition.GoldenLog.Step;
import io.millrace.proto.v1.CommandRecord;
import io.millrace.proto.v1.OutcomeRecord;
import io.millrace.proto.v1.ReplyRecord;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Logs that were recorded under each version of the rules, with all that came of them then. The same must come of them for
 * ever, on any machine: a partition may hold them, and its hashes stand in them. Whoever meant to change what comes of a
 * command raises the version of the rules instead; CONTRIBUTING.md tells how.
 */
class GoldenLogsTest {

    /** Not as when they were recorded: what comes out must not hang on when it is stored. */
    private static final int FLUSH_EVERY = 5;

    static Stream<Arguments> versions() {
        return IntStream.rangeClosed(Rules.OLDEST, Rules.VERSION)
                .boxed()
                .flatMap(rules -> Stream.of(Arguments.of(rules, "stories"), Arguments.of(rules, "random")));
    }

    @ParameterizedTest
    @MethodSource("versions")
    void theSameComesOfALogForEver(int rules, String file) throws IOException {
        for (GoldenLog golden : read(rules, file)) {
            GoldenLog now = GoldenRun.of(golden.name(), golden.partitions(), golden.steps(), FLUSH_EVERY);

            String where = "rules " + rules + ", " + golden.name();
            for (int i = 0; i < golden.steps().size(); i++) {
                assertSame(golden.steps().get(i), now.steps().get(i), where + ", offset " + i);
            }
            assertSame(inFormOfToday(rules, golden.stores()), sorted(now.stores()), where);
        }
    }

    private static List<GoldenLog> read(int rules, String file) throws IOException {
        String name = "/golden/rules-" + rules + "/" + file + ".gz";
        try (InputStream in = GoldenLogsTest.class.getResourceAsStream(name)) {
            if (in == null) {
                return fail("expected golden logs at " + name + ", but there are none");
            }
            return GoldenLog.read(in);
        }
    }

    private static void assertSame(Step golden, Step now, String where) throws IOException {
        String command = golden.command() == null ? "an empty record" : readable(golden.command());
        if (!Arrays.equals(golden.outcome(), now.outcome())) {
            assertEquals(
                    OutcomeRecord.parseFrom(golden.outcome()).toString(),
                    OutcomeRecord.parseFrom(now.outcome()).toString(),
                    where + ", outcome of " + command);
            fail("expected the same bytes of the outcome, but only the text is the same: " + where);
        }
        assertEquals(replies(golden), replies(now), where + ", replies to " + command);
        for (byte[] reply : now.replies()) {
            assertEquals(
                    CommandRecord.parseFrom(now.command()).getCommandId(),
                    ReplyRecord.parseFrom(reply).getCommandId(),
                    where + ", what is answered by the reply to " + command);
        }
        assertEquals(sent(golden), sent(now), where + ", commands sent because of " + command);
        assertEquals(hex(golden.digest()), hex(now.digest()), where + ", hashes in the outcome of " + command);
    }

    private static String readable(byte[] command) {
        try {
            return CommandRecord.parseFrom(command).toString();
        } catch (IOException e) {
            return "no command: " + hex(command);
        }
    }

    /** Without the command that they name: logs were recorded when replies did not. */
    private static List<String> replies(Step step) throws IOException {
        List<String> texts = new ArrayList<>();
        for (byte[] reply : step.replies()) {
            ReplyRecord said =
                    ReplyRecord.parseFrom(reply).toBuilder().clearCommandId().build();
            texts.add(said + hex(said.toByteArray()));
        }
        return texts;
    }

    private static List<String> sent(Step step) throws IOException {
        List<String> texts = new ArrayList<>();
        for (GoldenLog.Sent sent : step.outgoing()) {
            texts.add("partition " + sent.partition() + " key " + hex(sent.key()) + "\n"
                    + CommandRecord.parseFrom(sent.value()) + hex(sent.value()));
        }
        return texts;
    }

    /** Names the first difference only: whole stores are too long to look at. */
    private static void assertSame(List<Row> golden, List<Row> now, String where) {
        for (int i = 0; i < Math.min(golden.size(), now.size()); i++) {
            assertEquals(text(golden.get(i)), text(now.get(i)), where + ", stored entry " + i);
        }
        assertEquals(golden.size(), now.size(), where + ", number of stored entries");
    }

    private static String text(Row row) {
        return row.table() + " " + hex(row.key()) + " = " + hex(row.value());
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }

    private static List<Row> sorted(List<Row> rows) {
        return rows.stream()
                .sorted(Comparator.comparing(Row::table).thenComparing(Row::key, Arrays::compareUnsigned))
                .toList();
    }

    /**
     * Stored forms may change while the rules stay. What did since: the record of the partition says under which rules it is
     * and who owns it, which under rules 2 nobody told.
     */
    private static List<Row> inFormOfToday(int rules, List<Row> golden) {
        return sorted(golden.stream()
                .map(row -> rules == Rules.OLDEST && row.table().equals("PARTITION")
                        ? new Row(row.table(), row.key(), withTenure(row.value()))
                        : row)
                .toList());
    }

    private static byte[] withTenure(byte[] form2) {
        byte[] form3 =
                Bytes.writer().raw(form2).i32(Rules.OLDEST).id(null).text("").finish();
        form3[0] = 3;
        return form3;
    }
}
