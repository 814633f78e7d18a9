package io.millrace.ingest.http;

import io.millrace.ingest.auth.Request;
import io.millrace.ingest.operations.Operations;
import io.millrace.ingest.operations.PolicyOperations.Decided;
import io.millrace.ingest.operations.SaidOfWork;
import io.millrace.ingest.validation.JsonFields;
import io.millrace.ingest.validation.RefusedException;
import io.millrace.proto.Ids;
import io.millrace.proto.directory.Directory;
import io.millrace.proto.v1.WorkLimit;
import io.millrace.proto.v1.WorkPolicy;
import io.millrace.proto.v1.WorkSubject;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** How work of queues and kinds is handed out, over HTTP. */
final class PolicyRoutes {

    private final Operations operations;
    private final Directory directory;

    PolicyRoutes(Operations operations, Directory directory) {
        this.operations = operations;
        this.directory = directory;
    }

    /** A type, and how paths name what is of it. */
    enum Subject {
        QUEUE(WorkSubject.Type.QUEUE),
        WORKFLOW_KIND(WorkSubject.Type.WORKFLOW_KIND),
        TASK_KIND(WorkSubject.Type.TASK_KIND);

        private final WorkSubject.Type type;

        Subject(WorkSubject.Type type) {
            this.type = type;
        }

        private String name(HttpCall call) {
            return call.part(this == QUEUE ? "queue" : "kind");
        }
    }

    HttpReply pause(HttpCall call, Subject subject) {
        return ask(call, "paused", operations.policies()::pause, subject.type, subject::name);
    }

    HttpReply resume(HttpCall call, Subject subject) {
        return ask(call, "resumed", operations.policies()::resume, subject.type, subject::name);
    }

    /** Not more than so much of the queue is handed out. */
    HttpReply limit(HttpCall call) {
        JsonFields fields = call.fields("inFlight", "rate", "burst", "fairBy", "reason");
        Optional<Long> inFlight = fields.integer("inFlight");
        Optional<Long> rate = fields.integer("rate");
        Optional<Long> burst = fields.integer("burst");
        Optional<String> fairBy = fields.text("fairBy");
        String reason = fields.text("reason").orElse("");
        OptionalLong version = call.expectedVersion();
        WorkLimit limit = operations.policies().limit(inFlight, rate, burst, fairBy);
        return limited(call, "limited", limit, reason, version);
    }

    /** However much of the queue there is, it is handed out. */
    HttpReply unlimit(HttpCall call) {
        String reason = call.fields("reason").text("reason").orElse("");
        return limited(call, "unlimited", null, reason, call.expectedVersion());
    }

    private HttpReply limited(
            HttpCall call, String changed, @Nullable WorkLimit limit, String reason, OptionalLong version) {
        return reply(
                changed,
                operations
                        .policies()
                        .limit(call.asked(), call.part("queue"), limit, reason, version)
                        .join());
    }

    /** The worker gets nothing new. */
    HttpReply drain(HttpCall call) {
        return ask(call, "draining", operations.policies()::pause, WorkSubject.Type.WORKER, this::worker);
    }

    /** The worker gets work again. */
    HttpReply undrain(HttpCall call) {
        return ask(call, "undrained", operations.policies()::resume, WorkSubject.Type.WORKER, this::worker);
    }

    /** What is asked of a policy. */
    private interface Change {

        CompletableFuture<Decided> ask(
                Request request, WorkSubject.Type type, String name, String reason, OptionalLong expectedVersion);
    }

    /** @param changed name of the field that says whether it was not so already */
    private static HttpReply ask(
            HttpCall call, String changed, Change change, WorkSubject.Type type, Function<HttpCall, String> name) {
        String reason = call.fields("reason").text("reason").orElse("");
        OptionalLong version = call.expectedVersion();
        return reply(
                changed,
                change.ask(call.asked(), type, name.apply(call), reason, version)
                        .join());
    }

    private static HttpReply reply(String changed, Decided decided) {
        return HttpReply.json(
                200,
                Json.object(json -> json.flag(changed, decided.changed())
                        .number("policyVersion", decided.version())
                        .flag("applied", decided.applied())));
    }

    private String worker(HttpCall call) {
        UUID id = operations.policies().workerId(call.part("id"));
        return directory.workers(call.asked().caller().orgId()).stream()
                .filter(worker -> Ids.fromBytes(worker.getWorkerId()).equals(id))
                .findFirst()
                .map(worker -> id.toString())
                .orElseThrow(() -> RefusedException.notFound(
                        "expected a worker of your organisation that has registered, but there is none with id " + id));
    }

    /** Kinds of which something is said. All others are handed out. */
    HttpReply kinds(HttpCall call) {
        List<SaidOfWork> kinds = operations.policies().list(call.asked().caller()).join().stream()
                .filter(said -> said.subject().getType() == WorkSubject.Type.WORKFLOW_KIND
                        || said.subject().getType() == WorkSubject.Type.TASK_KIND)
                .toList();
        return HttpReply.json(
                200,
                Json.object(json -> json.objects("kinds", kinds, (item, said) -> {
                    item.text("workType", said.subject().getType() == WorkSubject.Type.TASK_KIND ? "TASK" : "WORKFLOW")
                            .text("kind", said.subject().getName());
                    write(item, said);
                })));
    }

    /** Writes what is said, behind what it is said of. */
    static void write(Json json, SaidOfWork said) throws IOException {
        head(json, said);
        if (said.policy().hasPause()) {
            json.object("paused", paused -> pause(paused, said));
        } else {
            json.text("paused", null);
        }
    }

    /** Writes what is said of a queue, behind what it is said of. */
    static void writeQueue(Json json, SaidOfWork said) throws IOException {
        write(json, said);
        if (!said.policy().hasLimit()) {
            json.text("limit", null);
            return;
        }
        WorkLimit limit = said.policy().getLimit();
        json.object("limit", written -> {
            written.numberOrNull("inFlight", limit.getInFlight())
                    .numberOrNull("rate", limit.getRate())
                    .numberOrNull("burst", limit.getBurst())
                    .text("fairBy", limit.getFairKey().isEmpty() ? null : limit.getFairKey())
                    .number("inFlightNow", said.inHand())
                    .time("since", limit.getSinceMs())
                    .text("by", limit.getBy())
                    .text("reason", limit.getReason());
        });
    }

    /** Writes what is said of a worker. */
    static void writeWorker(Json json, SaidOfWork said) throws IOException {
        head(json, said);
        if (said.policy().hasPause()) {
            json.object("draining", draining -> {
                pause(draining, said);
                draining.number("inHand", said.inHand());
            });
        } else {
            json.text("draining", null);
        }
    }

    private static void head(Json json, SaidOfWork said) throws IOException {
        json.number("policyVersion", said.policy().getVersion()).flag("applied", said.applied());
    }

    private static void pause(Json json, SaidOfWork said) throws IOException {
        WorkPolicy.Pause pause = said.policy().getPause();
        json.time("since", pause.getSinceMs()).text("by", pause.getBy()).text("reason", pause.getReason());
    }
}
