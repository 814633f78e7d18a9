package io.millrace.dispatcher.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dispatcher.engine.command.Command;
import io.millrace.dispatcher.engine.command.Command.Claim;
import io.millrace.dispatcher.engine.command.Command.ClaimWork;
import io.millrace.dispatcher.engine.command.Command.FireDue;
import io.millrace.dispatcher.engine.command.Command.SubmissionStatus;
import io.millrace.dispatcher.engine.command.CommandMeta;
import io.millrace.dispatcher.engine.command.WorkType;
import io.millrace.dispatcher.engine.decide.Answer;
import io.millrace.dispatcher.engine.decide.Refusal;
import io.millrace.dispatcher.engine.event.Status;
import io.millrace.dispatcher.engine.state.PartitionState;
import io.millrace.dispatcher.engine.store.Bytes;
import io.millrace.dispatcher.engine.store.Storage;
import io.millrace.dispatcher.engine.store.StorageException;
import io.millrace.dispatcher.engine.store.Table;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What depends on the machine is done again, and nothing of it shows; what depends on the command is refused, as a whole. */
class StorageFailureTest {

    private static final int COMMANDS = 120;
    private static final int BATCH = 9;
    private static final int MEMORY = 3 * 2_000;
    /** So small that what is due and what is ready has to be fetched from the storage again and again. */
    private static final int WINDOW = 2;

    private static final Supplier<Throwable> DEFECT =
            () -> new UnsupportedOperationException("expected a defect, and here it is");

    private record Result(List<String> outcomes, String stores) {}

    @ParameterizedTest
    @ValueSource(longs = {3, 5, 21})
    void whicheverCallOfTheStorageFailsTheSameComesOut(long seed) {
        List<RandomLog.Entry> log = new RandomLog(seed).entries(COMMANDS);
        FaultyStorage sound = new FaultyStorage(Long.MAX_VALUE, StorageFailureTest::broken);
        Result undisturbed = run(log, sound);
        assertTrue(
                sound.calls() > 200, "expected the storage to be used, but it was called " + sound.calls() + " times");

        for (long failing = 1; failing <= sound.calls(); failing++) {
            FaultyStorage faulty = new FaultyStorage(failing, StorageFailureTest::broken);
            assertEquals(undisturbed, run(log, faulty), "with call " + failing + " failing");
        }
    }

    private static StorageException broken() {
        return new StorageException("expected to use the store, but the disk is broken", null);
    }

    /** Carries the log out; after a failure the state is opened anew from what was committed last. */
    private static Result run(List<RandomLog.Entry> log, FaultyStorage storage) {
        MemoryStorage committed = new MemoryStorage();
        List<String> outcomes = new ArrayList<>();
        PartitionState state = null;
        MemoryStorage present = null;
        int at = 0;
        while (at < log.size()) {
            List<RandomLog.Entry> batch = log.subList(at, Math.min(log.size(), at + BATCH));
            try {
                if (state == null) {
                    present = committed.copy();
                    state = new PartitionState(storage.over(present), () -> MEMORY, WINDOW);
                }
                Engine engine = new Engine(state);
                List<String> uncommitted = new ArrayList<>();
                for (RandomLog.Entry entry : batch) {
                    uncommitted.add(DeterminismTest.text(engine.process(entry.meta(), entry.command())));
                }
                state.flush();
                committed = present.copy();
                outcomes.addAll(uncommitted);
                at += batch.size();
            } catch (StorageException e) {
                state = null;
            }
        }
        return new Result(outcomes, committed.dump());
    }

    @Test
    void aLeaseThatEndsWhileTheStorageFailsIsThereWhenItIsSound() {
        Story story = new Story();
        UUID id = story.running();
        story.state.flush();
        FaultyStorage storage = new FaultyStorage(Long.MAX_VALUE, StorageFailureTest::broken).over(story.storage);
        new PartitionState(storage, 16 << 20);
        long opening = storage.calls();
        long over = story.state.timeMs() + Story.LEASE_MS + 1;
        CommandMeta meta = new CommandMeta(story.newId(), Story.ORG, over, over, 100, Story.MAX_HISTORY);

        FaultyStorage failing = new FaultyStorage(opening + 1, StorageFailureTest::broken).over(story.storage);
        Engine engine = new Engine(new PartitionState(failing, 16 << 20));
        assertThrows(StorageException.class, () -> engine.process(meta, new FireDue(10)));
        PartitionState reopened = new PartitionState(story.storage, 16 << 20);
        Outcome outcome = new Engine(reopened).process(meta, new FireDue(10));

        assertNull(outcome.refusal());
        assertEquals(Status.PENDING, reopened.execution(id).status());
    }

    @Test
    void afterAFailureTheStateCanNeitherBeUsedNorStored() {
        Story story = new Story();
        story.waiting();
        story.state.flush();
        Engine engine = new Engine(new PartitionState(new Defective(story.storage, DEFECT), 16 << 20));
        CommandMeta meta = story.meta();
        Command start = story.start(story.newId(), Story.KIND, "key");

        assertThrows(HalfAppliedException.class, () -> engine.process(meta, start));

        assertThrows(IllegalStateException.class, engine::expectWhole);
        assertThrows(IllegalStateException.class, () -> engine.process(meta, new FireDue(1)));
    }

