package io.millrace.dispatcher.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dispatcher.engine.command.Asker;
import io.millrace.dispatcher.engine.command.Command;
import io.millrace.dispatcher.engine.command.Command.CancelTask;
import io.millrace.dispatcher.engine.command.Command.Claim;
import io.millrace.dispatcher.engine.command.Command.ClaimWork;
import io.millrace.dispatcher.engine.command.Command.CompleteTask;
import io.millrace.dispatcher.engine.command.Command.FailTask;
import io.millrace.dispatcher.engine.command.Command.FireDue;
import io.millrace.dispatcher.engine.command.Command.LimitWork;
import io.millrace.dispatcher.engine.command.Command.OfPolicy;
import io.millrace.dispatcher.engine.command.Command.RaiseRules;
import io.millrace.dispatcher.engine.command.Command.SubmitTask;
import io.millrace.dispatcher.engine.command.Command.WorkerGone;
import io.millrace.dispatcher.engine.command.CommandMeta;
import io.millrace.dispatcher.engine.command.Rules;
import io.millrace.dispatcher.engine.command.WorkPolicy.Limit;
import io.millrace.dispatcher.engine.command.WorkSubject;
import io.millrace.dispatcher.engine.command.WorkType;
import io.millrace.dispatcher.engine.decide.Answer;
import io.millrace.dispatcher.engine.decide.Outgoing;
import io.millrace.dispatcher.engine.state.PartitionState;
import io.millrace.dispatcher.engine.state.QueueKey;
import io.millrace.proto.Shards;
import io.millrace.proto.WorkSubjects;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A queue in several partitions, whose messages to each other come late, in their order, and twice after a crash. However that turns
 * out: never more than the limit is in flight, no more than the rate is handed out, nothing is left, and no command has a long tail.
 */
class LimitSimulationTest {

    private static final int PARTITIONS = 4;
    private static final String QUEUE = "q";
    private static final WorkSubject SUBJECT = new WorkSubject(WorkSubject.Type.QUEUE, QUEUE);
    private static final UUID ORG = new UUID(3, 3);
    private static final QueueKey TASKS = new QueueKey(ORG, WorkType.TASK, QUEUE);

    /** Longer than all of it takes: how an execution leaves is looked at elsewhere. */
    private static final long RETENTION_MS = 1_000_000_000;

    private final List<One> partitions = new ArrayList<>();
    private final Set<UUID> open = new LinkedHashSet<>();
    private Random random;
    private long nowMs = 1_000_000;
    private long ids;
    private int messages;

    /** A partition, and what others have sent it. What was carried out since its last commit is done again after a crash. */
    private final class One {

        private final int number;
        private MemoryStorage committed = new MemoryStorage();
        private MemoryStorage storage = committed.copy();
        private PartitionState state = new PartitionState(storage, 16 << 20);
        private Engine engine;
        private final List<Entry> log = new ArrayList<>();
        private final List<Command> inbox = new ArrayList<>();
        private int committedTo;
        private long offset;

        private One(int number) {
            this.number = number;
            engine = new Engine(state, new Home(number, PARTITIONS));
        }

        private Outcome carryOut(Command command) {
            CommandMeta meta = new CommandMeta(new UUID(number, ++ids), ORG, nowMs, nowMs, offset++, 1 << 20);
            log.add(new Entry(meta, command));
            Outcome outcome = engine.process(meta, command);
            assertNull(outcome.refusal(), () -> command + ": " + outcome.refusal());
            long tail = outcome.events().stream()
                    .filter(event -> event.type().startsWith("QUEUE_PLACES"))
                    .count();
            assertTrue(
                    tail <= PARTITIONS + 3 && outcome.outgoing().size() <= 2 * PARTITIONS,
                    () -> command + " sets off " + Story.types(outcome));
            send(outcome);
            return outcome;
        }

        private void send(Outcome outcome) {
            for (Outgoing out : outcome.outgoing()) {
                messages++;
                partitions.get(Shards.partition(out.shard(), PARTITIONS)).inbox.add(out.command());
            }
        }

