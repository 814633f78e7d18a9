package io.millrace.ingest.audit.trail;

import com.fasterxml.jackson.core.JsonGenerator;
import io.millrace.proto.v1.Principal;
import java.io.IOException;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Entries of the trail as JSON objects, the same over HTTP and in exports. What does not apply is null. */
public final class TrailJson {

    private TrailJson() {}

    /** @return what an entry is known by: partition and offset of its outcome */
    public static String id(TrailEntry entry) {
        return entry.partition() + "-" + entry.offset();
    }

    /** Writes the fields of an entry into the object that is open. */
    public static void fields(JsonGenerator json, TrailEntry entry) throws IOException {
        json.writeStringField("id", id(entry));
        json.writeNumberField("partition", entry.partition());
        json.writeNumberField("commandOffset", entry.commandOffset());
        json.writeNumberField("eventOffset", entry.offset());
        json.writeStringField("askedAt", Instant.ofEpochMilli(entry.askedMs()).toString());
        json.writeStringField(
                "decidedAt", Instant.ofEpochMilli(entry.decidedMs()).toString());
        json.writeStringField(
                "organisationId",
                entry.orgId().equals(TrailEntry.NOBODY) ? null : entry.orgId().toString());
        principal(json, entry.principal());
        origin(json, entry.origin());
        json.writeStringField("traceId", entry.traceId());
        id(json, "commandId", entry.commandId());
        json.writeStringField("command", entry.command());
        json.writeStringField("request", entry.request());
        id(json, "executionId", entry.executionId());
        json.writeArrayFieldStart("moreExecutionIds");
        for (UUID id : entry.moreExecutionIds()) {
            json.writeString(id.toString());
        }
        json.writeEndArray();
        id(json, "taskExecutionId", entry.taskId());
        json.writeStringField("queue", entry.queue());
        json.writeStringField("kind", entry.kind());
        json.writeStringField("reason", entry.reason());
        json.writeStringField("outcome", entry.outcome());
        json.writeStringField("refusal", entry.refusalText());
        json.writeArrayFieldStart("events");
        for (String type : entry.events()) {
            json.writeString(type);
        }
        json.writeEndArray();
        json.writeObjectFieldStart("details");
        for (Map.Entry<String, String> detail : entry.details().entrySet()) {
            json.writeStringField(detail.getKey(), detail.getValue());
        }
        json.writeEndObject();
    }

    private static void principal(JsonGenerator json, Principal principal) throws IOException {
        json.writeObjectFieldStart("principal");
        json.writeStringField("type", principal.getType().name());
        json.writeStringField("id", principal.getId());
        json.writeStringField("role", orNull(principal.getRole()));
        json.writeStringField("credential", orNull(principal.getCredential()));
        json.writeEndObject();
    }

    private static void origin(JsonGenerator json, Origin origin) throws IOException {
        json.writeObjectFieldStart("origin");
        json.writeStringField("node", origin.node());
        json.writeStringField("peer", origin.peer());
        json.writeStringField("client", origin.client());
        json.writeEndObject();
    }

    private static void id(JsonGenerator json, String name, @Nullable UUID id) throws IOException {
        json.writeStringField(name, id == null ? null : id.toString());
    }

    private static @Nullable String orNull(String text) {
        return text.isEmpty() ? null : text;
    }
}
