package io.millrace.ingest.http;

import io.millrace.ingest.queries.Dismissal;
import io.millrace.ingest.queries.TaskDetail;
import io.millrace.ingest.queries.TaskRow;
import io.millrace.proto.Ids;
import io.millrace.proto.v1.TaskView;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Task executions as JSON. */
final class TaskJson {

    private TaskJson() {}

    /** As lists show it. */
    static void row(Json json, TaskRow row) throws IOException {
        json.id("id", row.id())
                .id("workflowExecutionId", row.executionId())
                .text("kind", row.kind())
                .text("queue", row.queue())
                .text("status", row.status().name())
                .number("executionCount", row.executionCount())
                .number("maxRetries", row.maxRetries())
                .textOrNull("workerId", row.workerId())
                .textOrNull("error", row.error())
                .time("createdAt", row.createdAtMs())
                .time("startedAt", row.startedAtMs())
                .time("completedAt", row.completedAtMs());
        DeadLetterRoutes.dismissal(json, row.dismissal());
    }

    static void closed(Json json, TaskDetail detail) throws IOException {
        row(json, detail.row());
        json.raw("input", detail.input()).raw("output", detail.output()).texts("metadata", detail.metadata());
    }

    /** @param dismissal who has dismissed it as a dead letter; null: nobody */
    static void live(Json json, TaskView view, @Nullable Dismissal dismissal) throws IOException {
        json.text("id", Ids.fromBytes(view.getTaskId()).toString())
                .id("workflowExecutionId", Ids.fromBytesOrNull(view.getExecutionId()))
                .text("kind", view.getKind())
                .text("queue", view.getQueue())
                .text("status", view.getStatus().name())
                .number("executionCount", view.getExecutionCount())
                .number("maxRetries", view.getMaxRetries())
                .textOrNull("workerId", view.getWorkerId())
                .textOrNull("error", view.getError())
                .time("createdAt", view.getCreatedAtMs())
                .time("startedAt", view.getStartedAtMs())
                .time("completedAt", view.getCompletedAtMs())
                .raw("input", view.getInput())
                .raw("output", view.getOutput())
                .texts("metadata", view.getMetadataMap())
                .fraction("progress", view.getProgress())
                .textOrNull("progressDetails", view.getProgressDetails())
                .number("version", view.getVersion())
                .objects(
                        "log",
                        view.getLogList(),
                        (item, line) -> item.text("level", line.getLevel())
                                .text("message", line.getMessage())
                                .time("time", line.getTimeMs()));
        DeadLetterRoutes.dismissal(json, dismissal);
    }
}