        private void commit() {
            state.flush();
            committed = storage.copy();
            committedTo = log.size();
        }

        /** The same comes out again, and what was sent is sent again. */
        private void crash() {
            storage = committed.copy();
            state = new PartitionState(storage, 16 << 20);
            engine = new Engine(state, new Home(number, PARTITIONS));
            for (Entry entry : log.subList(committedTo, log.size())) {
                send(engine.process(entry.meta(), entry.command()));
            }
        }

        private boolean receive() {
            if (inbox.isEmpty()) {
                return false;
            }
            carryOut(inbox.removeFirst());
            return true;
        }
    }

    private record Entry(CommandMeta meta, Command command) {}

    private void begin(long seed) {
        random = new Random(seed);
        for (int i = 0; i < PARTITIONS; i++) {
            partitions.add(new One(i));
            partitions.get(i).carryOut(new RaiseRules(Rules.VERSION));
        }
    }

    private One any() {
        return partitions.get(random.nextInt(PARTITIONS));
    }

    private One of(UUID id) {
        return partitions.get(Shards.partition(id, PARTITIONS));
    }

    private void limit(Limit limit) {
        int home = WorkSubjects.home(ORG, "QUEUE", QUEUE, PARTITIONS);
        partitions.get(home).carryOut(new LimitWork(SUBJECT, limit, "flood", "ann", OfPolicy.ANY_VERSION, PARTITIONS));
    }

    private static Limit limit(int inFlight, int rate, int burst) {
        return new Limit(inFlight, rate, burst, "customer", 0, PARTITIONS, 0, "ann", "flood");
    }

    private void submit() {
        UUID id = Shards.place(random.nextLong(), random.nextLong(), random.nextInt(PARTITIONS));
        of(id).carryOut(new SubmitTask(
                id,
                null,
                "k" + random.nextInt(2),
                Story.json("1"),
                Map.of("customer", "c" + random.nextInt(5)),
                9,
                0,
                "",
                0,
                QUEUE,
                RETENTION_MS,
                0));
        open.add(id);
    }

    private boolean claim(One partition, String worker) {
        Claim claim = new Claim(new UUID(77, ++ids), worker, List.of(), true, 5_000, 100, Map.of(), null);
        Outcome outcome = partition.carryOut(new ClaimWork(WorkType.TASK, QUEUE, List.of(claim)));
        return ((Answer.Claimed) outcome.answer()).grants().getFirst().executionId() != null;
    }

    private UUID running() {
        List<UUID> running = open.stream()
                .filter(id -> of(id).state.task(id, id).claimId() != null)
                .toList();
        return running.isEmpty() ? null : running.get(random.nextInt(running.size()));
    }

    private void end(UUID id) {
        if (id == null) {
            return;
        }
        switch (random.nextInt(6)) {
            case 0 -> of(id).carryOut(new FailTask(id, id, "broken", 10));
            case 1 -> {
                of(id).carryOut(new CancelTask(id, id, Command.ANY_VERSION));
                open.remove(id);
            }
            default -> {
                of(id).carryOut(new CompleteTask(id, id, Story.json("1")));
                open.remove(id);
            }
        }
    }

    private void passes(int ms) {
        nowMs += ms;
        partitions.forEach(one -> one.carryOut(new FireDue(100)));
        open.removeIf(id -> of(id).state.task(id, id).status().terminal());
    }

    private int inFlight() {
        return partitions.stream()
                .mapToInt(one -> one.state.inFlight(ORG, QUEUE))
                .sum();
    }

    private boolean deliverAll() {
        boolean some = false;
        for (int round = 0; round < 10_000; round++) {
            boolean more = false;
            for (One one : partitions) {
                more |= one.receive();
            }
            if (!more) {
                return some;
            }
            some = true;
        }
        throw new AssertionError("partitions tell each other things for ever");
    }

