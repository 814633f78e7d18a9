package io.millrace.infra.audit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.infra.testing.Await;
import io.millrace.ingest.audit.keys.SigningKey;
import io.millrace.ingest.audit.proof.OutcomeLeaf;
import io.millrace.ingest.audit.proof.TrustedKeys;
import io.millrace.ingest.audit.tlog.Checkpoint;
import io.millrace.ingest.audit.tlog.EntryBundle;
import io.millrace.ingest.audit.tlog.Hash;
import io.millrace.ingest.audit.tlog.SignedNote;
import io.millrace.ingest.audit.tlog.TilePath;
import io.millrace.ingest.audit.tlog.TileWriter;
import io.millrace.ingest.audit.tlog.TreeHasher;
import io.millrace.ingest.readmodel.ReadModelConfig;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The notary on a real Kafka and PostgreSQL. Each test has partitions of its own. */
@Order(1)
class NotaryTest {

    private static LogBackends backends;
    private static SigningKey key;
    private static SigningKey other;

    @BeforeAll
    static void start(@TempDir Path folder) throws Exception {
        backends = new LogBackends(9);
        key = RunningNotary.newKey(folder.resolve("key.pem"));
        other = RunningNotary.newKey(folder.resolve("other.pem"));
    }

    @AfterAll
    static void stop() {
        backends.close();
    }

    @Test
    void signsATreeOfAllThatIsCommittedAndGoesOnWhereItWas() throws Exception {
        ReadModelConfig database = backends.newDatabase();
        backends.write(0, 300);
        backends.abort(0);
        backends.write(0, 5);
        SignedNote first;
        RunningNotary ended;
        try (RunningNotary notary = new RunningNotary(database, List.of(key))) {
            ended = notary;
            first = notary.awaitSigned(0, 305);
            assertEquals(Optional.empty(), notary.notReady());
            assertEquals(Checkpoint.parse(first.text()).root(), rootOfEntries(notary, 305));
            new TrustedKeys(
                            RunningNotary.ORIGIN + "/0",
                            List.of(RunningNotary.log(key, 0).key()),
                            List.of())
                    .check(first);
            Await.until(
                    "the patrol to be through",
                    () -> notary.state(0).orElseThrow().patrolRounds() > 0);
        }
        Await.until(
                "the node to know that nobody signs any more",
                () -> ended.notReady().isPresent());
        backends.write(0, 10);

        try (RunningNotary again = new RunningNotary(database, List.of(key))) {
            SignedNote next = again.awaitSigned(0, 315);
            assertEquals(Checkpoint.parse(next.text()).root(), rootOfEntries(again, 315));
        }
        try (RunningNotary anew = new RunningNotary(backends.newDatabase(), List.of(key))) {
            Await.until(
                    "the tree to be made again",
                    () -> anew.state(0).filter(state -> state.size() == 315).isPresent());
            backends.write(0, 1);
            anew.awaitSigned(0, 316);
            assertEquals(Optional.empty(), anew.state(0).orElseThrow().fault());
        }
    }

    /** The tree that whoever reads the entries makes of them. */
    private static Hash rootOfEntries(RunningNotary notary, int size) {
        TileWriter tree = new TileWriter();
        for (int bundle = 0; bundle * 256 < size; bundle++) {
            byte[] entries = notary.logs()
                    .tile(0, new TilePath(TilePath.ENTRIES, bundle, Math.min(256, size - bundle * 256)))
                    .orElseThrow();
            for (byte[] entry : EntryBundle.decode(entries)) {
                OutcomeLeaf leaf = OutcomeLeaf.decode(entry);
                assertEquals(tree.size(), leaf.commandOffset());
                tree.append(entry);
            }
        }
        return tree.root();
    }

    @Test
    void aLogThatComesToAnotherRootThanOncePublishedIsSaidToBeBroken() throws Exception {
        backends.write(1, 20);
        backends.publish(
                1,
                RunningNotary.signed(key, new Checkpoint(RunningNotary.ORIGIN + "/1", 10, new TreeHasher().empty())));

        try (RunningNotary anew = new RunningNotary(backends.newDatabase(), List.of(key))) {
            String fault = anew.awaitFault(1);

            assertTrue(
                    fault.startsWith(
                            "expected root 47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU= at size 10 of partition 1"),
                    fault);
        }
    }

