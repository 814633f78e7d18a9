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

    private final PartitionMetrics metrics = new PartitionMetrics();
    private final List<byte[]> log = new ArrayList<>();

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
        log.add(byNode ? new CommandMacs(MacMode.REQUIRE, KEYS).seal(0, record) : record);
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
        append(new Command.BeginTenure(UUID.randomUUID(), "nobody", Rules.VERSION, 0), false);
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
