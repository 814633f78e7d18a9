package io.millrace.dispatcher.partition;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.millrace.dispatcher.codec.CommandRecords;
import io.millrace.dispatcher.engine.Home;
import io.millrace.dispatcher.engine.MemoryStorage;
import io.millrace.dispatcher.engine.command.Asker;
import io.millrace.dispatcher.engine.command.Command;
import io.millrace.dispatcher.engine.command.CommandMeta;
import io.millrace.dispatcher.engine.command.Rules;
import io.millrace.dispatcher.engine.state.PartitionState;
import io.millrace.dispatcher.partition.RecordExecutor.Executed;
import io.millrace.dispatcher.partition.RecordExecutor.Writers;
import io.millrace.proto.mac.CommandMacs;
import io.millrace.proto.mac.MacKey;
import io.millrace.proto.mac.MacKeys;
import io.millrace.proto.mac.MacMode;
import io.millrace.proto.proof.OutcomeHashes;
import io.millrace.proto.v1.MacVerdict;
import io.millrace.proto.v1.OutcomeRecord;
import io.millrace.proto.v1.RefusalReason;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Commands that no node wrote are refused, whatever they ask for, and so again when the log is carried out without keys. */
class WriterCheckTest {

    private static final MacKeys KEYS = new MacKeys(List.of(new MacKey("k1", new byte[32])));

    private static final CommandMacs MACS = new CommandMacs(MacMode.REQUIRE, KEYS);

    private final PartitionMetrics metrics = new PartitionMetrics();
    private final List<byte[]> log = new ArrayList<>();
    private UUID writer = new UUID(1, 1);
    private long number;

    private Writers live(MacMode mode) {
        WriterCheck check = new WriterCheck(new CommandMacs(mode, KEYS), metrics);
        return (offset, record, command) -> check.of(0, offset, record, command);
    }

    private void append(Command command, boolean byNode) {
        CommandMeta meta = new CommandMeta(
                new UUID(5, log.size()),
                new UUID(0, 0),
                1_000,
                1_000,
                log.size(),
                0,
                false,
                false,
                new byte[32],
                Asker.NOBODY);
        byte[] record = CommandRecords.of(meta, command).toByteArray();
        log.add(byNode ? MACS.seal(0, record, writer, ++number) : record);
    }

    /** As a node of an older version writes it, which knows nothing of numbers. */
    private void appendWithoutNumber(Command command) {
        append(command, false);
        log.set(log.size() - 1, MACS.seal(0, log.getLast()));
    }

    private void copy(int offset) {
        log.add(log.get(offset));
    }

    private static List<MacVerdict> verdicts(List<Executed> all) {
        return all.stream().map(Executed::verdict).toList();
    }

    private List<Executed> run(Writers writers) {
        RecordExecutor executor =
                new RecordExecutor(new Home(0, 1), new PartitionState(new MemoryStorage(), 1 << 20), new FailedParts());
        List<Executed> all = new ArrayList<>();
        for (byte[] record : log) {
            all.add(executor.execute(all.size(), 1_000, record, writers));
        }
        return all;
    }

    private void writeLog() {
        append(new Command.RaiseRules(Rules.VERSION), true);
        append(new Command.FireDue(1), true);
        append(new Command.RaiseRules(Rules.VERSION + 1), false);
        append(new Command.BeginTenure(UUID.randomUUID(), "nobody", Rules.VERSION, 0, 0, 0), false);
        append(new Command.FireDue(1), true);
    }

    @Test
    void whatNoNodeWroteIsRefusedAndNotLookedAt() {
        writeLog();

        List<Executed> all = run(live(MacMode.REQUIRE));

        for (int forged : new int[] {2, 3}) {
            OutcomeRecord outcome = all.get(forged).record();
            assertEquals(MacVerdict.MAC_MISSING, outcome.getMac());
            assertEquals(RefusalReason.PERMISSION_DENIED, outcome.getRefusal().getReason());
            assertEquals(
                    "expected a command that a node of this installation wrote, but it carries no MAC",
                    outcome.getRefusal().getText());
            assertEquals(null, all.get(forged).decoded(), "nobody may act on it");
            assertEquals(0, outcome.getEventsCount());
        }
        assertEquals(MacVerdict.MAC_VALID, all.get(4).record().getMac());
        assertFalse(all.get(4).record().hasRefusal());
        assertEquals(2, metrics.notByNodes(MacVerdict.MAC_MISSING));
    }

    @Test
    void rulesTwoKnowOfNoMacs() {
        append(new Command.FireDue(1), false);

        OutcomeRecord outcome = run(live(MacMode.REQUIRE)).get(0).record();

        assertEquals(Rules.OLDEST, outcome.getRulesVersion());
        assertEquals(MacVerdict.MAC_UNCHECKED, outcome.getMac());
        assertFalse(outcome.hasRefusal());
    }

