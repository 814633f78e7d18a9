package io.millrace.ingest.http;

import io.millrace.ingest.operations.Operations;
import io.millrace.ingest.operations.PromiseOperations.Outcome;
import io.millrace.ingest.validation.JsonFields;

/** Promises over HTTP: {@code id:<uuid>}, {@code <uuid>}, {@code key:<key>} or {@code <workflow uuid>:<name>}. */
final class PromiseRoutes {

    private final Operations operations;

    PromiseRoutes(Operations operations) {
        this.operations = operations;
    }

    HttpReply resolve(HttpCall call) {
        JsonFields body = call.fields("value");
        return answer(operations
                .promises()
                .resolve(call.asked(), call.part("promise"), body.payload("value"))
                .join());
    }

    HttpReply reject(HttpCall call) {
        JsonFields body = call.fields("error");
        return answer(operations
                .promises()
                .reject(call.asked(), call.part("promise"), body.text("error").orElse(""))
                .join());
    }

    private static HttpReply answer(Outcome outcome) {
        return HttpReply.json(
                200,
                Json.object(json -> json.flag("settled", outcome == Outcome.SETTLED)
                        .flag("alreadySettled", outcome == Outcome.SETTLED_BEFORE)));
    }
}