    @Test
    void aLogWhoseEndIsCutOffIsSaidToBeBroken() throws Exception {
        ReadModelConfig database = backends.newDatabase();
        backends.write(2, 3);
        try (RunningNotary notary = new RunningNotary(database, List.of(key))) {
            notary.awaitSigned(2, 3);
        }
        backends.publish(
                2, RunningNotary.signed(key, new Checkpoint(RunningNotary.ORIGIN + "/2", 4, new TreeHasher().empty())));

        try (RunningNotary again = new RunningNotary(database, List.of(key))) {
            String fault = again.awaitFault(2);

            assertTrue(fault.startsWith("expected at least 4 outcomes in partition 2"), fault);
            assertTrue(fault.endsWith("but the log ends after 3: its end was cut off"), fault);
        }
    }

    @Test
    void aCheckpointOfAStrangerIsPassedOver() throws Exception {
        ReadModelConfig database = backends.newDatabase();
        backends.write(3, 3);
        try (RunningNotary notary = new RunningNotary(database, List.of(key))) {
            notary.awaitSigned(3, 3);
        }
        backends.publish(
                3,
                RunningNotary.signed(other, new Checkpoint(RunningNotary.ORIGIN + "/3", 2, new TreeHasher().empty())));
        backends.write(3, 1);

        try (RunningNotary again = new RunningNotary(database, List.of(key))) {
            again.awaitSigned(3, 4);
        }
    }

    @Test
    void thePatrolFindsATileAndARecordThatAreNotWhatTheyWere() throws Exception {
        ReadModelConfig database = backends.newDatabase();
        backends.write(4, 5);
        backends.write(5, 5);
        try (RunningNotary notary = new RunningNotary(database, List.of(key))) {
            notary.awaitSigned(4, 5);
            notary.awaitSigned(5, 5);
            LogBackends.execute(
                    database,
                    "UPDATE millrace_tlog.tiles SET bytes = set_byte(bytes, 70, get_byte(bytes, 70) # 1)"
                            + " WHERE partition_number = 4 AND level = 0");
            backends.deleteEvents(5);

            assertEquals(
                    "expected entry 2 of partition 4 to fit its tile, but one of the two was changed",
                    notary.awaitFault(4));
            assertEquals(
                    "expected the outcome of leaf 0 of partition 5 at offset 0, but there is none",
                    notary.awaitFault(5));
        }
    }

    /** Lost storage is not tampering: it may come back, and a fault stays. */
    @Test
    void aTileThatIsMissingIsNoFaultAndHoldsUpNoOtherLog() throws Exception {
        ReadModelConfig database = backends.newDatabase();
        backends.write(7, 5);
        backends.write(8, 5);
        try (RunningNotary notary = new RunningNotary(database, List.of(key))) {
            notary.awaitSigned(7, 5);
            notary.awaitSigned(8, 5);
            LogBackends.execute(
                    database,
                    "CREATE TABLE kept AS SELECT * FROM millrace_tlog.tiles WHERE partition_number = 7;"
                            + " DELETE FROM millrace_tlog.tiles WHERE partition_number = 7");
            // The second of these began after the tiles were gone, and looked at 7 before.
            notary.awaitRounds(8, 2);
            assertEquals(Optional.empty(), notary.state(7).orElseThrow().fault());

            LogBackends.execute(database, "INSERT INTO millrace_tlog.tiles SELECT * FROM kept");
            notary.awaitRounds(7, 1);
        }
    }

    @Test
    void keysAreRotatedWithAnOverlapThatStandsInTheLog() throws Exception {
        ReadModelConfig database = backends.newDatabase();
        for (List<SigningKey> keys : List.of(List.of(key), List.of(key, other), List.of(other))) {
            backends.write(6, 2);
            try (RunningNotary notary = new RunningNotary(database, keys)) {
                long size = 2L * (keys.size() == 2 ? 2 : keys.contains(key) ? 1 : 3);
                SignedNote checkpoint = notary.awaitSigned(6, size);
                for (SigningKey trusted : List.of(key, other)) {
                    if (size == 6 || keys.contains(trusted)) {
                        new TrustedKeys(
                                        RunningNotary.ORIGIN + "/6",
                                        List.of(RunningNotary.log(trusted, 6).key()),
                                        notary.logs().keyStatements(6))
                                .check(checkpoint);
                    }
                }
            }
        }
        backends.write(6, 1);

        try (RunningNotary stranger = new RunningNotary(database, List.of(key))) {
            assertTrue(stranger.awaitFault(6).startsWith("expected a key that signed partition 6 before"));
        }
    }
}
