package io.millrace.ingest.http;

import com.google.protobuf.ByteString;
import io.millrace.ingest.operations.HistoryOperations;
import io.millrace.ingest.operations.TaskOperations;
import io.millrace.ingest.queries.ExecutionDetail;
import io.millrace.ingest.queries.TaskDetail;
import io.millrace.proto.Ids;
import io.millrace.proto.v1.ExecutionStatus;
import io.millrace.proto.v1.ExecutionView;
import io.millrace.proto.v1.TaskView;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** What came of an execution, without anything else of it. */
final class ResultJson {

    private ResultJson() {}

    static HttpReply of(HistoryOperations.Found found) {
        if (found.live().isPresent()) {
            ExecutionView view = found.live().get();
            return reply(
                    Ids.fromBytes(view.getExecutionId()),
                    view.getStatus(),
                    view.getOutput(),
                    view.getError(),
                    view.getClosedAtMs(),
                    Ids.fromBytesOrNull(view.getResetTo()));
        }
        ExecutionDetail closed = found.closed().orElseThrow();
        return reply(
                closed.row().id(),
                closed.row().status(),
                closed.output(),
                closed.row().error(),
                closed.row().closedAtMs(),
                closed.row().resetTo());
    }

    static HttpReply of(TaskOperations.Found found) {
        if (found.live().isPresent()) {
            TaskView view = found.live().get();
            return reply(
                    Ids.fromBytes(view.getTaskId()),
                    view.getStatus(),
                    view.getOutput(),
                    view.getError(),
                    view.getCompletedAtMs(),
                    null);
        }
        TaskDetail closed = found.closed().orElseThrow();
        return reply(
                closed.row().id(),
                closed.row().status(),
                closed.output(),
                closed.row().error(),
                closed.row().completedAtMs(),
                null);
    }

    private static HttpReply reply(
            UUID id,
            ExecutionStatus status,
            @Nullable ByteString output,
            @Nullable String error,
            long endedAtMs,
            @Nullable UUID resetTo) {
        return HttpReply.json(
                200,
                Json.object(json -> json.id("id", id)
                        .text("status", status.name())
                        .raw("output", output)
                        .textOrNull("error", error)
                        .time("endedAt", endedAtMs)
                        .id("resetTo", resetTo)));
    }
}
