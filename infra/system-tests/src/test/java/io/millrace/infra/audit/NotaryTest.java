package io.millrace.infra.audit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.infra.testing.Await;
import io.millrace.infra.testing.StandingPort;
import io.millrace.ingest.audit.keys.KeyFile;
import io.millrace.ingest.audit.keys.SigningKey;
import io.millrace.ingest.audit.keys.SigningKey.Purpose;
import io.millrace.ingest.audit.notary.WitnessAddress;
import io.millrace.ingest.audit.proof.OutcomeLeaf;
import io.millrace.ingest.audit.proof.TrustedKeys;
import io.millrace.ingest.audit.tlog.Checkpoint;
import io.millrace.ingest.audit.tlog.EntryBundle;
import io.millrace.ingest.audit.tlog.Hash;
import io.millrace.ingest.audit.tlog.KeyType;
import io.millrace.ingest.audit.tlog.NoteSigner;
import io.millrace.ingest.audit.tlog.SignedNote;
import io.millrace.ingest.audit.tlog.TilePath;
import io.millrace.ingest.audit.tlog.TileWriter;
import io.millrace.ingest.audit.tlog.TreeHasher;
import io.millrace.ingest.audit.tlog.VerifierKey;
import io.millrace.ingest.audit.witness.Witness;
import io.millrace.ingest.audit.witness.WitnessServer;
import io.millrace.ingest.readmodel.ReadModelConfig;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
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
        backends = new LogBackends();
        key = KeyFile.create(folder.resolve("key.pem"), List.of(KeyType.ED25519))
                .getFirst();
        other = KeyFile.create(folder.resolve("other.pem"), List.of(KeyType.ED25519))
                .getFirst();
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
        try (RunningNotary notary = new RunningNotary(database, List.of(key))) {
            first = notary.awaitSigned(0, 305);
            assertEquals(Checkpoint.parse(first.text()).root(), rootOfEntries(notary, 305));
            new TrustedKeys(RunningNotary.ORIGIN + "/0", List.of(log(key, 0).key()), List.of()).check(first);
            Await.until(
                    "the patrol to be through",
                    () -> notary.state(0).orElseThrow().patrolRounds() > 0);
        }
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
        backends.publish(1, signed(key, new Checkpoint(RunningNotary.ORIGIN + "/1", 10, new TreeHasher().empty())));

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
        backends.publish(2, signed(key, new Checkpoint(RunningNotary.ORIGIN + "/2", 4, new TreeHasher().empty())));

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
        backends.publish(3, signed(other, new Checkpoint(RunningNotary.ORIGIN + "/3", 2, new TreeHasher().empty())));
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
            awaitRounds(notary, 8, 2);
            assertEquals(Optional.empty(), notary.state(7).orElseThrow().fault());

            LogBackends.execute(database, "INSERT INTO millrace_tlog.tiles SELECT * FROM kept");
            awaitRounds(notary, 7, 1);
        }
    }

    private static void awaitRounds(RunningNotary notary, int partition, int more) {
        long before = notary.state(partition).orElseThrow().patrolRounds();
        Await.until(
                "the patrol to go on in partition " + partition,
                () -> notary.state(partition).orElseThrow().patrolRounds() >= before + more);
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
                                        List.of(log(trusted, 6).key()),
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

    @Test
    void aTreeWhoseTilesAreMissingIsMadeAgainFromKafka() throws Exception {
        ReadModelConfig database = backends.newDatabase();
        backends.write(9, 300);
        SignedNote before;
        try (RunningNotary notary = new RunningNotary(database, List.of(key))) {
            before = notary.awaitSigned(9, 300);
        }
        LogBackends.execute(database, "DELETE FROM millrace_tlog.tiles WHERE partition_number = 9 AND level = 0");
        backends.write(9, 1);

        try (RunningNotary again = new RunningNotary(database, List.of(key))) {
            SignedNote after = again.awaitSigned(9, 301);

            assertEquals(Optional.empty(), again.state(9).orElseThrow().fault());
            TileWriter tree = new TileWriter();
            for (int bundle = 0; bundle < 2; bundle++) {
                int width = bundle == 0 ? 256 : 45;
                EntryBundle.decode(again.logs()
                                .tile(9, new TilePath(TilePath.ENTRIES, bundle, width))
                                .orElseThrow())
                        .forEach(entry -> {
                            if (tree.size() == 300) {
                                assertEquals(Checkpoint.parse(before.text()).root(), tree.root());
                            }
                            tree.append(entry);
                        });
            }
            assertEquals(Checkpoint.parse(after.text()).root(), tree.root());
        }
    }

    /** The frontier from which a tree grows on is in the database, where somebody may change it between two takeovers. */
    @Test
    void nothingIsSignedOnTopOfATileThatWasChanged() throws Exception {
        ReadModelConfig database = backends.newDatabase();
        backends.write(10, 300);
        try (RunningNotary notary = RunningNotary.withoutPatrol(database, List.of(key))) {
            notary.awaitSigned(10, 300);
        }
        LogBackends.execute(
                database,
                "UPDATE millrace_tlog.tiles SET bytes = set_byte(bytes, 3, get_byte(bytes, 3) # 1)"
                        + " WHERE partition_number = 10 AND level = 1");
        backends.write(10, 1);

        try (RunningNotary again = RunningNotary.withoutPatrol(database, List.of(key))) {
            String fault = again.awaitFault(10);

            assertTrue(fault.startsWith("expected root "), fault);
            assertTrue(fault.contains(" at size 300 of partition 10, which was published at offset "), fault);
            assertEquals(300, again.state(10).orElseThrow().checkpointSize());
        }
    }

    /** Up to where the tree is signed, the topic says; what the database has behind is made again from Kafka. */
    @Test
    void whatWasNotSignedBeforeATakeoverIsReadAgain() throws Exception {
        ReadModelConfig database = backends.newDatabase();
        backends.write(11, 5);
        try (RunningNotary notary = RunningNotary.withoutPatrol(database, List.of(key))) {
            notary.awaitSigned(11, 5);
        }
        backends.write(11, 5);
        LogBackends.execute(
                database,
                "UPDATE millrace_tlog.logs SET next_outcome = next_outcome + 4 WHERE partition_number = 11;"
                        + " DELETE FROM millrace_tlog.key_statements WHERE partition_number = 11");

        try (RunningNotary again = RunningNotary.withoutPatrol(database, List.of(key))) {
            again.awaitSigned(11, 10);
        }
    }

    /** How long ago it signed is told by another clock. */
    @Test
    void aTimeOfDayThatIsSetBackHoldsUpNoCheckpoint() throws Exception {
        AtomicReference<Duration> setBack = new AtomicReference<>(Duration.ZERO);
        InstantSource timeOfDay = () -> Instant.now().minus(setBack.get());
        backends.write(17, 3);
        try (RunningNotary notary =
                RunningNotary.withoutPatrol(backends.newDatabase(), List.of(key), timeOfDay.withZone(ZoneOffset.UTC))) {
            notary.awaitSigned(17, 3);
            setBack.set(Duration.ofHours(1));
            backends.write(17, 3);
            notary.awaitSigned(17, 6);
        }
    }

    @Test
    void aRecordWithoutAValueIsALeafAsAnyOther() throws Exception {
        backends.write(12, 2);
        backends.writeNothing(12);
        backends.write(12, 2);

        try (RunningNotary notary = new RunningNotary(backends.newDatabase(), List.of(key))) {
            notary.awaitSigned(12, 5);
            awaitRounds(notary, 12, 1);
            assertEquals(Optional.empty(), notary.state(12).orElseThrow().fault());
        }
    }

    @Test
    void checkpointsThatAreGoneFromTheTopicAreSaidToBeLost() throws Exception {
        ReadModelConfig database = backends.newDatabase();
        backends.write(13, 3);
        backends.write(14, 3);
        backends.write(15, 3);
        try (RunningNotary notary = RunningNotary.withoutPatrol(database, List.of(key))) {
            notary.awaitSigned(13, 3);
            notary.awaitSigned(14, 3);
            notary.awaitSigned(15, 3);
            backends.deletePublished(13);
            backends.write(13, 1);

            String fault = notary.awaitFault(13);
            assertTrue(fault.startsWith("expected millrace.checkpoints-13 to begin at offset 0 and to end at "), fault);
            assertTrue(fault.endsWith(": what was published is lost"), fault);
        }
        // As when the topic was made anew: it ends before, or has other notes at its offsets
        SignedNote once = signed(key, new Checkpoint(RunningNotary.ORIGIN + "/15", 2, new TreeHasher().empty()));
        LogBackends.execute(
                database,
                "UPDATE millrace_tlog.logs SET checked_until = 100 WHERE partition_number = 14;"
                        + " UPDATE millrace_tlog.logs SET checkpoint = '" + once + "' WHERE partition_number = 15");
        backends.write(14, 1);
        backends.write(15, 1);

        try (RunningNotary again = RunningNotary.withoutPatrol(database, List.of(key))) {
            String ends = again.awaitFault(14);
            assertTrue(
                    ends.startsWith("expected millrace.checkpoints-14 to begin at offset 0 and to end at 100 at least,"
                            + " but it begins at 0 and ends at "),
                    ends);
            String other = again.awaitFault(15);
            assertTrue(
                    other.startsWith("expected the checkpoint at size 2 of partition 15, which the database has,"),
                    other);
        }
        try (RunningNotary anew = RunningNotary.withoutPatrol(backends.newDatabase(), List.of(key))) {
            assertTrue(anew.awaitFault(13).endsWith(": what was published is lost"));
        }
    }

    /** Nothing comes behind the last checkpoint of a quiet partition, so it would never have the signature. */
    @Test
    void aWitnessThatWasAwayIsAskedAgainThoughTheLogIsQuiet(@TempDir Path folder) throws Exception {
        ReadModelConfig database = backends.newDatabase();
        List<SigningKey> keys = KeyFile.create(folder.resolve("witness.pem"), List.of(KeyType.ED25519));
        Path data = Files.createDirectory(folder.resolve("witness"));
        int port = StandingPort.next();
        WitnessAddress address = new WitnessAddress(
                keys.getFirst().signer("witness.example/w", Purpose.WITNESS).key(),
                URI.create("http://127.0.0.1:" + port));
        backends.write(16, 3);
        try (RunningNotary notary = new RunningNotary(database, List.of(key), address)) {
            notary.awaitSigned(16, 3);
            try (WitnessServer server = witness(keys, data, port)) {
                awaitCosigned(notary, server);
            }
            backends.write(16, 1);
            notary.awaitSigned(16, 4);
            assertEquals(0, notary.state(16).orElseThrow().cosignatures());
        }

        try (RunningNotary again = new RunningNotary(database, List.of(key), address);
                WitnessServer server = witness(keys, data, port)) {
            awaitCosigned(again, server);
            assertEquals(4, again.state(16).orElseThrow().checkpointSize());
        }
    }

    private static WitnessServer witness(List<SigningKey> keys, Path data, int port) {
        List<VerifierKey> logs = List.of(log(key, 16).key());
        return new WitnessServer(
                new Witness("witness.example/w", keys, logs, data, Clock.systemUTC()), "127.0.0.1", port);
    }

    private static void awaitCosigned(RunningNotary notary, WitnessServer witness) {
        Await.until(
                "the witness at port " + witness.port() + " to have signed",
                () -> notary.state(16).orElseThrow().cosignatures() == 1);
    }

    private static NoteSigner log(SigningKey signing, int partition) {
        return signing.signer(RunningNotary.ORIGIN + "/" + partition, Purpose.LOG);
    }

    private static SignedNote signed(SigningKey signing, Checkpoint checkpoint) {
        int partition = Integer.parseInt(checkpoint.origin().replaceAll(".*/", ""));
        return new SignedNote(checkpoint.text(), List.of(log(signing, partition).sign(checkpoint.text(), 0)));
    }
}
