package io.millrace.ingest.http;

import io.millrace.ingest.operations.Operations;
import io.millrace.ingest.operations.PolicyOperations.Decided;
import io.millrace.ingest.operations.SaidOfWork;
import io.millrace.proto.v1.WorkPolicy;
import io.millrace.proto.v1.WorkSubject;
import java.io.IOException;
import java.util.List;

/** How work of queues and kinds is handed out, over HTTP. */
final class PolicyRoutes {

    private final Operations operations;

    PolicyRoutes(Operations operations) {
        this.operations = operations;
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
        String reason = call.fields("reason").text("reason").orElse("");
        return reply(
                "paused",
                operations
                        .policies()
                        .pause(call.asked(), subject.type, subject.name(call), reason, call.expectedVersion())
                        .join());
    }

    HttpReply resume(HttpCall call, Subject subject) {
        String reason = call.fields("reason").text("reason").orElse("");
        return reply(
                "resumed",
                operations
                        .policies()
                        .resume(call.asked(), subject.type, subject.name(call), reason, call.expectedVersion())
                        .join());
    }

    /** Kinds of which something is said. All others are handed out. */
    HttpReply kinds(HttpCall call) {
        List<SaidOfWork> kinds = operations.policies().list(call.asked().caller()).join().stream()
                .filter(said -> said.subject().getType() != WorkSubject.Type.QUEUE)
                .toList();
        return HttpReply.json(
                200,
                Json.object(json -> json.objects("kinds", kinds, (item, said) -> {
                    item.text("workType", said.subject().getType() == WorkSubject.Type.TASK_KIND ? "TASK" : "WORKFLOW")
                            .text("kind", said.subject().getName());
                    write(item, said);
                })));
    }

    private static HttpReply reply(String what, Decided decided) {
        return HttpReply.json(
                200,
                Json.object(json -> json.flag(what, decided.changed())
                        .number("version", decided.version())
                        .flag("applied", decided.applied())));
    }

    /** Writes what is said, behind what it is said of. */
    static void write(Json json, SaidOfWork said) throws IOException {
        WorkPolicy policy = said.policy();
        json.number("version", policy.getVersion()).flag("applied", said.applied());
        if (policy.hasPause()) {
            WorkPolicy.Pause pause = policy.getPause();
            json.object(
                    "paused",
                    paused -> paused.time("since", pause.getSinceMs())
                            .text("by", pause.getBy())
                            .text("reason", pause.getReason()));
        } else {
            json.text("paused", null);
        }
    }
}
