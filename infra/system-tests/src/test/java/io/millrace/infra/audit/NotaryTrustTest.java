package io.millrace.infra.audit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.ingest.audit.keys.SigningKey;
import io.millrace.ingest.audit.proof.HashedLines;
import io.millrace.ingest.audit.proof.KeyStatement;
import io.millrace.ingest.audit.tlog.Checkpoint;
import io.millrace.ingest.audit.tlog.EntryBundle;
import io.millrace.ingest.audit.tlog.Hash;
import io.millrace.ingest.audit.tlog.NoteSigner;
import io.millrace.ingest.audit.tlog.SignedNote;
import io.millrace.ingest.audit.tlog.TilePath;
import io.millrace.ingest.audit.tlog.TileWriter;
import io.millrace.ingest.audit.tlog.TileWriter.Tile;
import io.millrace.ingest.audit.tlog.TreeHasher;
import io.millrace.ingest.readmodel.ReadModelConfig;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a notary does not believe: a database that somebody has changed, and what somebody has added to the topic. Each test has partitions
 * of its own.
 */
@Order(1)
class NotaryTrustTest {

    private static LogBackends backends;
    private static SigningKey key;
    private static SigningKey evil;

    @BeforeAll
    static void start(@TempDir Path folder) throws Exception {
        backends = new LogBackends(LogBackends.MOST_PARTITIONS);
        key = RunningNotary.newKey(folder.resolve("key.pem"));
        evil = RunningNotary.newKey(folder.resolve("evil.pem"));
    }

    @AfterAll
    static void stop() {
        backends.close();
    }

    @Test
    void aKeyThatOnlyTheDatabaseNamesSignsNothing() throws Exception {
        ReadModelConfig database = backends.newDatabase();
        Hash doctored = signAndDoctor(database, 0);
        state(database, 0, -1, keysFrom(evil, 0, 0));
        publishNewest(database, 0, RunningNotary.signed(evil, new Checkpoint(origin(0), 300, doctored)));
        backends.write(0, 1);

        try (RunningNotary again = RunningNotary.withoutPatrol(database, List.of(key))) {
            assertEquals(
                    "expected the statement of keys that the database has at offset -1 of millrace.checkpoints-0 to"
                            + " stand there, but it does not: the database was changed",
                    again.expectFault(0, 301));
        }
    }

    @Test
    void aKeyThatNobodyStatedWhoSignedBeforeSignsNothing() throws Exception {
        ReadModelConfig database = backends.newDatabase();
        Hash doctored = signAndDoctor(database, 1);
        SignedNote own;
        try (RunningNotary notary = RunningNotary.withoutPatrol(database, List.of(key))) {
            own = notary.logs().keyStatements(1).getFirst();
        }
        LogBackends.execute(database, "DELETE FROM millrace_tlog.key_statements WHERE partition_number = 1");
        for (SignedNote note : List.of(keysFrom(evil, 1, 0), own)) {
            state(database, 1, backends.publish(1, note), note);
        }
        publishNewest(database, 1, RunningNotary.signed(evil, new Checkpoint(origin(1), 300, doctored)));
        backends.write(1, 1);

        try (RunningNotary again = RunningNotary.withoutPatrol(database, List.of(key))) {
            String fault = again.expectFault(1, 301);

            assertTrue(fault.contains(" to be signed by all keys that it names, of which one at least "), fault);
        }
    }

    /** Lets a log of 300 be signed, and changes an entry of it afterwards, with all tiles above. */
    private static Hash signAndDoctor(ReadModelConfig database, int partition) throws Exception {
        backends.write(partition, 300);
        TileWriter tree = new TileWriter();
        try (RunningNotary notary = RunningNotary.withoutPatrol(database, List.of(key))) {
            notary.awaitSigned(partition, 300);
            for (int bundle = 0; bundle < 2; bundle++) {
                TilePath path = new TilePath(TilePath.ENTRIES, bundle, bundle == 0 ? 256 : 44);
                for (byte[] entry :
                        EntryBundle.decode(notary.logs().tile(partition, path).orElseThrow())) {
                    if (tree.size() == 7) {
                        entry[20] ^= 1;
                    }
                    tree.append(entry);
                }
            }
        }
        for (Tile tile : tree.changed()) {
            LogBackends.execute(
                    database,
                    "UPDATE millrace_tlog.tiles SET bytes = '\\x"
                            + HexFormat.of().formatHex(tile.bytes()) + "' WHERE partition_number = " + partition
                            + " AND level = " + tile.path().level() + " AND tile = "
                            + tile.path().index());
        }
        return tree.root();
    }