    @Test
    void whileSomeNodesWriteNoneYetTheyAreCountedOnly() {
        append(new Command.RaiseRules(Rules.VERSION), true);
        append(new Command.FireDue(1), false);

        OutcomeRecord outcome = run(live(MacMode.WRITE)).get(1).record();

        assertEquals(MacVerdict.MAC_UNCHECKED, outcome.getMac());
        assertFalse(outcome.hasRefusal());
        assertEquals(1, metrics.notByNodes(MacVerdict.MAC_MISSING));
    }

    @Test
    void theLogGivesTheSameOutcomesWithoutKeysByTheVerdictsInThem() {
        writeLog();
        List<OutcomeRecord> first =
                run(live(MacMode.REQUIRE)).stream().map(Executed::record).toList();

        List<OutcomeRecord> again = run(
                        (offset, record, command) -> first.get((int) offset).getMac())
                .stream()
                .map(Executed::record)
                .toList();

        assertEquals(first, again);
    }

    @Test
    void aCopyIsRefusedWhateverCameMeanwhile() {
        append(new Command.RaiseRules(Rules.VERSION), true);
        append(new Command.BeginTenure(UUID.randomUUID(), "node", Rules.VERSION, 0, 0, 0), true);
        for (int i = 0; i < 2_000; i++) {
            append(new Command.FireDue(1), true);
        }
        writer = new UUID(2, 2);
        append(new Command.FireDue(1), true);
        int end = log.size();
        List<Integer> copied = List.of(0, 1, 2, 500, end - 2, end - 1, 1);
        copied.forEach(this::copy);
        append(new Command.FireDue(1), true);

        List<Executed> all = run(live(MacMode.REQUIRE));

        for (Executed copy : all.subList(end, end + copied.size())) {
            assertEquals(MacVerdict.MAC_COPIED, copy.verdict());
            assertEquals(null, copy.decoded(), "nobody may act on it");
            OutcomeRecord outcome = copy.record();
            assertEquals(RefusalReason.PERMISSION_DENIED, outcome.getRefusal().getReason());
            assertEquals(
                    "expected a command that a node of this installation put here, once, but it is a copy of one that was"
                            + " decided before",
                    outcome.getRefusal().getText());
        }
        assertTrue(all.subList(1, end).stream().allMatch(one -> one.verdict() == MacVerdict.MAC_VALID));
        assertEquals(MacVerdict.MAC_VALID, all.getLast().verdict());
    }

    @Test
    void aCopyIsRefusedAlsoWhileStrangersAreOnlyCounted() {
        append(new Command.RaiseRules(Rules.VERSION), true);
        append(new Command.FireDue(1), true);
        copy(1);

        assertEquals(MacVerdict.MAC_COPIED, run(live(MacMode.WRITE)).getLast().verdict());
    }

    @Test
    void whereNobodyLooksAtMacsCopiesAreCarriedOut() {
        append(new Command.RaiseRules(Rules.VERSION), true);
        append(new Command.FireDue(1), true);
        copy(1);

        Executed last = run(live(MacMode.OFF)).getLast();

        assertEquals(MacVerdict.MAC_UNCHECKED, last.verdict());
        assertFalse(last.record().hasRefusal());
    }

    /** As where a node was set to look at no MACs for a while, or did not know the key of another one yet. */
    @Test
    void aCopyOfWhatWasCarriedOutUncheckedIsRefusedByWhoLooksAgain() {
        append(new Command.RaiseRules(Rules.VERSION), true);
        append(new Command.FireDue(1), true);
        append(new Command.FireDue(1), true);
        append(new Command.FireDue(1), true);
        copy(2);
        append(new Command.FireDue(1), true);
        copy(3);
        MacKeys others = new MacKeys(List.of(new MacKey("k2", new byte[32])));
        WriterCheck without = new WriterCheck(new CommandMacs(MacMode.WRITE, others), metrics);
        List<Writers> looks = List.of(
                live(MacMode.REQUIRE),
                live(MacMode.REQUIRE),
                live(MacMode.OFF),
                (offset, record, command) -> without.of(0, offset, record, command));

        List<MacVerdict> verdicts = verdicts(run((offset, record, command) ->
                (offset < looks.size() ? looks.get((int) offset) : live(MacMode.REQUIRE)).of(offset, record, command)));

        assertEquals(
                List.of(
                        MacVerdict.MAC_UNCHECKED,
                        MacVerdict.MAC_VALID,
                        MacVerdict.MAC_UNCHECKED,
                        MacVerdict.MAC_UNCHECKED,
                        MacVerdict.MAC_COPIED,
                        MacVerdict.MAC_VALID,
                        MacVerdict.MAC_COPIED),
                verdicts);
    }

