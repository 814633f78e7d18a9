package io.millrace.dispatcher.topology;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dispatcher.engine.command.Rules;
import io.millrace.dispatcher.engine.store.Table;
import io.millrace.dispatcher.partition.Announcements;
import io.millrace.dispatcher.partition.Instance;
import io.millrace.dispatcher.partition.Lease;
import io.millrace.dispatcher.partition.TenureContext;
import io.millrace.proto.Shards;
import java.nio.file.Path;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.state.internals.InMemoryKeyValueStore;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A partition in which nothing happens costs nothing: no commit, and no record in the topic of its state. */
class IdlenessTest {

    @TempDir
    private Path folder;

    private final UUID id = Shards.newId(0);
    private final CountingStore store = new CountingStore();
    private Owner owner;

    @BeforeEach
    void own() {
        owner = Owner.owning(store, 0, folder);
    }

    private static final class CountingStore extends InMemoryKeyValueStore {
        private int writes;

        CountingStore() {
            super(Stores.STATE);
        }

        @Override
        public void put(Bytes key, byte[] value) {
            writes++;
            super.put(key, value);
        }

        @Override
        public byte[] delete(Bytes key) {
            writes++;
            return super.delete(key);
        }
    }

    private void assertQuiet() {
        int written = store.writes;
        for (int second = 0; second < 10; second++) {
            assertFalse(owner.tick(), "whatever Kafka Streams does by time ends in a commit");
            owner.repeat();
            owner.commit();
        }
        assertEquals(written, store.writes, "records in the topic of the state");
    }

    @Test
    void whoHasJustBegunIsQuietOnceThatIsCommitted() {
        assertTrue(owner.tick());
        owner.commit();
        assertQuiet();
    }

    @Test
    void oneCommitAfterTheLastCommandIsTheLastOfAll() {
        owner.process(TestCommands.start(id));
        assertTrue(owner.tick());
        owner.commit();
        assertQuiet();

        owner.process(TestCommands.claim());
        assertTrue(owner.tick(), "the next command ends the quiet");
        owner.commit();
        assertQuiet();
    }

    @Test
    void workThatStandsUnclaimedIsSaidAgainWithoutACommit() {
        owner.process(TestCommands.start(id));
        owner.commit();
        int said = owner.levels.size();
        assertQuiet();
        assertEquals(said + 10, owner.levels.size());
        assertEquals(1, owner.levels.getLast().getKinds(0).getReady());

        owner.process(TestCommands.claim());
        owner.commit();
        said = owner.levels.size();
        assertQuiet();
        assertEquals(said, owner.levels.size(), "nothing stands there any more");
    }

    @Test
    void aCommandUnderWayToAnotherPartitionIsWaitedForAndStruck() throws Exception {
        owner.process(TestCommands.start(id));
        owner.process(TestCommands.claim());
        owner.process(TestCommands.submit(id, TestCommands.child(Shards.newId(3))));
        owner.commit();
        assertTrue(owner.tick());
        assertEquals(1, owner.stored(Table.OUTBOX));

        owner.sent.take();
        owner.sent.completeNext();
        assertTrue(owner.tick());
        owner.commit();

        assertEquals(0, owner.stored(Table.OUTBOX));
        assertQuiet();
    }

    @Test
    void itsRulesAreRaisedOnceAllNodesKnowThemThoughNoCommandComes() throws Exception {
        AtomicBoolean allKnow = new AtomicBoolean();
        Owner idle = new Owner(
                Owner.emptyStore(),
                0,
                folder,
                new TenureContext(
                        new Instance(0),
                        () -> Lease.OF_THE_ONLY_NODE,
                        Announcements.NONE,
                        System::nanoTime,
                        allKnow::get));
        idle.own();
        idle.tick();
        idle.commit();

        allKnow.set(true);
        idle.repeat();

        assertEquals(
                Rules.VERSION,
                SentCommands.command(idle.sent.take()).getRaiseRules().getVersion());
    }
}
