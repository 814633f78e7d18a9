package io.millrace.dispatcher.replay;

import io.millrace.dispatcher.engine.command.Payload;
import io.millrace.proto.v1.EventRecord;
import io.millrace.proto.v1.OutcomeRecord;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What the log tells of an execution, in the form that docs/reference/history.md describes. */
public final class HistoryTree {

    /** Name of the form. */
    public static final String FORMAT = "millrace.history";

    /** Version of the form: fields may come to be in it, and none changes its meaning or goes. */
    public static final int VERSION = 1;

    private HistoryTree() {}

    /** @return the whole */
    public static Map<String, Object> of(ExecutionTrace trace) {
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("format", FORMAT);
        tree.put("version", VERSION);
        tree.put("execution", trace.executionId().toString());
        trace.taskId().ifPresent(task -> tree.put("task", task.toString()));
        tree.put("partition", trace.partition());
        List<Object> steps = new ArrayList<>();
        trace.steps().forEach(step -> steps.add(step(step, steps.size() + 1)));
        tree.put("steps", steps);
        return tree;
    }

    /**
     * @param number of a step, from 1
     * @return that step
     */
    public static Map<String, Object> step(ExecutionTrace trace, int number) {
        return step(trace.steps().get(number - 1), number);
    }

    private static Map<String, Object> step(ExecutionTrace.Step step, int number) {
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("step", number);
        tree.put("offset", step.offset());
        JsonTree.put(tree, "takenIn", JsonTree.time(step.appendedMs()));
        if (step.command() != null) {
            tree.put("command", CommandTree.of(step.command()));
        }
        if (step.outcome() != null) {
            decision(step.outcome(), tree);
        }
        tree.put("events", step.events().stream().map(HistoryTree::event).toList());
        tree.put("before", step.before());
        tree.put("after", step.after());
        return tree;
    }

    private static void decision(OutcomeRecord outcome, Map<String, Object> tree) {
        tree.put("decision", outcome.hasRefusal() ? "REFUSED" : "ACCEPTED");
        if (outcome.hasRefusal()) {
            Map<String, Object> refusal = new LinkedHashMap<>();
            refusal.put("reason", outcome.getRefusal().getReason().name());
            refusal.put("text", outcome.getRefusal().getText());
            tree.put("refusal", refusal);
        }
        tree.put("decided", JsonTree.time(outcome.getTimeMs()));
        tree.put("rules", outcome.getRulesVersion());
        tree.put("mac", outcome.getMac().name());
    }

    private static Map<String, Object> event(EventRecord event) {
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("type", event.getType());
        tree.put("number", event.getChainSequence());
        JsonTree.put(tree, "inHistory", event.getHistorySequence());
        JsonTree.put(tree, "task", event.getTaskId().isEmpty() ? null : RecordText.id(event.getTaskId()));
        JsonTree.put(
                tree,
                "status",
                event.getStatusValue() == 0 ? null : event.getStatus().name());
        tree.put("time", JsonTree.time(event.getTimeMs()));
        tree.put("data", new Payload(event.getData().toByteArray()));
        return tree;
    }
}