    private void something() {
        switch (random.nextInt(12)) {
            case 0, 1 -> submit();
            case 2, 3, 4 -> claim(any(), "w" + random.nextInt(3));
            case 5 -> end(running());
            case 6 -> passes(random.nextInt(400));
            case 7 -> {
                One one = any();
                if (random.nextBoolean()) {
                    one.commit();
                } else if (random.nextInt(3) == 0) {
                    one.crash();
                }
            }
            case 8 -> {
                if (random.nextInt(20) == 0) {
                    any().carryOut(new WorkerGone("w" + random.nextInt(3), "gone", 0, Asker.NOBODY));
                }
            }
            default -> any().receive();
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void neverMoreThanTheLimitIsInFlightAndNothingStarves(long seed) {
        begin(seed);
        int most = 1 + (int) (seed % 5);
        limit(limit(most, 0, 0));
        deliverAll();
        for (int i = 0; i < 2_000; i++) {
            something();
            assertTrue(inFlight() <= most, () -> inFlight() + " are in flight");
        }
        for (int i = 0; i < 40; i++) {
            submit();
        }
        for (int round = 0; round < 100; round++) {
            deliverAll();
            partitions.forEach(one -> claim(one, "w"));
        }
        assertEquals(most, inFlight(), "expected all places to be used while there is work");
        runDown();
    }

    @ParameterizedTest
    @ValueSource(longs = {11, 12, 13})
    void notMoreThanTheRateIsHandedOut(long seed) {
        begin(seed);
        limit(limit(0, 20, 4));
        deliverAll();
        long beganMs = nowMs;
        for (int i = 0; i < 2_000; i++) {
            if (random.nextInt(3) == 0) {
                claim(any(), "w");
            } else {
                something();
            }
            long allowed = 4 + (nowMs - beganMs) * 20 / 1_000;
            assertTrue(lent() <= allowed, () -> lent() + " of " + allowed + " were lent");
        }
        assertTrue(lent() > 20, () -> "expected much to be handed out, but it was " + lent());
        runDown();
    }

    private long lent() {
        return partitions.stream()
                .mapToLong(one -> one.state.places().get(ORG, QUEUE).lent())
                .sum();
    }

    @ParameterizedTest
    @ValueSource(longs = {21, 22, 23, 24})
    void limitsThatComeAndGoLoseNoPlace(long seed) {
        begin(seed);
        for (int i = 0; i < 2_000; i++) {
            if (random.nextInt(60) == 0) {
                limit(
                        switch (random.nextInt(4)) {
                            case 0 -> null;
                            case 1 -> limit(0, 50, 5);
                            case 2 -> limit(2, 50, 5);
                            default -> limit(1 + random.nextInt(6), 0, 0);
                        });
            }
            something();
        }
        limit(null);
        deliverAll();
        limit(limit(2, 0, 0));
        runDown();
    }

    /** With workers that poll all partitions, all that is there ends, and then all is still. */
    private void runDown() {
        for (int round = 0; !open.isEmpty(); round++) {
            assertTrue(round < 20_000, () -> "expected all to end, but " + open.size() + " are left");
            deliverAll();
            for (One one : partitions) {
                while (claim(one, "last")) {
                    // as long as there is something
                }
            }
            for (UUID id : List.copyOf(open)) {
                if (of(id).state.task(id, id).claimId() != null) {
                    of(id).carryOut(new CompleteTask(id, id, Story.json("1")));
                    open.remove(id);
                }
            }
            passes(50);
        }
        passes(20_000);
        deliverAll();
        passes(20_000);
        deliverAll();
        int before = messages;
        for (int i = 0; i < 20; i++) {
            passes(1_000);
            deliverAll();
        }
        assertEquals(before, messages, "expected all to be still when nothing is left");
        assertEquals(0, inFlight());
        for (One one : partitions) {
            assertEquals(0, one.state.places().get(ORG, QUEUE).spare());
            assertEquals(0, one.state.places().get(ORG, QUEUE).awaited());
            assertEquals(Map.of(), one.state.ready().depths(TASKS));
        }
    }
}
