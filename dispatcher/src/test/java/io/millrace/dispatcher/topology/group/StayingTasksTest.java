package io.millrace.dispatcher.topology.group;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.streams.processor.TaskId;
import org.apache.kafka.streams.processor.assignment.ApplicationState;
import org.apache.kafka.streams.processor.assignment.AssignmentConfigs;
import org.apache.kafka.streams.processor.assignment.KafkaStreamsAssignment;
import org.apache.kafka.streams.processor.assignment.KafkaStreamsAssignment.AssignedTask;
import org.apache.kafka.streams.processor.assignment.KafkaStreamsState;
import org.apache.kafka.streams.processor.assignment.ProcessId;
import org.apache.kafka.streams.processor.assignment.TaskAssignmentUtils;
import org.apache.kafka.streams.processor.assignment.TaskAssignor.AssignmentError;
import org.apache.kafka.streams.processor.assignment.TaskAssignor.TaskAssignment;
import org.apache.kafka.streams.processor.assignment.TaskInfo;
import org.apache.kafka.streams.processor.assignment.TaskTopicPartition;
import org.apache.kafka.streams.state.HostInfo;
import org.junit.jupiter.api.Test;

/** Who gets which partition when nodes come and go: as few as possible change their owner. */
class StayingTasksTest {

    private static final int NEAR = 100;
    private static final long FAR = 1_000_000;
    private static final Instant NOW = Instant.ofEpochMilli(1_000_000);

    private final StayingTasks sharing = by(InstantSource.fixed(NOW));

    private static StayingTasks by(InstantSource clock) {
        StayingTasks sharing = new StayingTasks();
        sharing.configure(Map.of(StayingTasks.CLOCK, clock));
        return sharing;
    }

    private static ProcessId process(int number) {
        return new ProcessId(new UUID(0, number));
    }

    private static TaskId task(int partition) {
        return new TaskId(0, partition);
    }

    private static SortedSet<TaskId> tasks(int... partitions) {
        return IntStream.of(partitions).mapToObj(StayingTasksTest::task).collect(Collectors.toCollection(TreeSet::new));
    }

    /** A node as Kafka Streams describes it. */
    private record Described(
            ProcessId processId,
            int numProcessingThreads,
            SortedSet<TaskId> previousActiveTasks,
            Map<TaskId, Long> lags)
            implements KafkaStreamsState {

        static Described of(int node, SortedSet<TaskId> has, long behindInOthers, int all) {
            Map<TaskId, Long> lags = new HashMap<>();
            for (int i = 0; i < all; i++) {
                lags.put(task(i), has.contains(task(i)) ? StayingTasks.RUNNING : behindInOthers);
            }
            return new Described(process(node), 1, has, lags);
        }

        @Override
        public SortedSet<String> consumerClientIds() {
            return new TreeSet<>();
        }

        @Override
        public SortedSet<TaskId> previousStandbyTasks() {
            return new TreeSet<>();
        }

        @Override
        public long lagFor(TaskId task) {
            return lags.get(task);
        }

        @Override
        public SortedSet<TaskId> prevTasksByLag(String consumer) {
            return new TreeSet<>();
        }

        @Override
        public Map<TaskId, Long> statefulTasksToLagSums() {
            return lags;
        }

        @Override
        public Optional<HostInfo> hostInfo() {
            return Optional.empty();
        }

        @Override
        public Map<String, String> clientTags() {
            return Map.of();
        }

        @Override
        public Optional<String> rackId() {
            return Optional.empty();
        }
    }

    private record Information(TaskId id) implements TaskInfo {

        @Override
        public boolean isStateful() {
            return true;
        }

        @Override
        public Set<String> stateStoreNames() {
            return Set.of("state");
        }

        @Override
        public Set<TaskTopicPartition> topicPartitions() {
            return Set.of();
        }
    }