    @Test
    void commandsWithoutNumbersAreTakenUntilTheRulesAreRaisedAndNoLonger() {
        append(new Command.RaiseRules(Rules.COPIES_KNOWN - 1), true);
        appendWithoutNumber(new Command.FireDue(1));
        copy(1);
        appendWithoutNumber(new Command.RaiseRules(Rules.COPIES_KNOWN));
        copy(1);
        appendWithoutNumber(new Command.FireDue(1));
        append(new Command.FireDue(1), true);

        assertEquals(
                List.of(
                        MacVerdict.MAC_UNCHECKED,
                        MacVerdict.MAC_VALID,
                        MacVerdict.MAC_VALID,
                        MacVerdict.MAC_VALID,
                        MacVerdict.MAC_WITHOUT_NUMBER,
                        MacVerdict.MAC_WITHOUT_NUMBER,
                        MacVerdict.MAC_VALID),
                verdicts(run(live(MacMode.REQUIRE))));
    }

    /** A writer goes on with its numbers when the rules are raised, and what it wrote before is behind it. */
    @Test
    void ofAWriterThatWasThereBeforeTheRaiseAllThatCameBeforeCountsAsSeen() {
        append(new Command.RaiseRules(Rules.COPIES_KNOWN - 1), true);
        append(new Command.FireDue(1), true);
        append(new Command.RaiseRules(Rules.COPIES_KNOWN), true);
        copy(1);
        append(new Command.FireDue(1), true);
        copy(2);

        assertEquals(
                List.of(MacVerdict.MAC_COPIED, MacVerdict.MAC_VALID, MacVerdict.MAC_COPIED),
                verdicts(run(live(MacMode.REQUIRE))).subList(3, 6));
    }

    /** A state that was stored goes on as one that stayed in memory. */
    @Test
    void copiesAreKnownInAStateThatWasOpenedAnew() {
        append(new Command.RaiseRules(Rules.VERSION), true);
        for (int i = 0; i < 20; i++) {
            append(new Command.FireDue(1), true);
            copy(log.size() / 2);
        }
        List<OutcomeRecord> expected =
                run(live(MacMode.REQUIRE)).stream().map(Executed::record).toList();
        MemoryStorage storage = new MemoryStorage();
        List<OutcomeRecord> all = new ArrayList<>();

        for (byte[] record : log) {
            PartitionState state = new PartitionState(storage, 1 << 20);
            all.add(new RecordExecutor(new Home(0, 1), state, new FailedParts())
                    .execute(all.size(), 1_000, record, live(MacMode.REQUIRE))
                    .record());
            state.flush();
        }

        assertEquals(expected, all);
        assertEquals(
                20,
                all.stream()
                        .filter(outcome -> outcome.getMac() == MacVerdict.MAC_COPIED)
                        .count());
    }

    /** What an outcome says of a number is found out again: whoever wrote it cannot let a copy pass, nor a command fail. */
    @Test
    void theNumberDecidesAndNotWhatWasRecordedOfIt() {
        append(new Command.RaiseRules(Rules.VERSION), true);
        append(new Command.FireDue(1), true);
        copy(1);

        for (MacVerdict said : List.of(MacVerdict.MAC_VALID, MacVerdict.MAC_COPIED, MacVerdict.MAC_WITHOUT_NUMBER)) {
            assertEquals(
                    List.of(MacVerdict.MAC_VALID, MacVerdict.MAC_COPIED),
                    verdicts(run((offset, record, command) -> said)).subList(1, 3));
        }
        assertEquals(
                List.of(MacVerdict.MAC_VALID, MacVerdict.MAC_VALID),
                verdicts(run(((Writers) (offset, record, command) -> MacVerdict.MAC_VALID).knowingNumbers()))
                        .subList(1, 3));
    }

    @Test
    void theHashesCoverTheVerdict() {
        writeLog();
        OutcomeHashes hashes = new OutcomeHashes();
        byte[] previous = OutcomeHashes.FIRST;
        for (Executed executed : run(live(MacMode.REQUIRE))) {
            OutcomeRecord outcome = executed.record();
            assertEquals(outcome.getPartitionHash(), ByteString.copyFrom(hashes.partition(previous, outcome)));
            if (outcome.getMac() != MacVerdict.MAC_UNCHECKED) {
                OutcomeRecord changed =
                        outcome.toBuilder().setMac(MacVerdict.MAC_WRONG).build();
                assertTrue(
                        !outcome.getPartitionHash().equals(ByteString.copyFrom(hashes.partition(previous, changed))));
            }
            previous = outcome.getPartitionHash().toByteArray();
        }
    }
}
