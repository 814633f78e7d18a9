package io.millrace.ingest.http;

import com.google.protobuf.ByteString;
import io.millrace.ingest.operations.Cancellation;
import io.millrace.ingest.operations.Ending;
import io.millrace.ingest.operations.HistoryOperations;
import io.millrace.ingest.operations.Operations;
import io.millrace.ingest.operations.Reset;
import io.millrace.ingest.operations.Resetting;
import io.millrace.ingest.operations.SignalKey;
import io.millrace.ingest.queries.Counts;
import io.millrace.ingest.queries.Dismissal;
import io.millrace.ingest.queries.EventRow;
import io.millrace.ingest.queries.ExecutionFilter;
import io.millrace.ingest.queries.ExecutionQueries;
import io.millrace.ingest.queries.ExecutionRow;
import io.millrace.ingest.queries.Grouping;
import io.millrace.ingest.queries.Page;
import io.millrace.ingest.search.Subject;
import io.millrace.ingest.validation.Checks;
import io.millrace.ingest.validation.JsonFields;
import io.millrace.ingest.validation.RefusedException;
import io.millrace.proto.Ids;
import io.millrace.proto.Moment;
import io.millrace.proto.auth.Caller;
import io.millrace.proto.flovyn.v1.SignalWithStartWorkflowRequest;
import io.millrace.proto.flovyn.v1.SignalWithStartWorkflowResponse;
import io.millrace.proto.flovyn.v1.SignalWorkflowRequest;
import io.millrace.proto.flovyn.v1.StartWorkflowRequest;
import io.millrace.proto.flovyn.v1.StartWorkflowResponse;
import io.millrace.proto.v1.ExecutionView;
import io.millrace.proto.v1.ReplyRecord;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/** Workflow executions over HTTP. */
final class WorkflowRoutes {

    private static final String METADATA = "metadata";

    /** Of the query parameters that name entries of metadata. */
    static final String METADATA_PREFIX = METADATA + ".";

    /** Who reads a history: the workers that replay it, and clients that wait as they do, or people. */
    private static final String WORKERS = "workers";

    private static final String PEOPLE = "people";
    private static final String ALL = "all";

    private final Operations operations;
    private final ExecutionQueries queries;
    private final EndReplies ends;
    private final Dismissals dismissals;

    WorkflowRoutes(Operations operations, ExecutionQueries queries, EndReplies ends) {
        this.operations = operations;
        this.queries = queries;
        this.ends = ends;
        dismissals = new Dismissals(queries);
    }

    HttpReply list(HttpCall call) {
        ExecutionFilter filter = filter(call);
        Page<ExecutionRow> page = queries.executions(
                        call.asked().caller().orgId(),
                        filter,
                        Paging.of(call, filter.search().order()))
                .join();
        return Paging.reply("workflowExecutions", page, ExecutionJson::row);
    }

    HttpReply annotations(HttpCall call) {
        ByteString all = operations
                .history()
                .annotations(call.asked().caller(), call.part("id"))
                .join();
        return HttpReply.json(200, Json.object(json -> json.raw("annotations", all)));
    }

    HttpReply annotate(HttpCall call) {
        String text = call.fields("text").text("text").orElse("");
        operations.workflows().annotate(call.asked(), call.part("id"), text).join();
        return HttpReply.json(201, Json.object(json -> json.flag("annotated", true)));
    }

    HttpReply counts(HttpCall call) {
        Grouping by = SearchRoutes.grouping(call);
        Counts counts = queries.executionCounts(call.asked().caller().orgId(), filter(call), by)
                .join();
        return SearchRoutes.counts(counts, by);
    }

    private static ExecutionFilter filter(HttpCall call) {
        Map<String, String> metadata = new HashMap<>();
        call.query().forEach((name, value) -> {
            metadataName(name).ifPresent(entry -> metadata.put(entry, value));
        });
        return new ExecutionFilter(
                Paging.status(call),
                call.name("kind").orElse(null),
                call.name("queue").orElse(null),
                metadata,
                SearchRoutes.search(call, Subject.WORKFLOWS));
    }

