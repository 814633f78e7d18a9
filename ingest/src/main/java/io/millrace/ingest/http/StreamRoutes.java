package io.millrace.ingest.http;

import com.google.protobuf.ByteString;
import io.millrace.ingest.http.EventStream.Lifecycle;
import io.millrace.ingest.http.EventStream.Position;
import io.millrace.ingest.operations.HistoryOperations;
import io.millrace.ingest.operations.Operations;
import io.millrace.ingest.operations.TaskOperations;
import io.millrace.ingest.queries.EventRow;
import io.millrace.ingest.streams.TaskStreams;
import io.millrace.proto.Ids;
import io.millrace.proto.auth.Caller;
import io.millrace.proto.v1.ExecutionStatus;
import io.millrace.proto.v1.ExecutionView;
import io.millrace.proto.v1.TaskView;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** Executions as they go, as server-sent events. */
final class StreamRoutes {

    private final Operations operations;
    private final TaskStreams streams;
    private final OpenStreams open;

    StreamRoutes(Operations operations, TaskStreams streams, OpenStreams open) {
        this.operations = operations;
        this.streams = streams;
        this.open = open;
    }

    HttpReply workflow(HttpCall call) {
        Caller caller = call.request().caller();
        String id = call.path().get("id");
        Lifecycle lifecycle = seen -> workflowAfter(caller, id, seen);
        Position position = Position.parse(call.lastEventId());
        // Asked before anything is sent, so that an unknown execution is a plain 404.
        return reply(lifecycle, caller, UUID.fromString(id), null, position);
    }

    HttpReply task(HttpCall call) {
        Caller caller = call.request().caller();
        String id = call.path().get("id");
        Lifecycle lifecycle = seen -> taskAfter(caller, id, seen);
        Position position = Position.parse(call.lastEventId());
        TaskOperations.Found found = operations.tasks().find(caller, id).join();
        UUID taskId = UUID.fromString(id);
        UUID owner = found.live()
                .map(TaskView::getExecutionId)
                .map(Ids::fromBytesOrNull)
                .or(() -> found.closed().map(closed -> closed.row().executionId()))
                .orElse(taskId);
        return reply(lifecycle, caller, owner, taskId, position);
    }

    /** A client that comes back although it has seen the end is told by 204 not to come again. */
    private HttpReply reply(Lifecycle lifecycle, Caller caller, UUID executionId, UUID onlyTask, Position position) {
        Lifecycle.Step first = lifecycle.after(position.event());
        if (first.ended() && first.events().isEmpty() && !position.equals(Position.START)) {
            return HttpReply.empty(204);
        }
        if (!open.enter()) {
            return HttpErrors.reply(
                            503,
                            "UNAVAILABLE",
                            "expected at most " + open.most() + " open streams on this node, but this would be one more")
                    .with(Map.of("Retry-After", "1"));
        }
        return HttpReply.stream(
                "text/event-stream",
                new EventStream(open, streams, lifecycle, caller, executionId, onlyTask, position));
    }

    private Lifecycle.Step workflowAfter(Caller caller, String id, int seen) {
        HistoryOperations.Found found = operations.history().execution(caller, id).join();
        int length = found.live()
                .map(ExecutionView::getHistoryLength)
                .orElseGet(() -> found.closed().orElseThrow().row().historyLength());
        boolean ended = found.live().map(ExecutionView::getClosedAtMs).orElse(1L) != 0;
        if (length <= seen) {
            return new Lifecycle.Step(List.of(), seen, ended);
        }
        List<EventRow> history = operations.history().timedEvents(caller, id).join();
        List<ByteString> events = new ArrayList<>();
        for (EventRow event : history.subList(Math.min(seen, history.size()), history.size())) {
            events.add(Json.object(json -> json.text("type", "Event")
                    .object("event", inner -> inner.number("sequence", event.sequence())
                            .text("eventType", event.type())
                            .time("timestamp", event.timeMs())
                            .raw("data", event.data()))));
        }
        return new Lifecycle.Step(events, Math.max(seen, history.size()), ended);
    }

    /** A task has no history of its own to go by: its statuses are numbered 1 for pending, 2 for running, 3 for the end. */
    private Lifecycle.Step taskAfter(Caller caller, String id, int seen) {
        TaskOperations.Found found = operations.tasks().find(caller, id).join();
        ExecutionStatus status = found.live()
                .map(TaskView::getStatus)
                .orElseGet(() -> found.closed().orElseThrow().row().status());
        int number =
                switch (status) {
                    case RUNNING -> 2;
                    case COMPLETED, FAILED, CANCELLED -> 3;
                    case PENDING, WAITING, EXECUTION_STATUS_UNSPECIFIED, UNRECOGNIZED -> 1;
                };
        // A task that waits for its next attempt is pending again.
        List<ByteString> events = number == seen
                ? List.of()
                : List.of(Json.object(json -> json.text("type", "Event")
                        .object("event", inner -> inner.text("eventType", "TASK_" + status.name()).text("taskExecutionId", id))));
        return new Lifecycle.Step(events, number, number == 3);
    }
}
