package io.millrace.infra.audit;

import io.millrace.infra.server.CloseStack;
import io.millrace.infra.testing.Await;
import io.millrace.ingest.audit.keys.KeyFile;
import io.millrace.ingest.audit.keys.SigningKey;
import io.millrace.ingest.audit.keys.SigningKey.Purpose;
import io.millrace.ingest.audit.notary.LogState;
import io.millrace.ingest.audit.notary.Notary;
import io.millrace.ingest.audit.notary.NotaryConfig;
import io.millrace.ingest.audit.notary.NotaryDatabase;
import io.millrace.ingest.audit.notary.TransparencyLogs;
import io.millrace.ingest.audit.notary.WitnessAddress;
import io.millrace.ingest.audit.tlog.Checkpoint;
import io.millrace.ingest.audit.tlog.KeyType;
import io.millrace.ingest.audit.tlog.NoteSigner;
import io.millrace.ingest.audit.tlog.SignedNote;
import io.millrace.ingest.readmodel.ReadModelConfig;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A notary at work on all partitions, and its logs as others read them. */
final class RunningNotary implements AutoCloseable {

    static final String ORIGIN = "millrace.example/test";

    private final Notary notary;
    private final CloseStack parts = new CloseStack();
    private final TransparencyLogs logs = new TransparencyLogs("expected the test to open them");

    RunningNotary(ReadModelConfig database, List<SigningKey> keys, WitnessAddress... witnesses) {
        this(database, keys, 1_000_000, Clock.systemUTC(), witnesses);
    }

    /** @return a key of Ed25519 that was made just now, and stands in this file */
    static SigningKey newKey(Path file) {
        return KeyFile.create(file, List.of(KeyType.ED25519)).getFirst();
    }

    /** @return one that finds by itself what is wrong, or not at all */
    static RunningNotary withoutPatrol(ReadModelConfig database, List<SigningKey> keys) {
        return withoutPatrol(database, keys, Clock.systemUTC());
    }

    /** @param timeOfDay what it believes to be the time of day */
    static RunningNotary withoutPatrol(ReadModelConfig database, List<SigningKey> keys, Clock timeOfDay) {
        return new RunningNotary(database, keys, 0, timeOfDay);
    }

    private RunningNotary(
            ReadModelConfig database,
            List<SigningKey> keys,
            int patrolRate,
            Clock timeOfDay,
            WitnessAddress... witnesses) {
        NotaryConfig config = new NotaryConfig(
                database, LogBackends.MOST_PARTITIONS, ORIGIN, keys, Duration.ZERO, patrolRate, List.of(witnesses));
        try {
            NotaryDatabase opened = parts.push("database", new NotaryDatabase(database));
            notary = parts.push("notary", new Notary(config, opened, Map.of(), timeOfDay));
            notary.start();
            logs.open(config, opened);
        } catch (Throwable e) {
            parts.close();
            throw e;
        }
    }

    /** @return why it signs nothing */
    Optional<String> notReady() {
        return notary.notReady();
    }

    TransparencyLogs logs() {
        return logs;
    }

    Optional<LogState> state(int partition) {
        return logs.states().stream()
                .filter(state -> state.partition() == partition)
                .findFirst();
    }

    /**
     * Waits until a checkpoint has this size.
     *
     * @return it
     */
    SignedNote awaitSigned(int partition, long size) {
        Await.until(
                "partition " + partition + " to be signed at size " + size,
                () -> state(partition)
                        .filter(state -> state.checkpointSize() == size)
                        .isPresent());
        SignedNote note = logs.checkpoint(partition).orElseThrow();
        if (Checkpoint.parse(note.text()).size() != size) {
            throw new AssertionError("expected a checkpoint of size " + size + ", but got " + note.text());
        }
        return note;
    }

    /**
     * Waits until a log that has grown is signed or at fault, whichever comes first.
     *
     * @param size that it has
     * @return what is wrong
     */
    String expectFault(int partition, long size) {
        Await.until(
                "partition " + partition + " to be at fault, or to be signed at size " + size,
                () -> state(partition)
                        .filter(state -> state.fault().isPresent() || state.checkpointSize() >= size)
                        .isPresent());
        LogState state = state(partition).orElseThrow();
        return state.fault()
                .orElseThrow(() -> new AssertionError(
                        "expected a fault of partition " + partition + ", but it was signed at size " + size));
    }

    /**
     * Waits until something is found to be wrong.
     *
     * @return what
     */
    String awaitFault(int partition) {
        Await.until(
                "a fault of partition " + partition,
                () -> state(partition).flatMap(LogState::fault).isPresent());
        return state(partition).flatMap(LogState::fault).orElseThrow();
    }

    /** Waits until the patrol was through the log so many more times. */
    void awaitRounds(int partition, int more) {
        long before = state(partition).orElseThrow().patrolRounds();
        Await.until(
                "the patrol to go on in partition " + partition,
                () -> state(partition).orElseThrow().patrolRounds() >= before + more);
    }

    /** @return what signs as the log of the partition */
    static NoteSigner log(SigningKey signing, int partition) {
        return signing.signer(ORIGIN + "/" + partition, Purpose.LOG);
    }

    /** @return the checkpoint as the log that it names signs it */
    static SignedNote signed(SigningKey signing, Checkpoint checkpoint) {
        int partition = Integer.parseInt(checkpoint.origin().replaceAll(".*/", ""));
        return new SignedNote(checkpoint.text(), List.of(log(signing, partition).sign(checkpoint.text(), 0)));
    }

    @Override
    public void close() {
        parts.close();
    }
}