    /** Either form: {@code metadata[team]} can be described in a document of the API, {@code metadata.team} is quicker to write. */
    private static Optional<String> metadataName(String parameter) {
        boolean brackets = parameter.startsWith(METADATA + "[");
        if (brackets && !parameter.endsWith("]")) {
            throw RefusedException.invalid(
                    "expected a bracket at the end of " + Checks.shown(parameter) + ", but there is none");
        }
        if (!brackets && !parameter.startsWith(METADATA_PREFIX)) {
            return Optional.empty();
        }
        String name = brackets
                ? parameter.substring(METADATA.length() + 1, parameter.length() - 1)
                : parameter.substring(METADATA_PREFIX.length());
        if (name.isEmpty()) {
            throw RefusedException.invalid(
                    "expected the name of an entry in " + Checks.shown(parameter) + ", but it is empty");
        }
        return Optional.of(name);
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
                operations.starts().start(call.asked(), asked.build()).join();
        boolean existing = started.getIdempotencyKeyUsed() && !started.getIdempotencyKeyNew();
        return HttpReply.json(
                existing ? 200 : 201,
                Json.object(json -> json.text("id", started.getWorkflowExecutionId())
                        .flag("idempotencyKeyUsed", started.getIdempotencyKeyUsed())
                        .flag("idempotencyKeyNew", started.getIdempotencyKeyNew())));
    }

    /** Fields may also have the names that the message of gRPC has, as the examples of SDKs write them. */
    HttpReply signalWithStart(HttpCall call) {
        JsonFields body = call.fields(
                "workflowId",
                "kind",
                "workflowKind",
                "input",
                "workflowInput",
                "queue",
                "metadata",
                "prioritySeconds",
                "workflowVersion",
                "signalName",
                "signalValue",
                "idempotencyKey",
                "idempotencyKeyTtlSeconds");
        SignalWithStartWorkflowRequest.Builder asked = SignalWithStartWorkflowRequest.newBuilder()
                .setOrgId(call.orgId())
                .setWorkflowId(body.text("workflowId").orElse(""))
                .setWorkflowKind(body.text(body.either("kind", "workflowKind")).orElse(""))
                .setWorkflowInput(body.payload(body.either("input", "workflowInput")))
                .setQueue(body.text("queue").orElse(""))
                .putAllMetadata(body.texts("metadata"))
                .setPrioritySeconds(body.smallInteger("prioritySeconds").orElse(0))
                .setSignalName(body.text("signalName").orElse(""))
                .setSignalValue(body.payload("signalValue"));
        body.text("workflowVersion").ifPresent(asked::setWorkflowVersion);
        body.integer("idempotencyKeyTtlSeconds").ifPresent(asked::setIdempotencyKeyTtlSeconds);
        SignalWithStartWorkflowResponse answer = operations
                .starts()
                .signalWithStart(
                        call.asked(), asked.build(), body.text("idempotencyKey").orElse(""))
                .join();
        return HttpReply.json(
                answer.getWorkflowCreated() ? 201 : 200,
                Json.object(json -> json.text("id", answer.getWorkflowExecutionId())
                        .text("workflowExecutionId", answer.getWorkflowExecutionId())
                        .flag("created", answer.getWorkflowCreated())
                        .flag("workflowCreated", answer.getWorkflowCreated())
                        .number("signalEventSequence", answer.getSignalEventSequence())));
    }

    HttpReply get(HttpCall call) {
        Optional<Moment> at = Moments.asked(call);
        if (at.isPresent()) {
            Moments.expectAlone(call, EndReplies.PARAMETER);
            ExecutionView then = operations
                    .past()
                    .execution(call.asked().caller(), call.part("id"), at.get())
                    .join();
            return HttpReply.json(200, Json.object(json -> ExecutionJson.live(json, then, null, null)));
        }
        return ended(call, found -> answer(call, found));
    }

    HttpReply result(HttpCall call) {
        return ended(call, ResultJson::of);
    }

    /** Answers as it stands, once it has ended where the request waits for that. */
    private HttpReply ended(HttpCall call, Function<HistoryOperations.Found, HttpReply> answer) {
        Duration longest = EndReplies.asked(call);
        HistoryOperations.Found found = find(call);
        if (longest.isZero() || found.ended()) {
            return answer.apply(found);
        }
        Caller caller = call.asked().caller();
        UUID id = UUID.fromString(call.part("id"));
        return ends.reply(
                caller.orgId(),
                () -> operations.ends().ofWorkflow(caller, id, longest),
                () -> answer.apply(find(call)));
    }

    private HistoryOperations.Found find(HttpCall call) {
        return operations
                .history()
                .execution(call.asked().caller(), call.part("id"))
                .join();
    }

