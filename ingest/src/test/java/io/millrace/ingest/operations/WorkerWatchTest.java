package io.millrace.ingest.operations;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.ingest.standin.OpenDoor;
import io.millrace.ingest.standin.ScriptedLog;
import io.millrace.proto.Ids;
import io.millrace.proto.standin.MemoryDirectory;
import io.millrace.proto.time.SteadyClock;
import io.millrace.proto.v1.Principal;
import io.millrace.proto.v1.WorkerGone;
import io.millrace.proto.v1.WorkerRegistration;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Of which workers it is said that they are gone, whatever happens to the node that hears them. */
class WorkerWatchTest {

    private static final Duration SILENCE = Duration.ofSeconds(60);
    private static final long HOUR_MS = TimeUnit.HOURS.toMillis(1);
    private static final WorkerRegistration WORKER = WorkerRegistration.newBuilder()
            .setOrgId(Ids.toByteString(OpenDoor.ALPHA))
            .setWorkerId(Ids.toByteString(new UUID(1, 2)))
            .setName("w")
            .setPrincipal(Principal.newBuilder()
                    .setType(Principal.Type.WORKER)
                    .setId("ann")
                    .setCredential("key-1"))
            .build();

    private long timeOfDayMs = 1_700_000_000_000L;
    private long nanos;
    private final ScriptedLog log = new ScriptedLog();
    private final MemoryDirectory directory = new MemoryDirectory(new SteadyClock(() -> timeOfDayMs, () -> nanos));
    private final WorkerWatch watch = new WorkerWatch(log, directory, SILENCE, () -> timeOfDayMs);

    @AfterEach
    void close() {
        watch.close();
    }

    private void pass(Duration time) {
        timeOfDayMs += time.toMillis();
        nanos += time.toNanos();
    }

    private void beat() {
        directory.beat(OpenDoor.ALPHA, Ids.fromBytes(WORKER.getWorkerId()).toString());
        watch.beat(WORKER);
    }

    /** Time passes, and the watch looks when it should. */
    private void lookFor(Duration time) {
        Duration pause = SILENCE.dividedBy(8);
        for (Duration passed = Duration.ZERO; passed.compareTo(time) < 0; passed = passed.plus(pause)) {
            pass(pause);
            watch.look();
        }
    }

    private List<WorkerGone> gone() {
        return log.entries().stream()
                .map(entry -> entry.command().getWorkerGone())
                .distinct()
                .toList();
    }

    @Test
    void whoIsSilentForLongerThanItMayBeIsGone() {
        beat();
        long beatMs = timeOfDayMs;
        lookFor(SILENCE);
        assertEquals(List.of(), gone());

        lookFor(SILENCE.dividedBy(8));
        assertEquals(
                List.of(Ids.fromBytes(WORKER.getWorkerId()).toString()),
                gone().stream().map(WorkerGone::getWorkerId).toList());
        assertEquals(log.partitions(), log.entries().size());
        assertEquals(beatMs + SILENCE.toMillis() / 2, gone().getFirst().getUntilMs());
    }

    @Test
    void aPollIsASignOfLife() {
        beat();
        lookFor(SILENCE);
        directory.seen(OpenDoor.ALPHA, "w of WORKER ann");

        lookFor(SILENCE);
        assertEquals(List.of(), gone());

        lookFor(SILENCE.dividedBy(8));
        assertEquals(2, gone().size(), "its work lies under its id or its name");
        assertEquals("w", gone().getLast().getWorkerId());
    }

    @Test
    void aPollOfAnotherPrincipalsWorkerOfTheNameIsNone() {
        beat();
        lookFor(SILENCE);
        directory.seen(OpenDoor.ALPHA, "w of WORKER bob");
        directory.seen(OpenDoor.ALPHA, "w");

        lookFor(SILENCE.dividedBy(8));
        assertEquals(1, gone().size());
    }

    @Test
    void aTimeOfDayThatIsSetAheadMakesNobodySilent() {
        lookFor(SILENCE);
        beat();
        timeOfDayMs += HOUR_MS;

        watch.look();
        lookFor(SILENCE.dividedBy(2));
        assertEquals(List.of(), gone());
    }

    @Test
    void aTimeOfDayThatIsSetBackKeepsNobodyAlive() {
        lookFor(SILENCE);
        beat();
        timeOfDayMs -= HOUR_MS;

        lookFor(SILENCE.multipliedBy(2).plus(SILENCE));
        assertEquals(1, gone().size());
        assertTrue(gone().getFirst().getUntilMs() < timeOfDayMs);
    }

    @Test
    void aNodeThatStoodStillHearsForOneSilenceFirst() {
        beat();
        lookFor(SILENCE.dividedBy(2));
        pass(SILENCE.multipliedBy(3));

        watch.look();
        assertEquals(List.of(), gone());
        lookFor(SILENCE);
        assertEquals(List.of(), gone());

        lookFor(SILENCE.dividedBy(8));
        assertEquals(1, gone().size());
    }

    @Test
    void nobodyIsGoneBecauseThisNodeDoesNotHearWhatOthersTell() {
        beat();
        directory.hearsUntilMs = directory.nowMs();
        lookFor(SILENCE.multipliedBy(3));
        assertEquals(List.of(), gone());

        directory.hearsUntilMs = Long.MAX_VALUE;
        watch.look();
        assertEquals(1, gone().size());
    }

    /** The monotonic clock stands still meanwhile. */
    @Test
    void aMachineThatSleptHearsForOneSilenceFirst() {
        beat();
        lookFor(SILENCE);
        timeOfDayMs += HOUR_MS;

        lookFor(SILENCE);
        assertEquals(List.of(), gone());

        lookFor(SILENCE.dividedBy(4));
        assertEquals(1, gone().size());
    }
}