    private static void state(ReadModelConfig database, int partition, long place, SignedNote note) throws Exception {
        LogBackends.execute(
                database,
                "INSERT INTO millrace_tlog.key_statements VALUES (" + partition + ", " + place + ", 0, '" + note
                        + "')");
    }

    private static void publishNewest(ReadModelConfig database, int partition, SignedNote checkpoint) throws Exception {
        backends.publish(partition, checkpoint);
        LogBackends.execute(
                database,
                "UPDATE millrace_tlog.logs SET checkpoint = '" + checkpoint + "' WHERE partition_number = "
                        + partition);
    }

    /** As a slow witness leaves it: its signature comes when there is a newer checkpoint. */
    @Test
    void aLateCopyOfAnOlderCheckpointHidesNoNewerOne() throws Exception {
        ReadModelConfig database = backends.newDatabase();
        backends.write(2, 10);
        SignedNote first;
        try (RunningNotary notary = RunningNotary.withoutPatrol(database, List.of(key))) {
            first = notary.awaitSigned(2, 10);
        }
        long newer =
                backends.publish(2, RunningNotary.signed(key, new Checkpoint(origin(2), 20, new TreeHasher().empty())));
        backends.publish(
                2,
                first.with(RunningNotary.signed(evil, Checkpoint.parse(first.text()))
                        .signatures()));
        backends.write(2, 11);

        try (RunningNotary restored = RunningNotary.withoutPatrol(database, List.of(key))) {
            String fault = restored.expectFault(2, 21);

            assertTrue(
                    fault.contains(" at size 20 of partition 2, which was published at offset " + newer + " "), fault);
        }
    }

    /** Copies have the signature of what they are copies of. */
    @Test
    void noNumberOfCopiesOfOlderCheckpointsHidesANewerOne() throws Exception {
        ReadModelConfig database = backends.newDatabase();
        List<SignedNote> older = new ArrayList<>();
        try (RunningNotary notary = RunningNotary.withoutPatrol(database, List.of(key))) {
            for (int size : new int[] {5, 10}) {
                backends.write(11, 5);
                older.add(notary.awaitSigned(11, size));
            }
        }
        long newer = backends.publish(
                11, RunningNotary.signed(key, new Checkpoint(origin(11), 20, new TreeHasher().empty())));
        for (SignedNote note : older) {
            for (int i = 0; i < 250; i++) {
                backends.publish(11, note);
            }
        }
        backends.write(11, 11);

        try (RunningNotary restored = RunningNotary.withoutPatrol(database, List.of(key))) {
            String fault = restored.expectFault(11, 21);

            assertTrue(
                    fault.contains(" at size 20 of partition 11, which was published at offset " + newer + " "), fault);
        }
    }

    /** What was compared once is not read again, and what a note says of it is believed of this node alone. */
    @Test
    void aNoteSaysUpToWhereAllFits() throws Exception {
        ReadModelConfig database = backends.newDatabase();
        backends.write(12, 5);
        SignedNote first;
        try (RunningNotary notary = RunningNotary.withoutPatrol(database, List.of(key))) {
            first = notary.awaitSigned(12, 5);
            backends.write(12, 1);
            notary.awaitSigned(12, 6);
        }
        for (int i = 0; i < 1_100; i++) {
            backends.publish(12, first);
        }
        backends.write(12, 1);
        try (RunningNotary notary = RunningNotary.withoutPatrol(database, List.of(key))) {
            notary.awaitSigned(12, 7);
            backends.write(12, 1);
            notary.awaitSigned(12, 8);
        }
        List<String> held = backends.published(12).stream()
                .map(SignedNote::text)
                .filter(text -> text.startsWith(origin(12) + "/held\n"))
                .map(text -> text.split("\n")[4])
                .toList();
        assertEquals(2, held.size(), held::toString);
        assertTrue(Long.parseLong(held.get(1)) > 1_100, held::toString);

        // A stranger's word counts for nothing.
        long wrong = backends.publish(
                12, RunningNotary.signed(key, new Checkpoint(origin(12), 9, new TreeHasher().empty())));
        String lie = new HashedLines(
                        origin(12) + "/held", 8, List.of("held", Long.toString(wrong + 1), "A".repeat(43) + "="))
                .text();
        backends.publish(
                12, new SignedNote(lie, List.of(RunningNotary.log(evil, 12).sign(lie, 0))));
        backends.write(12, 2);
        try (RunningNotary again = RunningNotary.withoutPatrol(database, List.of(key))) {
            String fault = again.expectFault(12, 10);

            assertTrue(fault.contains("published at offset " + wrong + " "), fault);
        }
    }

