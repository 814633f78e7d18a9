package io.millrace.ingest.http;

import io.millrace.ingest.operations.Operations;
import io.millrace.ingest.queries.SavedQueryRow;
import io.millrace.ingest.search.Subject;
import io.millrace.ingest.validation.Checks;
import io.millrace.ingest.validation.JsonFields;
import io.millrace.ingest.validation.RefusedException;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;

/** Queries that have names, over HTTP. */
final class SavedQueryRoutes {

    private final Operations operations;

    SavedQueryRoutes(Operations operations) {
        this.operations = operations;
    }

    HttpReply list(HttpCall call) {
        List<SavedQueryRow> all =
                operations.savedQueries().list(call.asked().caller()).join();
        return HttpReply.json(200, Json.object(json -> json.objects("savedQueries", all, SavedQueryRoutes::row)));
    }

    HttpReply save(HttpCall call) {
        OptionalLong version = call.expectedVersion();
        JsonFields body = call.fields("name", "subject", "query", "about");
        String name = body.text("name").orElse("");
        String of = body.text("subject").orElse("");
        String query = body.text("query").orElse("");
        String about = body.text("about").orElse("");
        Subject subject = Arrays.stream(Subject.values())
                .filter(one -> one.name().equals(of))
                .findFirst()
                .orElseThrow(() -> RefusedException.invalid(
                        "expected WORKFLOWS or TASKS as subject, but got " + Checks.shown(of)));
        boolean changed = operations
                .savedQueries()
                .save(call.asked(), name, subject, query, SearchRoutes.search(subject, query), about, version)
                .join();
        return HttpReply.json(200, Json.object(json -> json.flag("saved", changed)));
    }

    HttpReply delete(HttpCall call) {
        String reason = call.fields("reason").text("reason").orElse("");
        boolean changed = operations
                .savedQueries()
                .delete(call.asked(), call.part("name"), reason, call.expectedVersion())
                .join();
        return HttpReply.json(200, Json.object(json -> json.flag("deleted", changed)));
    }

    private static void row(Json json, SavedQueryRow row) throws IOException {
        json.text("name", row.name())
                .text("subject", row.subject())
                .text("query", row.query())
                .textOrNull("about", row.about())
                .text("savedBy", row.savedBy())
                .time("savedAt", row.savedAtMs())
                .number("version", row.version());
    }
}
