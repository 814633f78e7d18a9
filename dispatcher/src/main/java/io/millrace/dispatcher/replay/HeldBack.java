package io.millrace.dispatcher.replay;

import io.millrace.dispatcher.engine.command.WorkPolicy;
import io.millrace.dispatcher.engine.command.WorkPolicy.Pause;
import io.millrace.dispatcher.engine.command.WorkSubject;
import io.millrace.dispatcher.engine.command.WorkSubject.Type;
import io.millrace.dispatcher.engine.state.Execution;
import io.millrace.dispatcher.engine.state.Task;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What holds ready work back that a worker could have: its queue, its kind.
 *
 * @param policies tells how work of a subject is handed out
 */
record HeldBack(Function<WorkSubject, WorkPolicy> policies) {

    /** A subject whose work is not handed out. */
    record Paused(WorkSubject subject, Pause pause) {

        private String text() {
            String what = switch (subject.type()) {
                case QUEUE -> "queue ";
                case WORKFLOW_KIND, TASK_KIND -> "kind ";
                case WORKER -> "worker ";
            };
            return what + subject.name() + " is paused since " + JsonTree.time(pause.sinceMs()) + " by " + pause.by()
                    + (pause.reason().isEmpty() ? "" : ", because: " + pause.reason());
        }

        private Map<String, Object> tree() {
            Map<String, Object> tree = new LinkedHashMap<>();
            tree.put("subject", subject.type().name());
            tree.put("name", subject.name());
            JsonTree.put(tree, "since", JsonTree.time(pause.sinceMs()));
            tree.put("by", pause.by());
            JsonTree.put(tree, "reason", pause.reason());
            return tree;
        }
    }

    private List<Paused> among(WorkSubject... subjects) {
        return Stream.of(subjects)
                .flatMap(subject -> {
                    Pause pause = policies.apply(subject).pause();
                    return pause == null ? Stream.empty() : Stream.of(new Paused(subject, pause));
                })
                .toList();
    }

    List<Paused> of(Execution execution) {
        return execution.ready()
                ? among(
                        new WorkSubject(Type.QUEUE, execution.header().queue()),
                        new WorkSubject(Type.WORKFLOW_KIND, execution.header().kind()))
                : List.of();
    }

    List<Paused> of(Task task) {
        return task.ready()
                ? among(new WorkSubject(Type.QUEUE, task.queue()), new WorkSubject(Type.TASK_KIND, task.kind()))
                : List.of();
    }

    /** @return all of them in one clause */
    static String text(List<Paused> paused) {
        return paused.stream().map(Paused::text).collect(Collectors.joining(", and "));
    }

    static List<Object> trees(Stream<Paused> paused) {
        return paused.distinct().map(Paused::tree).collect(Collectors.toList());
    }
}
