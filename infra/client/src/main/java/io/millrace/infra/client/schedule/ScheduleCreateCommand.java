package io.millrace.infra.client.schedule;

import io.millrace.infra.client.api.Api;
import io.millrace.infra.client.api.ExitCode;
import io.millrace.infra.client.command.GivenOptions;
import io.millrace.infra.client.command.Invocation;
import io.millrace.infra.client.command.JsonInput;
import io.millrace.infra.client.command.NotEmpty;
import io.millrace.infra.client.workflow.WorkflowOptions;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Makes a schedule. */
@Command(
        name = "create",
        description = {
            "Makes a schedule that starts a workflow of a kind, and prints its name.",
            "A time that clocks skip is due at the first moment after; one that they show twice is due the first time."
        })
final class ScheduleCreateCommand extends ScheduleTimingCommand {

    @Parameters(index = "0", paramLabel = "NAME", description = "Its name, which no other schedule has.")
    private String name;

    @Parameters(
            index = "1",
            paramLabel = "KIND",
            converter = NotEmpty.class,
            description = "Kind of the workflows that it starts.")
    private String kind;

    @Option(names = "--paused", description = "It begins paused.")
    private boolean paused;

    @Option(
            names = {"-i", "--input"},
            paramLabel = "JSON",
            description = "Input of the workflows: JSON, or @FILE, or - for standard input. Otherwise null.")
    private String input;

    @Option(
            names = {"-q", "--queue"},
            paramLabel = "QUEUE",
            description = "Queue of the workers that are to have them. Otherwise default.")
    private String queue;

    @Option(
            names = "--metadata",
            paramLabel = "NAME=VALUE",
            description = "An entry of their metadata. May be repeated.")
    private Map<String, String> metadata = new LinkedHashMap<>();

    @Mixin
    private WorkflowOptions options = new WorkflowOptions();

    ScheduleCreateCommand(Invocation around) {
        super(around);
    }

    @Override
    protected int run(Api api) {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("name", name);
        body.put("kind", kind);
        addDue(body);
        GivenOptions.put(body, "paused", paused ? true : null);
        GivenOptions.put(body, "input", input == null ? null : JsonInput.read("--input", input, around()));
        GivenOptions.put(body, "queue", queue);
        GivenOptions.put(body, "metadata", metadata.isEmpty() ? null : metadata);
        options.addTo(body);
        out().println(api.post(Schedules.LIST.path(), body).json().text("name"));
        return ExitCode.DONE;
    }
}
