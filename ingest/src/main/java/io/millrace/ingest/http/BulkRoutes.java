package io.millrace.ingest.http;

import io.millrace.ingest.operations.BulkAction;
import io.millrace.ingest.operations.BulkOperations;
import io.millrace.ingest.operations.BulkOperations.Begun;
import io.millrace.ingest.operations.NewBulkJob;
import io.millrace.ingest.operations.Operations;
import io.millrace.ingest.operations.Reset;
import io.millrace.ingest.queries.BulkItem;
import io.millrace.ingest.queries.BulkJobRow;
import io.millrace.ingest.queries.BulkMatch;
import io.millrace.ingest.validation.Checks;
import io.millrace.ingest.validation.JsonFields;
import io.millrace.ingest.validation.RefusedException;
import io.millrace.proto.v1.ReplyRecord.BulkJobState;
import io.millrace.proto.v1.SteerBulkJob.Steering;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** Bulk jobs over HTTP. */
final class BulkRoutes {

    private static final String RESULT = "result";

    /** Names of the parameters that {@link #items} reads. */
    static final List<String> ITEMS = List.of(RESULT, "limit", "cursor");

    private final Operations operations;

    BulkRoutes(Operations operations) {
        this.operations = operations;
    }

    private BulkOperations bulk() {
        return operations.bulk();
    }

    HttpReply begin(HttpCall call) {
        JsonFields body = call.fields(
                "action", "query", "reason", "rate", "forceAfterMs", "dryRun", "toEvent", "toFirst", "idempotencyKey");
        String name = body.text("action").orElse("");
        String query = body.text("query").orElse("");
        String reason = body.text("reason").orElse("");
        int rate = body.smallInteger("rate").orElse(BulkOperations.USUAL_RATE);
        long forceAfterMs = body.integer("forceAfterMs").orElse(0L);
        boolean dryRun = body.flag("dryRun");
        String key = body.text("idempotencyKey").orElse("");
        boolean placed =
                body.smallInteger("toEvent").isPresent() || body.text("toFirst").isPresent();
        Optional<Reset> reset = placed ? Optional.of(ResetPlace.read(body, false, 0)) : Optional.empty();
        BulkAction action = BulkAction.of(name)
                .orElseThrow(() -> RefusedException.invalid(
                        "expected one of " + BulkAction.names() + " as action, but got " + Checks.shown(name)));
        Begun begun = bulk().begin(
                        call.asked(),
                        new NewBulkJob(
                                action,
                                query,
                                SearchRoutes.search(action.subject(), query),
                                reason,
                                rate,
                                forceAfterMs,
                                reset,
                                key),
                        dryRun)
                .join();
        UUID id = begun.id();
        return HttpReply.json(
                begun.made() ? 201 : 200,
                Json.object(json -> json.id("id", id)
                        .number("expected", begun.expected())
                        .objects("first", begun.first(), BulkRoutes::match)));
    }

    HttpReply pause(HttpCall call) {
        return steer(call, Steering.PAUSE);
    }

    HttpReply resume(HttpCall call) {
        return steer(call, Steering.RESUME);
    }

    HttpReply stop(HttpCall call) {
        return steer(call, Steering.STOP);
    }

    private HttpReply steer(HttpCall call, Steering steering) {
        String reason = call.fields("reason").text("reason").orElse("");
        BulkJobState state = bulk().steer(call.asked(), call.part("id"), steering, reason, call.expectedVersion())
                .join();
        return HttpReply.json(
                200,
                Json.object(json -> json.flag("changed", state.getChanged())
                        .text("status", state.getStatus())
                        .number("version", state.getVersion())));
    }

    HttpReply list(HttpCall call) {
        return Paging.reply(
                "bulkJobs", bulk().list(call.asked().caller(), Paging.of(call)).join(), BulkRoutes::job);
    }

    HttpReply get(HttpCall call) {
        BulkJobRow job = bulk().get(call.asked().caller(), call.part("id")).join();
        return HttpReply.json(200, Json.object(json -> job(json, job)));
    }

    HttpReply items(HttpCall call) {
        return Paging.reply(
                "items",
                bulk().items(call.asked().caller(), call.part("id"), call.parameter(RESULT), Paging.of(call))
                        .join(),
                BulkRoutes::item);
    }

    private static void match(Json json, BulkMatch match) throws IOException {
        json.id("id", match.id())
                .text("kind", match.kind())
                .text("queue", match.queue())
                .text("status", match.status().name())
                .time("createdAt", match.createdAtMs());
    }

    private static void job(Json json, BulkJobRow job) throws IOException {
        json.id("id", job.id())
                .text("status", job.status())
                .number("version", job.version())
                .text("action", job.action())
                .text("query", job.query())
                .text("reason", job.reason())
                .number("rate", job.rate())
                .number("forceAfterMs", job.forceAfterMs())
                .texts("how", job.how())
                .number("expected", job.expected())
                .number("done", job.done())
                .number("refused", job.refused())
                .number("skipped", job.skipped())
                .text("requestedBy", job.requestedBy())
                .time("begunAt", job.begunMs())
                .time("endedAt", job.ended() ? job.changedMs() : 0)
                .textOrNull("statusBy", job.statusBy())
                .textOrNull("statusReason", job.statusReason());
    }

    private static void item(Json json, BulkItem item) throws IOException {
        json.id("id", item.id())
                .text("result", item.result())
                .text("text", item.text())
                .id("newExecutionId", item.newExecutionId())
                .time("at", item.atMs());
    }
}
