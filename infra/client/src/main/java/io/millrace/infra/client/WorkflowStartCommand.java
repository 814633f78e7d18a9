package io.millrace.infra.client;

import io.millrace.infra.client.api.Api;
import io.millrace.infra.client.api.ExitCode;
import io.millrace.infra.client.json.JsonObject;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Starts a workflow execution. */
@Command(
        name = "start",
        description = {
            "Starts a workflow execution, and prints its id.",
            "With --wait it prints the output instead, and ends as `workflow result` does."
        })
final class WorkflowStartCommand extends ApiCommand {

    @Parameters(paramLabel = "KIND", description = "Kind of the workflow, as a worker has registered it.")
    private String kind;

    @Mixin
    private StartOptions options = new StartOptions();

    @Option(
            names = "--key",
            paramLabel = "KEY",
            description =
                    "Idempotency key: while it stands for an execution, that one's id is printed, and nothing is started.")
    private String key;

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

    @Option(names = "--wait", description = "Waits for the end.")
    private boolean wait;

    @Mixin
    private WaitingOptions waiting = new WaitingOptions();

    WorkflowStartCommand(Surroundings around) {
        super(around);
    }

    @Override
    int run(Api api) throws InterruptedException {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("kind", kind);
        options.addTo(body, around());
        StartOptions.put(body, "idempotencyKey", key);
        StartOptions.put(body, "prioritySeconds", priority);
        StartOptions.put(body, "workflowVersion", version);
        JsonObject started = api.post(Kind.WORKFLOW.path(), body).json();
        String id = started.text("id");
        if (started.flag("idempotencyKeyUsed") && !started.flag("idempotencyKeyNew")) {
            note("the key stands for an execution that was started before");
        }
        if (wait) {
            return new EndWaiter(api, Kind.WORKFLOW, out(), err()).run(UUID.fromString(id), waiting);
        }
        out().println(id);
        return ExitCode.DONE;
    }
}
