package io.millrace.infra.audit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.infra.testing.Await;
import io.millrace.infra.testing.StandingPort;
import io.millrace.ingest.audit.keys.SigningKey;
import io.millrace.ingest.audit.keys.SigningKey.Purpose;
import io.millrace.ingest.audit.notary.WitnessAddress;
import io.millrace.ingest.audit.tlog.Checkpoint;
import io.millrace.ingest.audit.tlog.EntryBundle;
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

/** What becomes of logs of which something was lost or changed between two notaries. Each test has partitions of its own. */
@Order(1)
class NotaryTakeoverTest {

    private static LogBackends backends;
    private static SigningKey key;

    @BeforeAll
    static void start(@TempDir Path folder) throws Exception {
        backends = new LogBackends(9);
        key = RunningNotary.newKey(folder.resolve("key.pem"));
    }

    @AfterAll
    static void stop() {
        backends.close();
    }

    @Test
    void aTreeWhoseTilesAreMissingIsMadeAgainFromKafka() throws Exception {
        ReadModelConfig database = backends.newDatabase();
        backends.write(0, 300);
        SignedNote before;
        try (RunningNotary notary = new RunningNotary(database, List.of(key))) {
            before = notary.awaitSigned(0, 300);
        }
        LogBackends.execute(database, "DELETE FROM millrace_tlog.tiles WHERE partition_number = 0 AND level = 0");
        backends.write(0, 1);

        try (RunningNotary again = new RunningNotary(database, List.of(key))) {
            SignedNote after = again.awaitSigned(0, 301);

            assertEquals(Optional.empty(), again.state(0).orElseThrow().fault());
            TileWriter tree = new TileWriter();
            for (int bundle = 0; bundle < 2; bundle++) {
                int width = bundle == 0 ? 256 : 45;
                EntryBundle.decode(again.logs()
                                .tile(0, new TilePath(TilePath.ENTRIES, bundle, width))
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
        backends.write(1, 300);
        try (RunningNotary notary = RunningNotary.withoutPatrol(database, List.of(key))) {
            notary.awaitSigned(1, 300);
        }
        LogBackends.execute(
                database,
                "UPDATE millrace_tlog.tiles SET bytes = set_byte(bytes, 3, get_byte(bytes, 3) # 1)"
                        + " WHERE partition_number = 1 AND level = 1");
        backends.write(1, 1);

        try (RunningNotary again = RunningNotary.withoutPatrol(database, List.of(key))) {
            String fault = again.awaitFault(1);

            assertTrue(fault.startsWith("expected root "), fault);
            assertTrue(fault.contains(" at size 300 of partition 1, which was published at offset "), fault);
            assertEquals(300, again.state(1).orElseThrow().checkpointSize());
        }
    }

    /** Up to where the tree is signed, the topic says; what the database has behind is made again from Kafka. */
    @Test
    void whatWasNotSignedBeforeATakeoverIsReadAgain() throws Exception {
        ReadModelConfig database = backends.newDatabase();
        backends.write(2, 5);
        try (RunningNotary notary = RunningNotary.withoutPatrol(database, List.of(key))) {
            notary.awaitSigned(2, 5);
        }
        backends.write(2, 5);
        LogBackends.execute(
                database,
                "UPDATE millrace_tlog.logs SET next_outcome = next_outcome + 4 WHERE partition_number = 2;"
                        + " DELETE FROM millrace_tlog.key_statements WHERE partition_number = 2");

        try (RunningNotary again = RunningNotary.withoutPatrol(database, List.of(key))) {
            again.awaitSigned(2, 10);
        }
    }

    /** How long ago it signed is told by another clock. */
    @Test
    void aTimeOfDayThatIsSetBackHoldsUpNoCheckpoint() throws Exception {
        AtomicReference<Duration> setBack = new AtomicReference<>(Duration.ZERO);
        InstantSource timeOfDay = () -> Instant.now().minus(setBack.get());
        backends.write(8, 3);
        try (RunningNotary notary =
                RunningNotary.withoutPatrol(backends.newDatabase(), List.of(key), timeOfDay.withZone(ZoneOffset.UTC))) {
            notary.awaitSigned(8, 3);
            setBack.set(Duration.ofHours(1));
            backends.write(8, 3);
            notary.awaitSigned(8, 6);
        }
    }

    @Test
    void aRecordWithoutAValueIsALeafAsAnyOther() throws Exception {
        backends.write(3, 2);
        backends.writeNothing(3);
        backends.write(3, 2);

        try (RunningNotary notary = new RunningNotary(backends.newDatabase(), List.of(key))) {
            notary.awaitSigned(3, 5);
            notary.awaitRounds(3, 1);
            assertEquals(Optional.empty(), notary.state(3).orElseThrow().fault());
        }
    }

    @Test
    void checkpointsThatAreGoneFromTheTopicAreSaidToBeLost() throws Exception {
        ReadModelConfig database = backends.newDatabase();
        backends.write(4, 3);
        backends.write(5, 3);
        backends.write(6, 3);
        try (RunningNotary notary = RunningNotary.withoutPatrol(database, List.of(key))) {
            notary.awaitSigned(4, 3);
            notary.awaitSigned(5, 3);
            notary.awaitSigned(6, 3);
            backends.deletePublished(4);
            backends.write(4, 1);

            String fault = notary.awaitFault(4);
            assertTrue(fault.startsWith("expected millrace.checkpoints-4 to begin at offset 0 and to end at "), fault);
            assertTrue(fault.endsWith(": what was published is lost"), fault);
        }
        // As when the topic was made anew: it ends before, or has other notes at its offsets
        SignedNote once =
                RunningNotary.signed(key, new Checkpoint(RunningNotary.ORIGIN + "/6", 2, new TreeHasher().empty()));
        LogBackends.execute(
                database,
                "UPDATE millrace_tlog.logs SET checked_until = 100 WHERE partition_number = 5;"
                        + " UPDATE millrace_tlog.logs SET checkpoint = '" + once + "' WHERE partition_number = 6");
        backends.write(5, 1);
        backends.write(6, 1);

        try (RunningNotary again = RunningNotary.withoutPatrol(database, List.of(key))) {
            String ends = again.awaitFault(5);
            assertTrue(
                    ends.startsWith("expected millrace.checkpoints-5 to begin at offset 0 and to end at 100 at least,"
                            + " but it begins at 0 and ends at "),
                    ends);
            String other = again.awaitFault(6);
            assertTrue(
                    other.startsWith("expected the checkpoint at size 2 of partition 6, which the database has,"),
                    other);
        }
        try (RunningNotary anew = RunningNotary.withoutPatrol(backends.newDatabase(), List.of(key))) {
            assertTrue(anew.awaitFault(4).endsWith(": what was published is lost"));
        }
    }

    /** Nothing comes behind the last checkpoint of a quiet partition, so it would never have the signature. */
    @Test
    void aWitnessThatWasAwayIsAskedAgainThoughTheLogIsQuiet(@TempDir Path folder) throws Exception {
        ReadModelConfig database = backends.newDatabase();
        List<SigningKey> keys = List.of(RunningNotary.newKey(folder.resolve("witness.pem")));
        Path data = Files.createDirectory(folder.resolve("witness"));
        int port = StandingPort.next();
        WitnessAddress address = new WitnessAddress(
                keys.getFirst().signer("witness.example/w", Purpose.WITNESS).key(),
                URI.create("http://127.0.0.1:" + port));
        backends.write(7, 3);
        try (RunningNotary notary = new RunningNotary(database, List.of(key), address)) {
            notary.awaitSigned(7, 3);
            try (WitnessServer server = witness(keys, data, port)) {
                awaitCosigned(notary, server);
            }
            backends.write(7, 1);
            notary.awaitSigned(7, 4);
            assertEquals(0, notary.state(7).orElseThrow().cosignatures());
        }

        try (RunningNotary again = new RunningNotary(database, List.of(key), address);
                WitnessServer server = witness(keys, data, port)) {
            awaitCosigned(again, server);
            assertEquals(4, again.state(7).orElseThrow().checkpointSize());
        }
    }

    private static WitnessServer witness(List<SigningKey> keys, Path data, int port) {
        List<VerifierKey> logs = List.of(RunningNotary.log(key, 7).key());
        return new WitnessServer(
                new Witness("witness.example/w", keys, logs, data, Clock.systemUTC()), "127.0.0.1", port);
    }

    private static void awaitCosigned(RunningNotary notary, WitnessServer witness) {
        Await.until(
                "the witness at port " + witness.port() + " to have signed",
                () -> notary.state(7).orElseThrow().cosignatures() == 1);
    }
}
