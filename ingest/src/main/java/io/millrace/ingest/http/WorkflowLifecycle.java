package io.millrace.ingest.http;

import com.google.protobuf.ByteString;
import io.millrace.ingest.operations.HistoryOperations;
import io.millrace.ingest.queries.EventRow;
import io.millrace.proto.Ids;
import io.millrace.proto.auth.Caller;
import io.millrace.proto.v1.WatchRequest;
import io.millrace.proto.v1.WatchStep;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** The history of a workflow; its sequences are the positions. */
record WorkflowLifecycle(HistoryOperations history, Caller caller, UUID executionId) implements Lifecycle {

    /** Types of all events that a history may have, as docs/reference/events.md has them. */
    static final List<String> TYPES = List.of(
            "WORKFLOW_STARTED",
            "OPERATION_COMPLETED",
            "STATE_SET",
            "STATE_CLEARED",
            "TASK_SCHEDULED",
            "TASK_COMPLETED",
            "TASK_FAILED",
            "PROMISE_CREATED",
            "PROMISE_RESOLVED",
            "PROMISE_REJECTED",
            "PROMISE_TIMEOUT",
            "TIMER_STARTED",
            "TIMER_FIRED",
            "TIMER_CANCELLED",
            "CHILD_WORKFLOW_INITIATED",
            "CHILD_WORKFLOW_COMPLETED",
            "CHILD_WORKFLOW_FAILED",
            "SIGNAL_RECEIVED",
            "WORKFLOW_SUSPENDED",
            "CANCELLATION_REQUESTED",
            "WORKFLOW_COMPLETED",
            "WORKFLOW_EXECUTION_FAILED",
            "WORKFLOW_FAILED",
            "WORKFLOW_CANCELLED");

    @Override
    public WatchRequest watch(int seen) {
        return WatchRequest.newBuilder()
                .setOrgId(Ids.toByteString(caller.orgId()))
                .setExecutionId(Ids.toByteString(executionId))
                .setAfter(seen)
                .build();
    }

    @Override
    public List<Happening> in(WatchStep step, int seen) {
        return step.getEventsList().stream()
                .filter(event -> event.getHistorySequence() > seen)
                .map(event ->
                        happening(event.getHistorySequence(), event.getType(), event.getTimeMs(), event.getData()))
                .toList();
    }

    @Override
    public Optional<List<Happening>> past(int seen) {
        if (!history.execution(caller, executionId.toString()).join().ended()) {
            return Optional.empty();
        }
        List<EventRow> events =
                history.timedEvents(caller, executionId.toString()).join();
        return Optional.of(events.stream()
                .filter(event -> event.sequence() > seen)
                .map(event -> happening(event.sequence(), event.type(), event.timeMs(), event.data()))
                .toList());
    }

    private static Happening happening(int sequence, String type, long timeMs, ByteString data) {
        return new Happening(
                sequence,
                type,
                Json.object(json -> json.text("type", "Event")
                        .object(
                                "event",
                                inner -> inner.number("sequence", sequence)
                                        .text("eventType", type)
                                        .time("timestamp", timeMs)
                                        .raw("data", data))));
    }
}
