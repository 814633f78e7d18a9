package io.millrace.infra.client.workflow;

import io.millrace.infra.client.command.IdConverter;
import io.millrace.infra.client.command.Invocation;
import io.millrace.infra.client.command.ListCommand;
import io.millrace.infra.client.execution.Kind;
import io.millrace.infra.client.json.JsonCodec;
import io.millrace.infra.client.json.JsonObject;
import io.millrace.infra.client.print.Cell;
import io.millrace.infra.client.print.Column;
import io.millrace.infra.client.print.Times;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Shows what happened to a workflow execution. */
@Command(
        name = "events",
        description = {
            "Shows what happened to a workflow execution, from its start on.",
            "Times are those of your place; `-o json` has the full ones."
        })
final class WorkflowEventsCommand extends ListCommand {

    @Parameters(paramLabel = "ID", converter = IdConverter.class, description = "Its id.")
    private UUID id;

    @Option(
            names = "--for",
            paramLabel = "AUDIENCE",
            defaultValue = "people",
            description =
                    "people: each thing once, failed attempts too. workers: the history as they replay it. Otherwise ${DEFAULT-VALUE}.")
    private String audience;

    WorkflowEventsCommand(Invocation around) {
        super(around);
    }

    @Override
    protected String path() {
        return Kind.WORKFLOW.path(id) + "/events";
    }

    @Override
    protected String field() {
        return "events";
    }

    @Override
    protected Map<String, String> filter() {
        return Map.of("audience", audience);
    }

    @Override
    protected String id(JsonObject event) {
        return event.number("sequence").map(String::valueOf).orElse("");
    }

    @Override
    protected List<Column<JsonObject>> columns() {
        return List.of(
                number("#", "sequence"),
                Column.of("TIME", event -> Cell.of(Times.clock(event.time("timestamp"), around().zone()))),
                Column.of("EVENT", event -> Cell.of(event.text("eventType"))),
                Column.flexible("DATA", event -> Cell.of(JsonCodec.compact(event.value("data")))));
    }
}
