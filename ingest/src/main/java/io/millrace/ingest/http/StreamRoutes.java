package io.millrace.ingest.http;

import io.millrace.ingest.encryption.Decryption;
import io.millrace.ingest.http.EventStream.Position;
import io.millrace.ingest.http.EventStream.Source;
import io.millrace.ingest.limits.OrganisationLoads;
import io.millrace.ingest.operations.HistoryOperations;
import io.millrace.ingest.operations.Operations;
import io.millrace.ingest.operations.TaskOperations;
import io.millrace.ingest.streams.TaskStreams;
import io.millrace.proto.auth.Caller;
import io.millrace.proto.reads.Reads;
import io.millrace.proto.v1.ExecutionView;
import io.millrace.proto.v1.TaskView;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Executions as they go, as server-sent events. They are looked for first, so that an unknown one is a plain 404. */
final class StreamRoutes {

    /** Name of the parameter that tells the type of the event that is the last one wanted. */
    static final String UNTIL = "until";

    private final Operations operations;
    private final Reads reads;
    private final TaskStreams streams;
    private final OrganisationLoads loads;
    private final Decryption decryption;

    StreamRoutes(
            Operations operations, Reads reads, TaskStreams streams, OrganisationLoads loads, Decryption decryption) {
        this.operations = operations;
        this.reads = reads;
        this.streams = streams;
        this.loads = loads;
        this.decryption = decryption;
    }

    HttpReply workflow(HttpCall call) {
        Caller caller = call.asked().caller();
        String until = call.oneOf(UNTIL, WorkflowLifecycle.TYPES).orElse(null);
        Position position = Position.parse(call.lastEventId());
        HistoryOperations.Found found =
                operations.history().execution(caller, call.part("id")).join();
        int last = found.live()
                .map(ExecutionView::getHistoryLength)
                .orElseGet(() -> found.closed().orElseThrow().row().historyLength());
        UUID id = UUID.fromString(call.part("id"));
        Source source = new Source(caller.orgId(), id, null);
        return reply(
                new WorkflowLifecycle(operations.history(), caller, id),
                source,
                position,
                until,
                found.ended() && last <= position.event());
    }

    HttpReply task(HttpCall call) {
        Caller caller = call.asked().caller();
        String until = call.oneOf(UNTIL, TaskLifecycle.TYPES).orElse(null);
        Position position = Position.parse(call.lastEventId());
        TaskOperations.Found found =
                operations.tasks().find(caller, call.part("id")).join();
        UUID id = UUID.fromString(call.part("id"));
        UUID owner = found.owner(id);
        int attempts = found.live()
                .map(TaskView::getExecutionCount)
                .orElseGet(() -> found.closed().orElseThrow().row().executionCount());
        return reply(
                new TaskLifecycle(operations.tasks(), caller, owner, id),
                new Source(caller.orgId(), owner, id),
                position,
                until,
                found.ended() && TaskLifecycle.end(attempts) <= position.event());
    }

    /** A client that comes back although it has seen all there is, and all there will be, is told by 204 not to come again. */
    private HttpReply reply(
            Lifecycle lifecycle, Source source, Position position, @Nullable String until, boolean seenTheEnd) {
        if (seenTheEnd
                && streams.kept(source.orgId(), source.executionId(), position.item()).stream()
                        .noneMatch(source::has)) {
            return HttpReply.empty(204);
        }
        OpenStreams open = OpenStreams.of(loads, source.orgId());
        if (!open.enter()) {
            return open.refusal();
        }
        return HttpReply.stream(
                "text/event-stream",
                new EventStream(open, streams, reads, decryption, lifecycle, source, position, until));
    }
}