    private record Application(Map<ProcessId, KafkaStreamsState> nodes, Map<TaskId, TaskInfo> allTasks)
            implements ApplicationState {

        @Override
        public Map<ProcessId, KafkaStreamsState> kafkaStreamsStates(boolean computeTaskLags) {
            return nodes;
        }

        @Override
        public AssignmentConfigs assignmentConfigs() {
            return new AssignmentConfigs((long) NEAR, 2, 0, 600_000L, List.of());
        }
    }

    private TaskAssignment share(int all, Described... nodes) {
        Map<ProcessId, KafkaStreamsState> byId = new TreeMap<>();
        for (Described node : nodes) {
            byId.put(node.processId(), node);
        }
        ApplicationState application = new Application(
                byId,
                IntStream.range(0, all)
                        .mapToObj(StayingTasksTest::task)
                        .collect(Collectors.toMap(task -> task, Information::new)));
        TaskAssignment shared = sharing.assign(application);
        assertEquals(AssignmentError.NONE, TaskAssignmentUtils.validateTaskAssignment(application, shared));
        return shared;
    }

    private static SortedSet<TaskId> has(TaskAssignment shared, int node, AssignedTask.Type type) {
        return of(shared.assignment(), node).tasks().values().stream()
                .filter(task -> task.type() == type)
                .map(AssignedTask::id)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static SortedSet<TaskId> has(TaskAssignment shared, int node) {
        return has(shared, node, AssignedTask.Type.ACTIVE);
    }

    private static KafkaStreamsAssignment of(Collection<KafkaStreamsAssignment> all, int node) {
        return all.stream()
                .filter(each -> each.processId().equals(process(node)))
                .findFirst()
                .orElseThrow();
    }

    private static Optional<Instant> lookAgain(TaskAssignment shared) {
        return shared.assignment().stream()
                .flatMap(each -> each.followupRebalanceDeadline().stream())
                .findFirst();
    }

    @Test
    void aNewGroupSharesThemEvenly() {
        TaskAssignment shared = share(
                7, Described.of(1, tasks(), 0, 7), Described.of(2, tasks(), 0, 7), Described.of(3, tasks(), 0, 7));

        assertEquals(
                List.of(2, 2, 3),
                IntStream.rangeClosed(1, 3)
                        .map(node -> has(shared, node).size())
                        .sorted()
                        .boxed()
                        .toList());
        assertEquals(Optional.empty(), lookAgain(shared));
    }

    /** By the time of day a look would be due at once and again and again, or not for long, after somebody set that. */
    @Test
    void withoutTheClockOfTheStreamThreadsNothingIsShared() {
        ConfigException refused = assertThrows(ConfigException.class, () -> new StayingTasks().configure(Map.of()));
        assertTrue(refused.getMessage().contains(StayingTasks.CLOCK), refused::getMessage);
    }

    /** Whose states are small, so that everybody is near. */
    @Test
    void nothingOfTheOthersMovesWhenANodeIsGone() {
        TaskAssignment shared = share(6, Described.of(1, tasks(0, 3), 0, 6), Described.of(2, tasks(1, 4), 0, 6));

        assertTrue(has(shared, 1).containsAll(tasks(0, 3)));
        assertTrue(has(shared, 2).containsAll(tasks(1, 4)));
        assertEquals(3, has(shared, 1).size());
        assertEquals(3, has(shared, 2).size());
    }

    @Test
    void whatNobodyHasGoesToWhoIsNearest() {
        Described one = Described.of(1, tasks(0), FAR, 4);
        Described two = Described.of(2, tasks(1), FAR, 4);
        one.lags.put(task(3), 7L);
        two.lags.put(task(2), 7L);

        TaskAssignment shared = share(4, one, two);

        assertEquals(tasks(0, 3), has(shared, 1));
        assertEquals(tasks(1, 2), has(shared, 2));
    }

    @Test
    void whoIsNearGetsItEvenIfItHasMoreToDoAndIsRelievedLater() {
        Described near = Described.of(1, tasks(0, 1, 2), FAR, 6);
        near.lags.put(task(5), 7L);

        TaskAssignment shared = share(6, near, Described.of(2, tasks(3, 4), FAR, 6));

        assertEquals(tasks(0, 1, 2, 5), has(shared, 1));
        assertEquals(1, has(shared, 2, AssignedTask.Type.STANDBY).size());
        assertEquals(Optional.of(NOW.plusSeconds(600)), lookAgain(shared));
    }

    @Test
    void aNodeThatComesGetsItsShareAndNoMoreMoves() {
        Described comes = Described.of(3, tasks(), NEAR, 6);

        TaskAssignment shared =
                share(6, Described.of(1, tasks(0, 2, 4), 0, 6), Described.of(2, tasks(1, 3, 5), 0, 6), comes);

        assertEquals(2, has(shared, 3).size());
        assertTrue(tasks(0, 2, 4).containsAll(has(shared, 1)));
        assertTrue(tasks(1, 3, 5).containsAll(has(shared, 2)));
        assertEquals(Optional.empty(), lookAgain(shared));
    }

    @Test
    void aNodeThatComesWithoutStateReadsItFirstWhileOwnersGoOn() {
        Described one = Described.of(1, tasks(0, 2, 4), FAR, 6);
        Described two = Described.of(2, tasks(1, 3, 5), FAR, 6);

        TaskAssignment first = share(6, one, two, Described.of(3, tasks(), FAR, 6));

        assertEquals(tasks(0, 2, 4), has(first, 1));
        assertEquals(tasks(1, 3, 5), has(first, 2));
        SortedSet<TaskId> warming = has(first, 3, AssignedTask.Type.STANDBY);
        assertEquals(2, warming.size());
        assertEquals(Optional.of(NOW.plusSeconds(600)), lookAgain(first));

        Described warm = Described.of(3, tasks(), FAR, 6);
        warming.forEach(task -> warm.lags.put(task, 3L));
        TaskAssignment second = share(6, one, two, warm);

        assertEquals(warming, has(second, 3));
        assertEquals(Optional.empty(), lookAgain(second));
    }

    @Test
    void whoHasMoreThreadsGetsMore() {
        Described large = new Described(
                process(1), 2, tasks(), Described.of(1, tasks(), 0, 6).lags());

        TaskAssignment shared = share(6, large, Described.of(2, tasks(0, 1, 2, 3, 4, 5), 0, 6));

        assertEquals(4, has(shared, 1).size());
        assertEquals(2, has(shared, 2).size());
    }

    @Test
    void whateverComesAndGoesEachHasOneOwnerAndFewMove() {
        Random random = new Random(7);
        for (int round = 0; round < 300; round++) {
            int all = 1 + random.nextInt(30);
            int nodes = 1 + random.nextInt(5);
            List<TreeSet<TaskId>> before = IntStream.range(0, nodes)
                    .mapToObj(node -> new TreeSet<TaskId>())
                    .toList();
            IntStream.range(0, all)
                    .filter(task -> random.nextInt(4) > 0)
                    .forEach(task -> before.get(random.nextInt(nodes)).add(task(task)));
            TaskAssignment shared = share(
                    all,
                    IntStream.range(0, nodes)
                            .mapToObj(node -> Described.of(node, before.get(node), 0, all))
                            .toArray(Described[]::new));

            int fewest = all / nodes;
            for (int node = 0; node < nodes; node++) {
                SortedSet<TaskId> now = has(shared, node);
                assertTrue(now.size() == fewest || now.size() == fewest + 1, () -> "tasks: " + shared.assignment());
                SortedSet<TaskId> kept = new TreeSet<>(before.get(node));
                kept.retainAll(now);
                // Only who has more than its share gives anything away.
                assertTrue(kept.size() >= Math.min(before.get(node).size(), fewest), () -> "kept: " + kept);
            }
        }
    }
}
