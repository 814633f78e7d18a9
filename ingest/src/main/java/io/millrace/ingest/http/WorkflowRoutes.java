package io.millrace.ingest.http;

import com.google.protobuf.ByteString;
import io.millrace.proto.flovyn.v1.SignalWithStartWorkflowRequest;
import io.millrace.proto.flovyn.v1.SignalWithStartWorkflowResponse;
import io.millrace.proto.flovyn.v1.SignalWorkflowRequest;
import io.millrace.proto.flovyn.v1.StartWorkflowRequest;
import io.millrace.proto.flovyn.v1.StartWorkflowResponse;
import io.millrace.ingest.operations.HistoryOperations;
import io.millrace.ingest.operations.Operations;
import io.millrace.ingest.queries.EventRow;
import io.millrace.ingest.queries.ExecutionFilter;
import io.millrace.ingest.queries.ExecutionQueries;
import io.millrace.ingest.queries.ExecutionRow;
import io.millrace.ingest.queries.Page;
import io.millrace.ingest.validation.Checks;
import io.millrace.ingest.validation.JsonFields;
import io.millrace.ingest.validation.RefusedException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Workflow executions over HTTP. */
final class WorkflowRoutes {

    /** Of the query parameters that name entries of metadata. */
    static final String METADATA_PREFIX = "metadata.";

    private final Operations operations;
    private final ExecutionQueries queries;

    WorkflowRoutes(Operations operations, ExecutionQueries queries) {
        this.operations = operations;
        this.queries = queries;
    }

    HttpReply list(HttpCall call) {
        Map<String, String> metadata = new HashMap<>();
        call.query().forEach((name, value) -> {
            if (name.startsWith(METADATA_PREFIX)) {
                metadata.put(name.substring(METADATA_PREFIX.length()), value);
            }
        });
        ExecutionFilter filter = new ExecutionFilter(
                Paging.status(call),
                call.parameter("kind").orElse(null),
                call.parameter("queue").orElse(null),
                metadata);
        Page<ExecutionRow> page = queries.executions(call.request().caller().orgId(), filter, Paging.of(call))
                .join();
        return HttpReply.json(
                200,
                Json.object(json -> json.objects("workflowExecutions", page.items(), ExecutionJson::row)
                        .text("nextCursor", page.next() == null ? null : page.next().encode())));
    }

    HttpReply start(HttpCall call) {
        JsonFields body = call.fields(
                "kind",
                "input",
                "queue",
                "metadata",
                "prioritySeconds",
                "workflowVersion",
                "idempotencyKey",
                "idempotencyKeyTtlSeconds");
        StartWorkflowRequest.Builder asked = StartWorkflowRequest.newBuilder()
                .setOrgId(call.orgId())
                .setWorkflowKind(body.text("kind").orElse(""))
                .setInput(body.payload("input"))
                .setQueue(body.text("queue").orElse(""))
                .putAllMetadata(body.texts("metadata"))
                .setPrioritySeconds(body.smallInteger("prioritySeconds").orElse(0));
        body.text("workflowVersion").ifPresent(asked::setWorkflowVersion);
        body.text("idempotencyKey").ifPresent(asked::setIdempotencyKey);
        body.integer("idempotencyKeyTtlSeconds").ifPresent(asked::setIdempotencyKeyTtlSeconds);
        StartWorkflowResponse started =
                operations.workflows().start(call.request(), asked.build()).join();
        boolean existing = started.getIdempotencyKeyUsed() && !started.getIdempotencyKeyNew();
        return HttpReply.json(
                existing ? 200 : 201,
                Json.object(json -> json.text("id", started.getWorkflowExecutionId())
                        .flag("idempotencyKeyUsed", started.getIdempotencyKeyUsed())
                        .flag("idempotencyKeyNew", started.getIdempotencyKeyNew())));
    }

