package io.millrace.ingest.readmodel;

import io.millrace.ingest.audit.trail.TrailEntry;
import io.millrace.ingest.readmodel.BinaryCopy.ElementType;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Rows of the audit trail. One thread. */
final class TrailRows {

    private final BinaryCopy rows = new BinaryCopy(
            "audit_trail",
            "org_id",
            "partition_number",
            "event_offset",
            "command_offset",
            "command_id",
            "asked_at_ms",
            "decided_at_ms",
            "principal_type",
            "principal_id",
            "principal_role",
            "credential",
            "node",
            "peer",
            "client",
            "trace_id",
            "command",
            "request",
            "execution_id",
            "more_execution_ids",
            "task_id",
            "queue",
            "kind",
            "reason",
            "outcome",
            "refusal",
            "event_types",
            "details");

    void add(TrailEntry entry) {
        rows.row();
        rows.uuid(entry.orgId());
        rows.integer(entry.partition());
        rows.bigint(entry.offset());
        rows.bigint(entry.commandOffset());
        rows.uuid(entry.commandId());
        rows.bigint(entry.askedMs());
        rows.bigint(entry.decidedMs());
        rows.text(entry.principal().getType().name());
        rows.text(Texts.clean(entry.principal().getId()));
        textOrNull(entry.principal().getRole());
        textOrNull(entry.principal().getCredential());
        rows.text(Texts.clean(entry.origin().node()));
        textOrNull(entry.origin().peer());
        textOrNull(entry.origin().client());
        rows.text(entry.traceId());
        rows.text(Texts.clean(entry.command()));
        textOrNull(entry.request());
        rows.uuid(entry.executionId());
        if (entry.moreExecutionIds().isEmpty()) {
            rows.text(null);
        } else {
            rows.array(ElementType.UUID, entry.moreExecutionIds(), rows::uuid);
        }
        rows.uuid(entry.taskId());
        textOrNull(entry.queue());
        textOrNull(entry.kind());
        textOrNull(entry.reason());
        rows.text(entry.outcome());
        textOrNull(entry.refusalText());
        types(entry.events());
        rows.jsonb(Texts.jsonOrNull(entry.details()));
    }

    private void types(List<String> types) {
        if (types.isEmpty()) {
            rows.text(null);
        } else {
            rows.array(ElementType.TEXT, types, type -> rows.text(Texts.clean(type)));
        }
    }

    private void textOrNull(@Nullable String text) {
        rows.text(text == null || text.isEmpty() ? null : Texts.clean(text));
    }

    void write(Connection connection) throws SQLException {
        rows.write(connection);
    }
}
