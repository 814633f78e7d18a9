package io.millrace.ingest.http;

import io.millrace.ingest.queries.Dismissal;
import io.millrace.ingest.queries.ExecutionDetail;
import io.millrace.ingest.queries.ExecutionRow;
import io.millrace.proto.Ids;
import io.millrace.proto.v1.ExecutionView;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Workflow executions as JSON, alike whether they come from the stores or from the read model. */
final class ExecutionJson {

    private ExecutionJson() {}

    /** As lists show it. */
    static void row(Json json, ExecutionRow row) throws IOException {
        base(json, row);
        json.time("startedAt", row.startedAtMs())
                .textOrNull("workerId", row.workerId())
                .number("deliveries", row.deliveries());
        DeadLetterRoutes.dismissal(json, row.dismissal());
    }

    private static void base(Json json, ExecutionRow row) throws IOException {
        json.id("id", row.id())
                .text("kind", row.kind())
                .text("queue", row.queue())
                .text("status", row.status().name())
                .textOrNull("workflowVersion", row.workflowVersion())
                .texts("metadata", row.metadata())
                .id("parentExecutionId", row.parentExecutionId())
                .textOrNull("childExecutionName", row.childExecutionName())
                .number("prioritySeconds", row.prioritySeconds())
                .textOrNull("error", row.error())
                .textOrNull("terminatedBy", row.terminatedBy())
                .id("resetFrom", row.resetFrom())
                .id("resetTo", row.resetTo())
                .time("createdAt", row.createdAtMs())
                .time("closedAt", row.closedAtMs())
                .number("historyLength", row.historyLength())
                .flag("broken", row.broken());
    }

    static void closed(Json json, ExecutionDetail detail) throws IOException {
        base(json, detail.row());
        json.raw("input", detail.input())
                .raw("output", detail.output())
                .text("workerId", null)
                .number("deliveries", 0)
                .time("cancelledByForceAt", 0)
                .time("pausedAt", 0)
                .text("pausedBy", null)
                .text("pauseReason", null);
        DeadLetterRoutes.dismissal(json, detail.row().dismissal());
    }

    /**
     * @param broken whether an outcome on the log names it that was not believed; null: the read model does not say
     * @param dismissal who has dismissed it as a dead letter; null: nobody
     */
    static void live(Json json, ExecutionView view, @Nullable Boolean broken, @Nullable Dismissal dismissal)
            throws IOException {
        json.text("id", Ids.fromBytes(view.getExecutionId()).toString())
                .text("kind", view.getKind())
                .text("queue", view.getQueue())
                .text("status", view.getStatus().name())
                .textOrNull("workflowVersion", view.getWorkflowVersion())
                .texts("metadata", view.getMetadataMap())
                .id("parentExecutionId", Ids.fromBytesOrNull(view.getParentExecutionId()))
                .textOrNull("childExecutionName", view.getChildExecutionName())
                .number("prioritySeconds", view.getPrioritySeconds())
                .textOrNull("error", view.getError())
                .textOrNull("terminatedBy", view.getTerminatedBy())
                .time("createdAt", view.getCreatedAtMs())
                .time("closedAt", view.getClosedAtMs())
                .number("historyLength", view.getHistoryLength())
                .flagOrNull("broken", broken)
                .raw("input", view.getInput())
                .raw("output", view.getOutput())
                .textOrNull("workerId", view.getWorkerId())
                .number("deliveries", view.getDeliveries())
                .time("cancelledByForceAt", view.getCancelledByForceAtMs())
                .id("resetFrom", Ids.fromBytesOrNull(view.getResetFrom()))
                .id("resetTo", Ids.fromBytesOrNull(view.getResetTo()))
                .time("pausedAt", view.getPausedAtMs())
                .textOrNull("pausedBy", view.getPausedBy())
                .textOrNull("pauseReason", view.getPauseReason());
        DeadLetterRoutes.dismissal(json, dismissal);
    }
}
