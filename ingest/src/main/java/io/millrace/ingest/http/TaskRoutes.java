package io.millrace.ingest.http;

import io.millrace.ingest.operations.Cancellation;
import io.millrace.ingest.operations.Operations;
import io.millrace.ingest.operations.TaskOperations;
import io.millrace.ingest.queries.Counts;
import io.millrace.ingest.queries.Dismissal;
import io.millrace.ingest.queries.ExecutionQueries;
import io.millrace.ingest.queries.Grouping;
import io.millrace.ingest.queries.Page;
import io.millrace.ingest.queries.TaskFilter;
import io.millrace.ingest.queries.TaskRow;
import io.millrace.ingest.search.Subject;
import io.millrace.ingest.validation.Checks;
import io.millrace.ingest.validation.JsonFields;
import io.millrace.ingest.validation.RefusedException;
import io.millrace.proto.Ids;
import io.millrace.proto.auth.Caller;
import io.millrace.proto.flovyn.v1.CancelTaskRequest;
import io.millrace.proto.flovyn.v1.SubmitTaskRequest;
import io.millrace.proto.flovyn.v1.SubmitTaskResponse;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/** Task executions over HTTP. */
final class TaskRoutes {

    private static final int DEFAULT_MAX_RETRIES = 3;

    private final Operations operations;
    private final ExecutionQueries queries;
    private final EndReplies ends;
    private final Dismissals dismissals;

    TaskRoutes(Operations operations, ExecutionQueries queries, EndReplies ends) {
        this.operations = operations;
        this.queries = queries;
        this.ends = ends;
        dismissals = new Dismissals(queries);
    }

    HttpReply list(HttpCall call) {
        TaskFilter filter = filter(call);
        Page<TaskRow> page = queries.tasks(
                        call.asked().caller().orgId(),
                        filter,
                        Paging.of(call, filter.search().order()))
                .join();
        return Paging.reply("taskExecutions", page, TaskJson::row);
    }

    HttpReply counts(HttpCall call) {
        Grouping by = SearchRoutes.grouping(call);
        Counts counts = queries.taskCounts(call.asked().caller().orgId(), filter(call), by)
                .join();
        return SearchRoutes.counts(counts, by);
    }

    private static TaskFilter filter(HttpCall call) {
        UUID executionId = call.parameter("workflowExecutionId")
                .map(text -> Ids.parse(text)
                        .orElseThrow(() -> RefusedException.invalid(
                                "expected a UUID as workflowExecutionId, but got " + Checks.shown(text))))
                .orElse(null);
        return new TaskFilter(
                Paging.status(call),
                call.name("kind").orElse(null),
                call.name("queue").orElse(null),
                executionId,
                SearchRoutes.search(call, Subject.TASKS));
    }

    HttpReply submit(HttpCall call) {
        JsonFields body = call.fields(
                "kind",
                "input",
                "queue",
                "metadata",
                "maxRetries",
                "timeoutMs",
                "idempotencyKey",
                "idempotencyKeyTtlSeconds",
                "scheduledAt");
        SubmitTaskRequest.Builder asked = SubmitTaskRequest.newBuilder()
                .setOrgId(call.orgId())
                .setKind(body.text("kind").orElse(""))
                .setInput(body.payload("input"))
                .setQueue(body.text("queue").orElse(""))
                .putAllMetadata(body.texts("metadata"))
                .setMaxRetries(body.smallInteger("maxRetries").orElse(DEFAULT_MAX_RETRIES))
                .setTimeoutMs(body.integer("timeoutMs").orElse(0L));
        body.text("idempotencyKey").ifPresent(asked::setIdempotencyKey);
        body.integer("idempotencyKeyTtlSeconds").ifPresent(asked::setIdempotencyKeyTtlSeconds);
        long scheduledAtMs = body.text("scheduledAt").map(TaskRoutes::time).orElse(0L);
        SubmitTaskResponse submitted = operations
                .tasks()
                .submit(call.asked(), asked.build(), scheduledAtMs)
                .join();
        boolean existing = submitted.getIdempotencyKeyUsed() && !submitted.getIdempotencyKeyNew();
        return HttpReply.json(
                existing ? 200 : 201,
                Json.object(json -> json.text("id", submitted.getTaskExecutionId())
                        .flag("idempotencyKeyUsed", submitted.getIdempotencyKeyUsed())
                        .flag("idempotencyKeyNew", submitted.getIdempotencyKeyNew())));
    }

    HttpReply get(HttpCall call) {
        return ended(call, found -> answer(call, found));
    }

    HttpReply result(HttpCall call) {
        return ended(call, ResultJson::of);
    }

    /** Answers as it stands, once it has ended where the request waits for that. */
    private HttpReply ended(HttpCall call, Function<TaskOperations.Found, HttpReply> answer) {
        Duration longest = EndReplies.asked(call);
        TaskOperations.Found found = find(call);
        if (longest.isZero() || found.ended()) {
            return answer.apply(found);
        }
        Caller caller = call.asked().caller();
        UUID id = UUID.fromString(call.part("id"));
        UUID owner = found.owner(id);
        return ends.reply(
                caller.orgId(),
                () -> operations.ends().ofTask(caller, owner, id, longest),
                () -> answer.apply(find(call)));
    }

    private TaskOperations.Found find(HttpCall call) {
        return operations.tasks().find(call.asked().caller(), call.part("id")).join();
    }

    private HttpReply answer(HttpCall call, TaskOperations.Found found) {
        Dismissal dismissal = found.live()
                .map(live -> dismissals.of(call.asked().caller().orgId(), UUID.fromString(call.part("id")), live))
                .map(CompletableFuture::join)
                .orElse(null);
        return HttpReply.json(200, Json.object(json -> {
            if (found.live().isPresent()) {
                TaskJson.live(json, found.live().get(), dismissal);
            } else {
                TaskJson.closed(json, found.closed().orElseThrow());
            }
        }));
    }

    HttpReply cancel(HttpCall call) {
        String reason = call.fields("reason").text("reason").orElse("");
        Cancellation answer = operations
                .tasks()
                .cancel(
                        call.asked(),
                        CancelTaskRequest.newBuilder()
                                .setTaskExecutionId(call.part("id"))
                                .build(),
                        reason,
                        call.expectedVersion())
                .join();
        return answer.pending()
                .map(ApprovalRoutes::pending)
                .orElseGet(() -> HttpReply.json(200, Json.object(json -> json.flag("cancelled", true))));
    }

    HttpReply retry(HttpCall call) {
        String reason = call.fields("reason").text("reason").orElse("");
        boolean changed = operations
                .tasks()
                .retry(call.asked(), call.part("id"), reason, call.expectedVersion())
                .join();
        return HttpReply.json(200, Json.object(json -> json.flag("retried", changed)));
    }

    /** @return milliseconds since the epoch, 1 for what was before: that is past all the same, and 0 would be no time */
    private static long time(String text) {
        try {
            return Math.max(1, Instant.parse(text).toEpochMilli());
        } catch (DateTimeException | ArithmeticException notATime) {
            throw RefusedException.invalid(
                    "expected a time such as 2031-05-01T12:00:00Z as scheduledAt, but got " + Checks.shown(text));
        }
    }
}
