package io.millrace.infra.worker;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.ByteString;
import io.millrace.proto.flovyn.v1.WorkflowEvent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.UUID;

/**
 * The history of a workflow as {@code millrace history ID --sdk} writes it, for replay tests. Immutable.
 *
 * @param id of the workflow execution
 * @param kind of the workflow
 * @param input of the workflow
 * @param events ascending, as a worker reads them
 * @param activations in their order; one over all of it where the file does not tell of them
 */
public record RecordedHistory(
        UUID id, String kind, JsonNode input, List<WorkflowEvent> events, List<RecordedActivation> activations) {

    private static final String FORMAT = "millrace.sdk-history";
    private static final int VERSION = 1;

    private static final ObjectMapper MAPPER = new ObjectMapper()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .enable(DeserializationFeature.USE_BIG_INTEGER_FOR_INTS);

    /**
     * A run of the code whose end was taken.
     *
     * @param timeMs the workflow's time then, milliseconds since the epoch
     * @param claimedBehind so many events were there when a worker got the workflow, so it has read these at the least
     * @param submittedBehind so many were there when it had run, so it has read these at the most
     * @param endsWith number of the last event that came of it
     */
    public record RecordedActivation(long timeMs, int claimedBehind, int submittedBehind, int endsWith) {}

    /** Copies the lists. */
    public RecordedHistory {
        events = List.copyOf(events);
        activations = List.copyOf(activations);
    }

    /**
     * Reads a file.
     *
     * @throws IOException it cannot be read
     * @throws IllegalArgumentException it is none of this form, or of a newer version of it
     */
    public static RecordedHistory read(Path file) throws IOException {
        try {
            return of(Files.readString(file));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(file + ": " + e.getMessage(), e);
        }
    }

    /**
     * Reads the text of such a file.
     *
     * @throws IllegalArgumentException it is none of this form, or of a newer version of it
     */
    public static RecordedHistory of(String json) {
        JsonNode tree;
        try {
            tree = MAPPER.readTree(json);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(
                    "expected a history as JSON, but it is none, or only the beginning of one: "
                            + e.getOriginalMessage(),
                    e);
        }
        if (!tree.isObject()
                || !tree.path("workflow_execution_id").isTextual()
                || !tree.path("events").isArray()) {
            throw new IllegalArgumentException("expected what `millrace history ID --sdk` writes, but it has no"
                    + " workflow_execution_id with events; its format is "
                    + tree.path("format").asText("not said"));
        }
        if (tree.path("format").asText(FORMAT).equals(FORMAT)
                && tree.path("version").asInt(VERSION) > VERSION) {
            throw new IllegalArgumentException("expected version " + VERSION + " of " + FORMAT + ", but this is "
                    + tree.path("version").asText());
        }
        List<WorkflowEvent> events = new ArrayList<>();
        tree.path("events").forEach(event -> events.add(event(event)));
        List<RecordedActivation> activations = new ArrayList<>();
        tree.path("activations")
                .forEach(each -> activations.add(new RecordedActivation(
                        each.path("time_ms").asLong(),
                        each.path("claimed_behind").asInt(),
                        each.path("submitted_behind").asInt(),
                        each.path("ends_with").asInt())));
        if (!tree.has("activations") && !events.isEmpty()) {
            int length = events.getLast().getSequenceNumber();
            activations.add(new RecordedActivation(0, length, length, length));
        }
        return new RecordedHistory(
                UUID.fromString(tree.path("workflow_execution_id").asText()),
                tree.path("workflow_kind").asText(),
                tree.path("input"),
                events,
                activations);
    }

    private static WorkflowEvent event(JsonNode event) {
        String type = event.path("event_type").asText();
        if (type.isEmpty() || !event.path("sequence_number").isIntegralNumber()) {
            throw new IllegalArgumentException("expected events with sequence_number and event_type, but got " + event);
        }
        return WorkflowEvent.newBuilder()
                .setSequenceNumber(event.path("sequence_number").asInt())
                .setEventType(onTheWire(type))
                .setEventData(ByteString.copyFromUtf8(event.path("data").toString()))
                .build();
    }

    /** @return TASK_SCHEDULED for TaskScheduled, and for itself */
    private static String onTheWire(String type) {
        return type.contains("_")
                ? type
                : type.replaceAll("(?<=[a-z])(?=[A-Z])", "_").toUpperCase(Locale.ROOT);
    }
}
