package io.millrace.infra.client.bulk;

import io.millrace.infra.client.command.GivenOptions;
import io.millrace.infra.client.command.IdConverter;
import io.millrace.infra.client.command.Invocation;
import io.millrace.infra.client.command.PagedListCommand;
import io.millrace.infra.client.json.JsonObject;
import io.millrace.infra.client.print.Column;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Lists what came of the items of a bulk job. */
@Command(
        name = "items",
        description = {
            "Lists what came of the items of a bulk job, the newest first.",
            "What happened in the last moments may be missing: the read model follows the log."
        })
final class BulkItemsCommand extends PagedListCommand {

    @Parameters(paramLabel = "ID", converter = IdConverter.OfBulkJob.class, description = "Id of the job.")
    private UUID id;

    @Option(
            names = "--result",
            paramLabel = "RESULT",
            description = "Only those of which this came: done, refused or skipped.")
    private String result;

    BulkItemsCommand(Invocation around) {
        super(around);
    }

    @Override
    protected String path() {
        return BulkJobs.LIST.path(id.toString()) + "/items";
    }

    @Override
    protected String field() {
        return "items";
    }

    @Override
    protected Map<String, String> filter() {
        Map<String, String> query = new LinkedHashMap<>();
        GivenOptions.put(query, "result", result == null ? null : result.toUpperCase(Locale.ROOT));
        return query;
    }

    @Override
    protected List<Column<JsonObject>> columns() {
        return List.of(
                whole("ID", "id"),
                whole("RESULT", "result"),
                whole("NEW RUN", "newExecutionId"),
                text("WHY", "text"),
                age("AGE", "at"));
    }
}