    @Test
    void afterAnErrorOfTheMachineTheStateCanNeitherBeUsedNorStored() {
        Story story = new Story();
        story.waiting();
        story.state.flush();
        Engine engine = new Engine(new PartitionState(new Defective(story.storage, OutOfMemoryError::new), 16 << 20));
        CommandMeta meta = story.meta();
        Command start = story.start(story.newId(), Story.KIND, "key");

        assertThrows(OutOfMemoryError.class, () -> engine.process(meta, start));

        assertThrows(IllegalStateException.class, engine::expectWhole);
    }

    @Test
    void aCommandThatFailsBetweenTwoEventsIsRefusedAsAWholeOnceThatIsKnown() {
        Story story = new Story();
        story.state.flush();
        String before = story.storage.dump();
        CommandMeta meta = story.meta();
        Command start = story.start(story.newId(), Story.KIND, "key");
        Engine failing = new Engine(new PartitionState(new Defective(story.storage, DEFECT), 16 << 20));
        HalfAppliedException failure = assertThrows(HalfAppliedException.class, () -> failing.process(meta, start));
        assertEquals(before, story.storage.dump(), "nothing of it was stored");

        PartitionState reopened = new PartitionState(new Defective(story.storage, DEFECT), 16 << 20);
        Outcome outcome = new Engine(reopened).process(meta, start, Map.of(failure.part(), failure.exception()));

        assertEquals(Refusal.Reason.POISON, outcome.refusal().reason());
        assertTrue(
                outcome.refusal().text().endsWith("UnsupportedOperationException"),
                outcome.refusal().text());
        assertEquals(List.of(), outcome.events());
        assertNotNull(outcome.failure());
        assertTrue(reopened.ready().nonEmpty().isEmpty());
    }

    @Test
    void aClaimThatFailsTakesNothingFromTheOthersOfItsCommand() {
        Story story = new Story();
        UUID first = story.started();
        UUID second = story.started();
        Engine engine = new Engine(story.state);
        ClaimWork claims = new ClaimWork(WorkType.WORKFLOW, Story.QUEUE, List.of(claim(1), claim(2)));

        Outcome outcome = engine.process(story.meta(), claims, Map.of(0, "SomeException"));

        assertNull(outcome.refusal());
        List<Answer.Grant> grants = ((Answer.Claimed) outcome.answer()).grants();
        assertNull(grants.get(0).executionId(), "its part failed when it was applied");
        assertEquals(first, grants.get(1).executionId());
        assertEquals(Status.PENDING, story.status(second));
    }

    /** What leaves together waits in one bucket, and one thing in it may be such that the engine fails on it. */
    @Test
    void aThingThatFailsKeepsNothingElseOfItsBucketFromLeaving() {
        Story story = new Story();
        List<UUID> closed = List.of(story.running(), story.running());
        closed.forEach(id -> story.given(story.submit(id, SubmissionStatus.COMPLETED)));
        story.state.flush();
        long bucketMs = story.state.dues().first().atMs();
        byte[] first = Bytes.writer().i64(bucketMs).rawId(new UUID(0, 0)).finish();
        story.storage.put(Table.CLOSED, first, new byte[] {1}); // of an execution that is nowhere
        CommandMeta fires = new CommandMeta(story.newId(), Story.ORG, bucketMs, bucketMs, 100, 0);
        Engine failing = new Engine(new PartitionState(story.storage, 16 << 20));
        HalfAppliedException failure =
                assertThrows(HalfAppliedException.class, () -> failing.process(fires, new FireDue(100)));

        PartitionState state = new PartitionState(story.storage, 16 << 20);
        Engine engine = new Engine(state);
        Outcome refused = engine.process(fires, new FireDue(100), Map.of(failure.part(), failure.exception()));
        assertEquals(Refusal.Reason.POISON, refused.refusal().reason());
        assertEquals(List.of(), refused.events());

        CommandMeta again = new CommandMeta(story.newId(), Story.ORG, bucketMs, bucketMs, 101, 0);
        Outcome next = engine.process(again, new FireDue(100));
        assertEquals(List.of("EXECUTION_EVICTED", "EXECUTION_EVICTED"), Story.types(next));
        closed.forEach(id -> assertNull(state.execution(id)));
        assertEquals(0, state.dues().size());
    }

    private static Claim claim(long n) {
        return new Claim(new UUID(0x3000, n), "w" + n, List.of(Story.KIND), false, 60_000, 3, Map.of(), null);
    }

    /**
     * Storage with a defect of the program, or in an unlucky moment. The second look at a key fails; it comes when a
     * binding is applied.
     */
    private static final class Defective implements Storage {

        private final MemoryStorage sound;
        private final Supplier<Throwable> defect;
        private int looks;

        private Defective(MemoryStorage sound, Supplier<Throwable> defect) {
            this.sound = sound;
            this.defect = defect;
        }

        @Override
        public byte[] get(Table table, byte[] key) {
            if (table == Table.KEYS && ++looks == 2) {
                switch (defect.get()) {
                    case Error error -> throw error;
                    case RuntimeException exception -> throw exception;
                    case Throwable other -> throw new AssertionError("expected something unchecked", other);
                }
            }
            return sound.get(table, key);
        }

        @Override
        public void put(Table table, byte[] key, byte[] value) {
            sound.put(table, key, value);
        }

        @Override
        public void scan(Table table, byte[] prefix, Visitor visitor) {
            sound.scan(table, prefix, visitor);
        }

        @Override
        public void scanFrom(Table table, byte[] firstKey, Visitor visitor) {
            sound.scanFrom(table, firstKey, visitor);
        }
    }
}
