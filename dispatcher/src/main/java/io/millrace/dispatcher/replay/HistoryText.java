package io.millrace.dispatcher.replay;

import io.millrace.dispatcher.codec.OutcomeEncoder;
import io.millrace.proto.v1.CommandRecord;
import io.millrace.proto.v1.EventRecord;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the log tells of an execution, for people. */
public final class HistoryText {

    private HistoryText() {}

    /** @return line by line */
    public static List<String> lines(ExecutionTrace trace) {
        List<String> lines = new ArrayList<>();
        lines.add(trace.taskId().map(task -> "task " + task + " of ").orElse("") + "execution " + trace.executionId()
                + ", partition " + trace.partition());
        for (int number = 1; number <= trace.steps().size(); number++) {
            lines.add("");
            lines.addAll(lines(trace, number));
        }
        return lines;
    }

    /**
     * @param number of a step, from 1
     * @return what the log tells of that step, line by line
     */
    public static List<String> lines(ExecutionTrace trace, int number) {
        List<String> lines = new ArrayList<>();
        step(number, trace.steps().get(number - 1), lines);
        return lines;
    }

    private static void step(int number, ExecutionTrace.Step step, List<String> lines) {
        CommandRecord command = step.command();
        String name = command == null ? "a command that cannot be read" : OutcomeEncoder.name(command);
        lines.add(number + "  " + (step.appendedMs() == 0 ? "" : Instant.ofEpochMilli(step.appendedMs()) + "  ") + name
                + ", offset " + step.offset());
        if (command != null) {
            lines.add("   by " + OutcomeLines.principal(command.getPrincipal()) + ", from " + command.getOrigin()
                    + (command.getReason().isEmpty() ? "" : ", because: " + command.getReason()));
        }
        if (step.outcome() == null) {
            lines.add("   no outcome is recorded");
        } else if (step.outcome().hasRefusal()) {
            lines.add("   refused: " + step.outcome().getRefusal().getReason() + ", "
                    + step.outcome().getRefusal().getText());
        }
        for (EventRecord event : step.events()) {
            lines.add("   " + event(event));
        }
        if (!step.events().isEmpty()) {
            lines.add("   " + brief(step.before()) + " → " + brief(step.after()));
        }
    }

    /** @return the event in one line */
    static String event(EventRecord event) {
        return event.getType()
                + (event.getTaskId().isEmpty() || event.getTaskId().equals(event.getExecutionId())
                        ? ""
                        : " task " + RecordText.id(event.getTaskId()))
                + " " + event.getData().toStringUtf8();
    }

    /** How it stands, in a few words. */
    private static String brief(@Nullable Map<String, Object> tree) {
        if (tree == null) {
            return "not there";
        }
        StringBuilder text = new StringBuilder(String.valueOf(tree.get("status")));
        if (tree.get("lease") instanceof Map<?, ?> lease) {
            text.append(", held by ")
                    .append(lease.get("worker"))
                    .append(" until ")
                    .append(lease.get("until"));
        }
        if (tree.containsKey("readySince")) {
            text.append(", ready in queue ").append(tree.get("queue"));
        }
        for (String waits : List.of("tasks", "timers", "promises", "children")) {
            if (tree.get(waits) instanceof List<?> open) {
                text.append(", ").append(open.size()).append(' ').append(open.size() == 1 ? single(waits) : waits);
            }
        }
        return text.toString();
    }

    private static String single(String waits) {
        return waits.equals("children") ? "child" : waits.substring(0, waits.length() - 1);
    }
}
