package io.millrace.infra.client;

import io.millrace.infra.client.api.Api;
import io.millrace.infra.client.api.ExitCode;
import io.millrace.infra.client.json.JsonObject;
import io.millrace.infra.client.json.JsonText;
import io.millrace.infra.client.print.Cell;
import io.millrace.infra.client.print.Column;
import io.millrace.infra.client.print.Table;
import io.millrace.infra.client.print.Times;
import io.millrace.infra.client.print.YamlText;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Shows what happened to a workflow execution. */
@Command(
        name = "events",
        description = {
            "Shows what happened to a workflow execution, from its start on.",
            "Times are those of your place; `-o json` has the full ones."
        })
final class WorkflowEventsCommand extends ApiCommand {

    @Parameters(paramLabel = "ID", converter = Ids.class, description = "Its id.")
    private UUID id;

    @Option(
            names = "--for",
            paramLabel = "AUDIENCE",
            defaultValue = "people",
            description =
                    "people: each thing once, failed attempts too. workers: the history as they replay it. Otherwise ${DEFAULT-VALUE}.")
    private String audience;

    @Mixin
    private OutputOption output = new OutputOption();

    WorkflowEventsCommand(Surroundings around) {
        super(around);
    }

    @Override
    int run(Api api) {
        List<JsonObject> events = api.get(Kind.WORKFLOW.path(id) + "/events", Map.of("audience", audience))
                .json()
                .objects("events");
        List<Map<String, Object>> all = events.stream().map(JsonObject::fields).toList();
        switch (output.format()) {
            case TABLE, WIDE -> new Table<>(out(), around().screen(), columns()).print(events);
            case JSON -> out().println(JsonText.pretty(all));
            case YAML -> out().print(YamlText.of(all));
            case ID ->
                events.forEach(event -> out().println(
                                event.number("sequence").map(String::valueOf).orElse("")));
        }
        return ExitCode.DONE;
    }

    private List<Column<JsonObject>> columns() {
        return List.of(
                ListCommand.number("#", "sequence"),
                Column.of("TIME", event -> Cell.of(Times.clock(event.time("timestamp"), around().zone()))),
                Column.of("EVENT", event -> Cell.of(event.text("eventType"))),
                Column.flexible("DATA", event -> Cell.of(JsonText.compact(event.value("data")))));
    }
}
