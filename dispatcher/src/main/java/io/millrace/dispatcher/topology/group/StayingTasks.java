package io.millrace.dispatcher.topology.group;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.streams.processor.TaskId;
import org.apache.kafka.streams.processor.assignment.ApplicationState;
import org.apache.kafka.streams.processor.assignment.AssignmentConfigs;
import org.apache.kafka.streams.processor.assignment.KafkaStreamsAssignment;
import org.apache.kafka.streams.processor.assignment.KafkaStreamsAssignment.AssignedTask;
import org.apache.kafka.streams.processor.assignment.KafkaStreamsState;
import org.apache.kafka.streams.processor.assignment.ProcessId;
import org.apache.kafka.streams.processor.assignment.TaskAssignor;
import org.jspecify.annotations.Nullable;

/**
 * Shares the partitions among the nodes so that as few as possible change their owner: each stays where it is, unless its owner is gone
 * or has more than its share. Kafka Streams' own way shares all of them anew whenever a node comes or goes, and lets those whose
 * state is small change their owners at once. So partitions stood still that had nothing to do with that node.
 *
 * <p>As there, a node that is to relieve another of a partition, and is far behind in its state, first reads that state beside the
 * owner, for so many partitions at a time, and gets the partition at a later look. Kafka Streams makes one, and calls it on the stream thread
 * of the node that leads the group.
 */
public final class StayingTasks implements TaskAssignor {

    /** Instead of how far behind a node is: it has the task. */
    static final long RUNNING = -2;

    /**
     * Setting of the main consumers: the {@link InstantSource} by which the stream threads see whether it is time to look again. By
     * another one, they would either look again at once and for ever, or not for long.
     */
    public static final String CLOCK = "millrace.clock";

    private @Nullable InstantSource clock;

    @Override
    public void configure(Map<String, ?> settings) {
        if (!(settings.get(CLOCK) instanceof InstantSource given)) {
            throw new ConfigException(CLOCK, settings.get(CLOCK), "expected the clock of the stream threads");
        }
        clock = given;
    }

    @Override
    public TaskAssignment assign(ApplicationState application) {
        return new Sharing(application)
                .assignment(Objects.requireNonNull(clock, "clock").instant());
    }

    /** A node, and what it is to have. */
    private static final class Node {

        private final KafkaStreamsState state;
        private final Set<TaskId> tasks = new TreeSet<>();
        private final Set<TaskId> warmUps = new TreeSet<>();

        Node(KafkaStreamsState state) {
            this.state = state;
        }

        ProcessId id() {
            return state.processId();
        }

        /** @return tasks of each of its threads, with so many more */
        double load(int more) {
            return (tasks.size() + more) / (double) Math.max(1, state.numProcessingThreads());
        }

        /** @return how many records of its state it lacks */
        long behind(TaskId task) {
            long lag = state.statefulTasksToLagSums().getOrDefault(task, Long.MAX_VALUE);
            return lag == RUNNING ? 0 : lag < 0 ? Long.MAX_VALUE : lag;
        }

        KafkaStreamsAssignment assignment() {
            Set<AssignedTask> assigned = new HashSet<>();
            tasks.forEach(task -> assigned.add(new AssignedTask(task, AssignedTask.Type.ACTIVE)));
            warmUps.forEach(task -> assigned.add(new AssignedTask(task, AssignedTask.Type.STANDBY)));
            return KafkaStreamsAssignment.of(id(), assigned);
        }
    }

    /** One round. */
    private static final class Sharing {

        private final AssignmentConfigs settings;
        private final SortedMap<ProcessId, Node> nodes = new TreeMap<>();
        /** Who has a task, or could begin with it at once. */
        private final Map<TaskId, Node> owners = new HashMap<>();
        /** Tasks that stay where they are until those who are to have them are less behind. */
        private final Map<TaskId, Node> leaving = new TreeMap<>();

        Sharing(ApplicationState application) {
            settings = application.assignmentConfigs();
            application.kafkaStreamsStates(true).forEach((id, state) -> nodes.put(id, new Node(state)));
            Set<TaskId> tasks = new TreeSet<>(application.allTasks().keySet());
            nodes.values()
                    .forEach(node -> node.state.previousActiveTasks().stream()
                            .filter(tasks::contains)
                            .forEach(task -> {
                                if (owners.putIfAbsent(task, node) == null) {
                                    node.tasks.add(task);
                                }
                            }));
            tasks.removeAll(owners.keySet());
            tasks.forEach(this::giveAway);
            while (relieve()) {
                // until nobody has two more than another
            }
        }

        /** Nobody has the task: of those that are near, or of all where none is, the one with the least to do gets it. */
        private void giveAway(TaskId task) {
            List<Node> near =
                    nodes.values().stream().filter(node -> isNear(node, task)).toList();
            Node owner = (near.isEmpty() ? nodes.values() : near)
                    .stream()
                            .min(Comparator.comparingDouble((Node node) -> node.load(1))
                                    .thenComparingLong(node -> node.behind(task))
                                    .thenComparing(Node::id))
                            .orElseThrow();
            owner.tasks.add(task);
            if (!near.isEmpty()) {
                owners.put(task, owner);
            }
        }

        private boolean isNear(Node node, TaskId task) {
            return node.behind(task) <= settings.acceptableRecoveryLag();
        }

        /** @return whether a task was moved, or is to be */
        private boolean relieve() {
            List<Node> byLoad = new ArrayList<>(nodes.values());
            byLoad.sort(Comparator.comparingDouble((Node node) -> load(node, 0)).thenComparing(Node::id));
            Node least = byLoad.getFirst();
            Node most = byLoad.getLast();
            if (load(most, -1) < load(least, 1)) {
                return false;
            }
            Optional<TaskId> task = most.tasks.stream()
                    .filter(own -> !leaving.containsKey(own))
                    .min(Comparator.comparing((TaskId own) -> most.equals(owners.get(own)))
                            .thenComparingLong(least::behind)
                            .thenComparing(Comparator.naturalOrder()));
            task.ifPresent(moving -> move(moving, most, least));
            return task.isPresent();
        }

        /** @return the load as it will be when those tasks have moved */
        private double load(Node node, int more) {
            long comes = leaving.values().stream().filter(node::equals).count();
            long goes = leaving.keySet().stream().filter(node.tasks::contains).count();
            return node.load(Math.toIntExact(comes - goes) + more);
        }

        private void move(TaskId task, Node from, Node to) {
            boolean stays = from.equals(owners.get(task));
            if (!stays || isNear(to, task)) {
                from.tasks.remove(task);
                to.tasks.add(task);
                return;
            }
            leaving.put(task, to);
        }

        TaskAssignment assignment(Instant now) {
            leaving.entrySet().stream()
                    .limit(settings.maxWarmupReplicas())
                    .forEach(each -> each.getValue().warmUps.add(each.getKey()));
            List<KafkaStreamsAssignment> all = new ArrayList<>(
                    nodes.values().stream().map(Node::assignment).toList());
            if (!leaving.isEmpty()) {
                Instant lookAgain = now.plus(Duration.ofMillis(settings.probingRebalanceIntervalMs()));
                all.set(0, all.getFirst().withFollowupRebalance(lookAgain));
            }
            return new TaskAssignment(all);
        }
    }
}