    HttpReply signalWithStart(HttpCall call) {
        JsonFields body = call.fields(
                "workflowId",
                "kind",
                "input",
                "queue",
                "metadata",
                "prioritySeconds",
                "workflowVersion",
                "signalName",
                "signalValue",
                "idempotencyKeyTtlSeconds");
        SignalWithStartWorkflowRequest.Builder asked = SignalWithStartWorkflowRequest.newBuilder()
                .setOrgId(call.orgId())
                .setWorkflowId(body.text("workflowId").orElse(""))
                .setWorkflowKind(body.text("kind").orElse(""))
                .setWorkflowInput(body.payload("input"))
                .setQueue(body.text("queue").orElse(""))
                .putAllMetadata(body.texts("metadata"))
                .setPrioritySeconds(body.smallInteger("prioritySeconds").orElse(0))
                .setSignalName(body.text("signalName").orElse(""))
                .setSignalValue(body.payload("signalValue"));
        body.text("workflowVersion").ifPresent(asked::setWorkflowVersion);
        body.integer("idempotencyKeyTtlSeconds").ifPresent(asked::setIdempotencyKeyTtlSeconds);
        SignalWithStartWorkflowResponse answer = operations
                .workflows()
                .signalWithStart(call.request(), asked.build())
                .join();
        return HttpReply.json(
                answer.getWorkflowCreated() ? 201 : 200,
                Json.object(json -> json.text("id", answer.getWorkflowExecutionId())
                        .flag("created", answer.getWorkflowCreated())
                        .number("signalEventSequence", answer.getSignalEventSequence())));
    }

    HttpReply get(HttpCall call) {
        HistoryOperations.Found found = operations
                .history()
                .execution(call.request().caller(), call.path().get("id"))
                .join();
        return HttpReply.json(200, Json.object(json -> {
            if (found.live().isPresent()) {
                ExecutionJson.live(json, found.live().get());
            } else {
                ExecutionJson.closed(json, found.closed().orElseThrow());
            }
        }));
    }

    /** The form that the TypeScript SDK reads, with the names of an older one beside. */
    HttpReply events(HttpCall call) {
        List<EventRow> events = operations
                .history()
                .timedEvents(call.request().caller(), call.path().get("id"))
                .join();
        return HttpReply.json(
                200,
                Json.object(json -> json.objects("events", events, (item, event) -> item.number(
                                "sequence", event.sequence())
                        .number("sequenceNumber", event.sequence())
                        .text("eventType", event.type())
                        .time("timestamp", event.timeMs())
                        .time("createdAt", event.timeMs())
                        .raw("data", event.data()))));
    }

    /** The whole state map. */
    HttpReply states(HttpCall call) {
        Map<String, ByteString> state = stateOf(call);
        return HttpReply.json(200, Json.object(json -> json.raw("state", JsonFields.write(state))));
    }

    /** One value of the state map. */
    HttpReply state(HttpCall call) {
        String key = call.path().get("key");
        ByteString value = stateOf(call).get(key);
        if (value == null) {
            throw RefusedException.notFound(
                    "expected a state key of the workflow execution, but it has none of the name " + Checks.shown(key));
        }
        return HttpReply.json(200, Json.object(json -> json.text("key", key).raw("value", value)));
    }

    private Map<String, ByteString> stateOf(HttpCall call) {
        return operations
                .history()
                .state(call.request().caller(), call.path().get("id"))
                .join();
    }

    HttpReply signal(HttpCall call) {
        JsonFields body = call.fields("signalName", "signalValue");
        SignalWorkflowRequest asked = SignalWorkflowRequest.newBuilder()
                .setOrgId(call.orgId())
                .setWorkflowExecutionId(call.path().get("id"))
                .setSignalName(body.text("signalName").orElse(""))
                .setSignalValue(body.payload("signalValue"))
                .build();
        long sequence = operations
                .workflows()
                .signal(call.request(), asked)
                .join()
                .getSignalEventSequence();
        return HttpReply.json(200, Json.object(json -> json.number("signalEventSequence", sequence)));
    }

    HttpReply cancel(HttpCall call) {
        JsonFields body = call.fields("reason");
        boolean changed = operations
                .workflows()
                .cancel(call.request(), call.path().get("id"), body.text("reason").orElse(""))
                .join();
        return HttpReply.json(200, Json.object(json -> json.flag("cancelled", changed)));
    }
}
