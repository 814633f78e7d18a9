package io.millrace.infra.client.workflow;

import io.millrace.infra.client.api.Api;
import io.millrace.infra.client.api.ExitCode;
import io.millrace.infra.client.command.ApiCommand;
import io.millrace.infra.client.command.IdConverter;
import io.millrace.infra.client.command.Invocation;
import io.millrace.infra.client.execution.Kind;
import io.millrace.infra.client.json.JsonCodec;
import java.util.Map;
import java.util.UUID;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Shows the state of a workflow execution. */
@Command(
        name = "state",
        description = "Shows the state map of a workflow execution as JSON, or the value of one key of it.")
final class WorkflowStateCommand extends ApiCommand {

    @Parameters(index = "0", paramLabel = "ID", converter = IdConverter.class, description = "Its id.")
    private UUID id;

    @Parameters(index = "1", arity = "0..1", paramLabel = "KEY", description = "Only the value of this key.")
    private String key;

    WorkflowStateCommand(Invocation around) {
        super(around);
    }

    @Override
    protected int run(Api api) {
        String path = Kind.WORKFLOW.path(id) + "/state";
        out().println(
                        key == null
                                ? JsonCodec.pretty(
                                        api.get(path, Map.of()).json().value("state"))
                                : JsonCodec.pretty(api.get(path + "/" + Api.encoded(key), Map.of())
                                        .json()
                                        .value("value")));
        return ExitCode.DONE;
    }
}
