package io.millrace.dispatcher.replay;

import io.millrace.dispatcher.engine.command.QueuePlaces;
import io.millrace.dispatcher.engine.command.WorkPolicy;
import io.millrace.dispatcher.engine.command.WorkPolicy.Limit;
import io.millrace.dispatcher.engine.command.WorkPolicy.Pause;
import io.millrace.dispatcher.engine.command.WorkSubject;
import io.millrace.dispatcher.engine.command.WorkSubject.Type;
import io.millrace.dispatcher.engine.state.Execution;
import io.millrace.dispatcher.engine.state.PartitionState;
import io.millrace.dispatcher.engine.state.Task;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What holds ready work back that a worker could have: its queue, its kind.
 *
 * @param policies tells how work of a subject is handed out
 * @param places tells the places that its partition has of a queue; null where its limit needs none
 */
public record HeldBack(Function<WorkSubject, WorkPolicy> policies, Function<String, @Nullable QueuePlaces> places) {

    /** Where nothing is known that holds anything back. */
    public static final HeldBack BY_NOTHING = new HeldBack(subject -> WorkPolicy.USUAL, queue -> null);

    /** @return what holds work of the organisation back in a partition; its thread */
    public static HeldBack in(PartitionState state, UUID orgId) {
        return new HeldBack(
                subject -> state.policies().get(orgId, subject),
                queue -> state.places().get(orgId, queue));
    }

    /**
     * @param standing a copy with its open tasks
     * @return what holds work of the execution back in its partition, as it is now and stays; any thread
     */
    public static HeldBack now(PartitionState state, Execution standing) {
        UUID orgId = standing.header().orgId();
        Map<WorkSubject, WorkPolicy> policies =
                Map.copyOf(Objects.requireNonNullElse(state.policies().of(orgId), Map.of()));
        Map<String, QueuePlaces> places = new HashMap<>();
        Stream.concat(Stream.of(standing.header().queue()), standing.openTaskQueues())
                .forEach(queue -> {
                    QueuePlaces here = state.places().get(orgId, queue);
                    if (here != null) {
                        places.put(queue, here);
                    }
                });
        return new HeldBack(subject -> policies.getOrDefault(subject, WorkPolicy.USUAL), places::get);
    }

    /** Why something is not handed out: one of the two. */
    record Hold(
            WorkSubject subject,
            @Nullable Pause pause,
            @Nullable Limit limit) {

        private String text() {
            if (limit != null) {
                return "its queue " + subject.name() + " has a limit, and no place has come for it yet: "
                        + String.join(", ", rooms(limit)) + ", since " + JsonTree.time(limit.sinceMs())
                        + by(limit.by(), limit.reason());
            }
            return switch (subject.type()) {
                        case QUEUE -> "queue ";
                        case WORKFLOW_KIND, TASK_KIND -> "kind ";
                        case WORKER -> "worker ";
                    }
                    + subject.name()
                    + (pause == null
                            ? ""
                            : " is paused since " + JsonTree.time(pause.sinceMs()) + by(pause.by(), pause.reason()));
        }

        private static String by(String by, String reason) {
            return " by " + by + (reason.isEmpty() ? "" : ", because: " + reason);
        }

        private Map<String, Object> tree() {
            Map<String, Object> tree = new LinkedHashMap<>();
            tree.put("subject", subject.type().name());
            tree.put("name", subject.name());
            if (pause != null) {
                JsonTree.put(tree, "since", JsonTree.time(pause.sinceMs()));
                tree.put("by", pause.by());
                JsonTree.put(tree, "reason", pause.reason());
            }
            if (limit != null) {
                tree.put("limit", String.join(", ", rooms(limit)));
                JsonTree.put(tree, "since", JsonTree.time(limit.sinceMs()));
                tree.put("by", limit.by());
                JsonTree.put(tree, "reason", limit.reason());
            }
            return tree;
        }
    }

    /** @return the limit as people read it */
    static String limits(Limit limit) {
        List<String> limits = rooms(limit);
        if (!limit.fairKey().isEmpty()) {
            limits.add("in turn by " + limit.fairKey());
        }
        return String.join(", ", limits);
    }

    /** @return how much room the limit leaves; turns hold nothing back */
    private static List<String> rooms(Limit limit) {
        List<String> rooms = new ArrayList<>();
        if (limit.inFlight() > 0) {
            rooms.add("at most " + limit.inFlight() + " in flight");
        }
        if (limit.rate() > 0) {
            rooms.add("at most " + limit.rate() + " in a second, and " + limit.burst() + " at once after a lull");
        }
        return rooms;
    }

    private List<Hold> among(String queue, Type kindType, String kind) {
        WorkSubject ofQueue = new WorkSubject(Type.QUEUE, queue);
        List<Hold> holds = new ArrayList<>();
        for (WorkSubject subject : List.of(ofQueue, new WorkSubject(kindType, kind))) {
            Pause pause = policies.apply(subject).pause();
            if (pause != null) {
                holds.add(new Hold(subject, pause, null));
            }
        }
        Limit limit = policies.apply(ofQueue).limit();
        QueuePlaces here = places.apply(queue);
        // A place is on its way only if a worker has asked. Otherwise nobody wants the work, and no limit holds it
        // back.
        if (limit != null && here != null && here.spare() == 0 && here.awaited() > 0) {
            holds.add(new Hold(ofQueue, null, limit));
        }
        return holds;
    }

    List<Hold> of(Execution execution) {
        return execution.ready()
                ? among(
                        execution.header().queue(),
                        Type.WORKFLOW_KIND,
                        execution.header().kind())
                : List.of();
    }

    List<Hold> of(Task task) {
        return task.ready() ? among(task.queue(), Type.TASK_KIND, task.kind()) : List.of();
    }

    /** @return all of them in one clause */
    static String text(List<Hold> holds) {
        return holds.stream().map(Hold::text).collect(Collectors.joining(", and "));
    }

    static List<Object> trees(Stream<Hold> holds) {
        return holds.distinct().map(Hold::tree).collect(Collectors.toList());
    }
}
