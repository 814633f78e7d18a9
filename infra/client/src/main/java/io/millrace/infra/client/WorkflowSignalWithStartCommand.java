package io.millrace.infra.client;

import io.millrace.infra.client.api.Api;
import io.millrace.infra.client.api.ExitCode;
import io.millrace.infra.client.json.JsonObject;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Signals the open execution of a key. If there is none, starts it first. */
@Command(
        name = "signal-with-start",
        description = {
            "Signals the open workflow execution that a key stands for, and starts one first where there is none. Prints its id.",
            "Kind, input, queue and metadata count only where one is started."
        })
final class WorkflowSignalWithStartCommand extends ApiCommand {

    @Parameters(index = "0", paramLabel = "WORKFLOW-KEY", description = "Idempotency key of the execution.")
    private String workflowKey;

    @Parameters(index = "1", paramLabel = "KIND", description = "Kind of the workflow, as a worker has registered it.")
    private String kind;

    @Parameters(index = "2", paramLabel = "NAME", description = "Name of the signal.")
    private String name;

    @Option(
            names = "--value",
            paramLabel = "JSON",
            description = "Value of the signal: JSON, or @FILE, or - for standard input. Otherwise null.")
    private String value;

    @Option(
            names = "--key",
            paramLabel = "KEY",
            description = "Idempotency key of the signal: sent again with it, the signal is one signal.")
    private String key;

    @Mixin
    private StartOptions options = new StartOptions();

    @Option(
            names = "--priority",
            paramLabel = "SECONDS",
            description = "Lets it go before what waits, as if it had come so much earlier.")
    private Integer priority;

    @Option(
            names = "--workflow-version",
            paramLabel = "VERSION",
            description = "Version of the workflow, for its worker.")
    private String version;

    WorkflowSignalWithStartCommand(Surroundings around) {
        super(around);
    }

    @Override
    int run(Api api) {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("workflowId", workflowKey);
        body.put("kind", kind);
        body.put("signalName", name);
        StartOptions.put(body, "signalValue", value == null ? null : JsonInput.read("--value", value, around()));
        StartOptions.put(body, "idempotencyKey", key);
        options.addTo(body, around());
        StartOptions.put(body, "prioritySeconds", priority);
        StartOptions.put(body, "workflowVersion", version);
        JsonObject answer =
                api.post(Kind.WORKFLOW.path() + "/signal-with-start", body).json();
        out().println(answer.text("id"));
        return ExitCode.DONE;
    }
}