    private HttpReply answer(HttpCall call, HistoryOperations.Found found) {
        Dismissal dismissal = found.live()
                .map(live -> dismissals.of(call.asked().caller().orgId(), UUID.fromString(call.part("id")), live))
                .map(CompletableFuture::join)
                .orElse(null);
        return HttpReply.json(200, Json.object(json -> {
            if (found.live().isPresent()) {
                ExecutionJson.live(json, found.live().get(), found.broken(), dismissal);
            } else {
                ExecutionJson.closed(json, found.closed().orElseThrow());
            }
        }));
    }

    /** The form that the TypeScript SDK reads, with the names of an older one beside. */
    HttpReply events(HttpCall call) {
        Caller caller = call.asked().caller();
        String id = call.part("id");
        Optional<Moment> at = Moments.asked(call);
        if (at.isPresent()) {
            Moments.expectAlone(call, "audience", Paging.CURSOR);
            return history(operations.past().history(caller, id, at.get()).join());
        }
        return switch (call.parameter("audience").orElse(WORKERS)) {
            case WORKERS -> {
                if (call.parameter(Paging.CURSOR).isPresent()) {
                    throw RefusedException.invalid("expected no cursor where the audience is " + WORKERS
                            + ", whose history comes as a whole, but there is one");
                }
                List<EventRow> events =
                        operations.history().timedEvents(caller, id).join();
                yield history(events);
            }
            case PEOPLE ->
                told(operations.history().toldEvents(caller, id, after(call)).join());
            case ALL ->
                told(operations.history().allEvents(caller, id, after(call)).join());
            case String other ->
                throw RefusedException.invalid("expected " + WORKERS + ", " + PEOPLE + " or " + ALL
                        + " as audience, but got " + Checks.shown(other));
        };
    }

    private static HttpReply history(List<EventRow> events) {
        return HttpReply.json(
                200,
                Json.object(json ->
                        json.objects("events", events, WorkflowRoutes::event).text(Paging.NEXT, null)));
    }

    /** @return number of the event that was told last; 0: none was */
    private static long after(HttpCall call) {
        return call.parameter(Paging.CURSOR)
                .map(text -> {
                    if (!text.matches("[1-9][0-9]{0,17}")) {
                        throw RefusedException.invalid(
                                "expected the nextCursor of an earlier answer on the same execution"
                                        + " as cursor, but got " + Checks.shown(text));
                    }
                    return Long.parseLong(text);
                })
                .orElse(0L);
    }

    private static HttpReply told(HistoryOperations.Told part) {
        return HttpReply.json(
                200,
                Json.object(json -> json.objects("events", part.events(), (item, told) -> {
                            event(item, told.event());
                            item.id("taskExecutionId", told.taskId());
                        })
                        .text(Paging.NEXT, part.next() == 0 ? null : String.valueOf(part.next()))));
    }

    private static void event(Json json, EventRow event) throws IOException {
        json.numberOrNull("sequence", event.sequence())
                .numberOrNull("sequenceNumber", event.sequence())
                .text("eventType", event.type())
                .time("timestamp", event.timeMs())
                .time("createdAt", event.timeMs())
                .raw("data", event.data());
    }

    /** The whole state map. */
    HttpReply states(HttpCall call) {
        Map<String, ByteString> state = stateOf(call);
        return HttpReply.json(200, Json.object(json -> json.raw("state", JsonFields.write(state))));
    }

    /** One value of the state map. */
    HttpReply state(HttpCall call) {
        String key = call.part("key");
        ByteString value = stateOf(call).get(key);
        if (value == null) {
            throw RefusedException.notFound(
                    "expected a state key of the workflow execution, but it has none of the name " + Checks.shown(key));
        }
        return HttpReply.json(200, Json.object(json -> json.text("key", key).raw("value", value)));
    }

    private Map<String, ByteString> stateOf(HttpCall call) {
        Optional<Moment> at = Moments.asked(call);
        if (at.isPresent()) {
            return operations
                    .past()
                    .values(call.asked().caller(), call.part("id"), at.get())
                    .join();
        }
        return operations
                .history()
                .state(call.asked().caller(), call.part("id"))
                .join();
    }

