package io.millrace.infra.client.workflow;

import io.millrace.infra.client.api.Api;
import io.millrace.infra.client.api.ExitCode;
import io.millrace.infra.client.command.ApiCommand;
import io.millrace.infra.client.command.Invocation;
import io.millrace.infra.client.command.NotEmpty;
import io.millrace.infra.client.execution.Kind;
import io.millrace.infra.client.execution.StartOptions;
import io.millrace.infra.client.json.JsonObject;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
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

    @Parameters(
            index = "1",
            paramLabel = "KIND",
            converter = NotEmpty.class,
            description = "Kind of the workflow, as a worker has registered it.")
    private String kind;

    @Parameters(index = "2", paramLabel = "NAME", description = "Name of the signal.")
    private String name;

    @Mixin
    private SignalOptions signal = new SignalOptions();

    @Mixin
    private StartOptions options = new StartOptions();

    @Mixin
    private WorkflowOptions workflow = new WorkflowOptions();

    WorkflowSignalWithStartCommand(Invocation around) {
        super(around);
    }

    @Override
    protected int run(Api api) {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("workflowId", workflowKey);
        body.put("kind", kind);
        body.put("signalName", name);
        signal.addTo(body, around());
        options.addTo(body, around());
        workflow.addTo(body);
        JsonObject answer =
                api.post(Kind.WORKFLOW.path() + "/signal-with-start", body).json();
        out().println(answer.text("id"));
        return ExitCode.DONE;
    }
}
