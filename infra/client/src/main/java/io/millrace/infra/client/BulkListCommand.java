package io.millrace.infra.client;

import io.millrace.infra.client.api.Api;
import io.millrace.infra.client.json.JsonObject;
import io.millrace.infra.client.print.Cell;
import io.millrace.infra.client.print.Column;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import picocli.CommandLine.Command;

/** Lists bulk jobs. */
@Command(
        name = "list",
        description = {
            "Lists bulk jobs, the newest first.",
            "What happened in the last moments may be missing: the read model follows the log."
        })
final class BulkListCommand extends PagedListCommand {

    static final String PATH = "/bulk-jobs";

    BulkListCommand(Invocation around) {
        super(around);
    }

    /** @return path of the job */
    static String path(UUID id) {
        return PATH + "/" + Api.encoded(id.toString());
    }

    @Override
    String path() {
        return PATH;
    }

    @Override
    String field() {
        return "bulkJobs";
    }

    @Override
    Map<String, String> filter() {
        return Map.of();
    }

    @Override
    List<Column<JsonObject>> columns() {
        return List.of(
                whole("ID", "id"),
                status(),
                whole("ACTION", "action"),
                Column.of(
                        "THROUGH",
                        job -> Cell.of(BulkWaiter.through(job) + "/"
                                + job.number("expected").orElse(0L))),
                number("REFUSED", "refused"),
                text("QUERY", "query"),
                text("REASON", "reason").onlyWide(),
                whole("BY", "requestedBy").onlyWide(),
                age("AGE", "begunAt"),
                took("begunAt", "endedAt"));
    }
}