    HttpReply signal(HttpCall call) {
        JsonFields body = call.fields("signalName", "signalValue", "idempotencyKey", "idempotencyKeyTtlSeconds");
        SignalWorkflowRequest asked = SignalWorkflowRequest.newBuilder()
                .setOrgId(call.orgId())
                .setWorkflowExecutionId(call.part("id"))
                .setSignalName(body.text("signalName").orElse(""))
                .setSignalValue(body.payload("signalValue"))
                .build();
        SignalKey key = new SignalKey(
                body.text("idempotencyKey").orElse(""),
                body.integer("idempotencyKeyTtlSeconds").map(OptionalLong::of).orElse(OptionalLong.empty()));
        long sequence =
                operations.starts().signal(call.asked(), asked, key).join().getSignalEventSequence();
        // A workflow that has completed has no place for it, and nobody will see it.
        return HttpReply.json(
                200,
                Json.object(json -> json.number("signalEventSequence", sequence).flag("delivered", sequence > 0)));
    }

    HttpReply cancel(HttpCall call) {
        JsonFields body = call.fields("reason", "forceAfterMs");
        Ending how = new Ending(body.integer("forceAfterMs").orElse(0L), call.expectedSequence());
        Cancellation answer = operations
                .workflows()
                .cancel(call.asked(), call.part("id"), body.text("reason").orElse(""), how)
                .join();
        // Asked, it ends when its worker ends it, or by force in the end.
        boolean atOnce = how.forceAfterMs() == 0;
        return answer.pending()
                .map(ApprovalRoutes::pending)
                .orElseGet(() -> HttpReply.json(
                        200,
                        Json.object(json -> json.flag("cancelled", atOnce && answer.changed())
                                .flag("requested", !atOnce && answer.changed()))));
    }

    HttpReply terminate(HttpCall call) {
        JsonFields body = call.fields("reason");
        Cancellation answer = operations
                .workflows()
                .terminate(call.asked(), call.part("id"), body.text("reason").orElse(""), call.expectedSequence())
                .join();
        return answer.pending()
                .map(ApprovalRoutes::pending)
                .orElseGet(() -> HttpReply.json(200, Json.object(json -> json.flag("terminated", answer.changed()))));
    }

    HttpReply pause(HttpCall call) {
        String reason = call.fields("reason").text("reason").orElse("");
        boolean changed = operations
                .workflows()
                .pause(call.asked(), call.part("id"), reason, call.expectedSequence())
                .join();
        return HttpReply.json(200, Json.object(json -> json.flag("paused", changed)));
    }

    HttpReply resume(HttpCall call) {
        String reason = call.fields("reason").text("reason").orElse("");
        boolean changed = operations
                .workflows()
                .resume(call.asked(), call.part("id"), reason, call.expectedSequence())
                .join();
        return HttpReply.json(200, Json.object(json -> json.flag("resumed", changed)));
    }

    HttpReply retry(HttpCall call) {
        JsonFields body = call.fields("reason", "dryRun");
        return reset(call, body, Reset.retry(body.flag("dryRun"), call.expectedSequence()));
    }

    HttpReply reset(HttpCall call) {
        JsonFields body = call.fields("toEvent", "toFirst", "reason", "dryRun");
        Reset to = ResetPlace.read(body, body.flag("dryRun"), call.expectedSequence());
        return reset(call, body, to);
    }

    HttpReply restart(HttpCall call) {
        JsonFields body = call.fields("input", "reason", "dryRun");
        return reset(call, body, Reset.restart(body.raw("input"), body.flag("dryRun"), call.expectedSequence()));
    }

    HttpReply continueAsNew(HttpCall call) {
        JsonFields body = call.fields("input", "reason", "dryRun");
        return reset(call, body, Reset.continueAsNew(body.raw("input"), body.flag("dryRun"), call.expectedSequence()));
    }

    private HttpReply reset(HttpCall call, JsonFields body, Reset how) {
        Resetting answer = operations
                .workflows()
                .reset(call.asked(), call.part("id"), body.text("reason").orElse(""), how)
                .join();
        return answer.pending()
                .map(ApprovalRoutes::pending)
                .orElseGet(() -> reset(call.part("id"), how, answer.done().orElseThrow()));
    }

    private static HttpReply reset(String id, Reset how, ReplyRecord.WorkflowReset done) {
        return HttpReply.json(
                how.dryRun() ? 200 : 201,
                Json.object(json -> json.text(
                                "id",
                                how.dryRun()
                                        ? null
                                        : Ids.fromBytes(done.getExecutionId()).toString())
                        .text("resetFrom", UUID.fromString(id).toString())
                        .objects(
                                "again",
                                done.getAgainList(),
                                (item, again) -> item.text("what", again.getWhat())
                                        .text("name", again.getName())
                                        .number("times", again.getTimes()))));
    }
}
