package io.millrace.dispatcher.replay;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import io.millrace.dispatcher.codec.OutcomeEncoder;
import io.millrace.dispatcher.engine.command.Payload;
import io.millrace.proto.v1.CommandRecord;
import io.millrace.proto.v1.EventRecord;
import io.millrace.proto.v1.OutcomeRecord;
import io.millrace.proto.v1.Principal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
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

    private static Map<String, Object> step(ExecutionTrace.Step step, int number) {
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("step", number);
        tree.put("offset", step.offset());
        JsonTree.put(tree, "takenIn", JsonTree.time(step.appendedMs()));
        if (step.command() != null) {
            tree.put("command", command(step.command()));
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

    private static Map<String, Object> command(CommandRecord command) {
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("name", OutcomeEncoder.name(command));
        tree.put("id", RecordText.id(command.getCommandId()));
        tree.put("organisation", RecordText.id(command.getOrgId()));
        tree.put("by", by(command.getPrincipal()));
        tree.put("from", command.getOrigin());
        JsonTree.put(tree, "written", JsonTree.time(command.getTimeMs()));
        JsonTree.put(tree, "reason", command.getReason());
        JsonTree.put(tree, "traceparent", command.getTraceparent());
        FieldDescriptor body = command.getOneofFieldDescriptor(
                CommandRecord.getDescriptor().getOneofs().getFirst());
        if (body != null) {
            tree.put("body", fields((Message) command.getField(body)));
        }
        if (command.hasClaims()) {
            tree.put("claims", fields(command.getClaims()));
        }
        return tree;
    }

    private static Map<String, Object> by(Principal principal) {
        Map<String, Object> by = new LinkedHashMap<>();
        by.put("type", principal.getType().name().toLowerCase(Locale.ROOT));
        JsonTree.put(by, "id", principal.getId());
        JsonTree.put(by, "role", principal.getRole());
        JsonTree.put(by, "credential", principal.getCredential());
        return by;
    }

    /** Fields by their names in commands.proto; ids as such, payloads as the text that they are, whatever is in it. */
    private static Map<String, Object> fields(Message message) {
        Map<String, Object> fields = new LinkedHashMap<>();
        message.getAllFields().forEach((field, value) -> fields.put(field.getName(), value(field, value)));
        return fields;
    }

    private static Object value(FieldDescriptor field, Object value) {
        if (field.isMapField()) {
            Map<String, Object> map = new LinkedHashMap<>();
            for (Object entry : (List<?>) value) {
                Message pair = (Message) entry;
                map.put(
                        String.valueOf(pair.getField(pair.getDescriptorForType().findFieldByNumber(1))),
                        String.valueOf(pair.getField(pair.getDescriptorForType().findFieldByNumber(2))));
            }
            return map;
        }
        if (field.isRepeated()) {
            return ((List<?>) value).stream().map(each -> single(field, each)).toList();
        }
        return single(field, value);
    }

    private static Object single(FieldDescriptor field, Object value) {
        return switch (value) {
            case Message message -> fields(message);
            case ByteString bytes ->
                field.getName().endsWith("_id") ? RecordText.id(bytes) : RecordText.text(bytes.toByteArray());
            case Number number -> number;
            case Boolean truth -> truth;
            default -> value.toString();
        };
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