    @Test
    void oneBrokenPartitionHoldsUpNoOther() throws Exception {
        ReadModelConfig database = backends.newDatabase();
        for (int partition = 3; partition < 7; partition++) {
            backends.write(partition, 3);
        }
        try (RunningNotary notary = RunningNotary.withoutPatrol(database, List.of(key))) {
            for (int partition = 3; partition < 7; partition++) {
                notary.awaitSigned(partition, 3);
            }
        }
        for (int partition = 3; partition < 7; partition++) {
            backends.write(partition, 1);
        }
        backends.deleteCommands(3);
        LogBackends.execute(
                database,
                "UPDATE millrace_tlog.logs SET checkpoint = 'none' WHERE partition_number = 4;"
                        + " UPDATE millrace_tlog.key_statements SET note = 'none' WHERE partition_number = 5");

        try (RunningNotary again = new RunningNotary(database, List.of(key))) {
            again.awaitSigned(6, 4);
            String lost = again.awaitFault(3);
            assertTrue(lost.startsWith("expected the command at offset "), lost);
            String checkpoint = again.awaitFault(4);
            assertTrue(checkpoint.startsWith("expected the newest checkpoint of partition 4"), checkpoint);
            String statement = again.awaitFault(5);
            assertTrue(statement.startsWith("expected a note: "), statement);
        }
    }

    @Test
    void aFaultThatIsErasedFromTheDatabaseStays() throws Exception {
        ReadModelConfig database = backends.newDatabase();
        backends.write(7, 3);
        try (RunningNotary notary = new RunningNotary(database, List.of(key))) {
            notary.awaitSigned(7, 3);
            backends.deleteCommands(7);
            assertEquals(
                    "expected the command at offset 0 of partition 7 to be as leaf 0 has it, but it is gone",
                    notary.awaitFault(7));
        }
        LogBackends.execute(database, "UPDATE millrace_tlog.logs SET fault = NULL WHERE partition_number = 7");
        backends.write(7, 1);

        try (RunningNotary again = RunningNotary.withoutPatrol(database, List.of(key))) {
            String fault = again.expectFault(7, 4);

            assertTrue(fault.startsWith("expected the command at offset 0 of partition 7, "), fault);
        }
    }

    /** A tile that somebody has changed is made again from Kafka, which is as it was. */
    @Test
    void aFaultIsOverOnceTheTreeThatIsMadeAgainFitsAllThatWasPublished() throws Exception {
        ReadModelConfig database = backends.newDatabase();
        backends.write(8, 5);
        try (RunningNotary notary = new RunningNotary(database, List.of(key))) {
            notary.awaitSigned(8, 5);
            LogBackends.execute(
                    database,
                    "UPDATE millrace_tlog.tiles SET bytes = set_byte(bytes, 70, get_byte(bytes, 70) # 1)"
                            + " WHERE partition_number = 8 AND level = 0");
            notary.awaitFault(8);
        }
        LogBackends.execute(database, "DROP SCHEMA millrace_tlog CASCADE");
        backends.write(8, 1);

        try (RunningNotary again = new RunningNotary(database, List.of(key))) {
            again.awaitSigned(8, 6);
        }
        // The fault is over: the tree is taken from the database as far as it was signed.
        backends.write(8, 1);
        try (RunningNotary later = new RunningNotary(database, List.of(key))) {
            later.awaitSigned(8, 7);
            assertEquals(Optional.empty(), later.state(8).orElseThrow().fault());
        }
    }

    /** Where the database says that the patrol is would let it pass over what was changed. */
    @Test
    void thePatrolBelievesNoPlaceOfTheDatabase() throws Exception {
        ReadModelConfig database = backends.newDatabase();
        backends.write(9, 300);
        try (RunningNotary notary = RunningNotary.withoutPatrol(database, List.of(key))) {
            notary.awaitSigned(9, 300);
        }
        LogBackends.execute(
                database,
                "UPDATE millrace_tlog.logs SET patrol_next = 1000000 WHERE partition_number = 9;"
                        + " UPDATE millrace_tlog.tiles SET bytes = set_byte(bytes, 20, get_byte(bytes, 20) # 1)"
                        + " WHERE partition_number = 9 AND level = -1 AND tile = 0");

        try (RunningNotary again = new RunningNotary(database, List.of(key))) {
            assertEquals(
                    "expected entry 0 of partition 9 to fit its tile, but one of the two was changed",
                    again.awaitFault(9));
        }
    }

    private static SignedNote keysFrom(SigningKey signing, int partition, long size) {
        NoteSigner signer = RunningNotary.log(signing, partition);
        String text = new KeyStatement(origin(partition), size, List.of(signer.key())).text();
        return new SignedNote(text, List.of(signer.sign(text, 0)));
    }

    private static String origin(int partition) {
        return RunningNotary.ORIGIN + "/" + partition;
    }
}
