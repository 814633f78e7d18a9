package io.millrace.infra.client.workflow;

import io.millrace.infra.client.api.Api;
import io.millrace.infra.client.api.ExitCode;
import io.millrace.infra.client.command.ApiCommand;
import io.millrace.infra.client.command.Durations;
import io.millrace.infra.client.command.GivenOptions;
import io.millrace.infra.client.command.IdConverter;
import io.millrace.infra.client.command.Invocation;
import io.millrace.infra.client.execution.Kind;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Signals a workflow execution. */
@Command(
        name = "signal",
        description = {
            "Signals a workflow execution.",
            "Exit code 1 if the workflow had completed: no worker sees the signal then."
        })
final class WorkflowSignalCommand extends ApiCommand {

    @Parameters(index = "0", paramLabel = "ID", converter = IdConverter.class, description = "Its id.")
    private UUID id;

    @Parameters(index = "1", paramLabel = "NAME", description = "Name of the signal.")
    private String name;

    @Mixin
    private SignalOptions signal = new SignalOptions();

    @Option(
            names = "--key-ttl",
            paramLabel = "TIME",
            converter = Durations.class,
            description = "How long the key stands for the signal, such as 1h or 7d. Otherwise 24h.")
    private Duration keyTtl;

    WorkflowSignalCommand(Invocation around) {
        super(around);
    }

    @Override
    protected int run(Api api) {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("signalName", name);
        signal.addTo(body, around());
        GivenOptions.put(body, "idempotencyKeyTtlSeconds", keyTtl == null ? null : keyTtl.toSeconds());
        if (api.post(Kind.WORKFLOW.path(id) + "/signal", body).json().flag("delivered")) {
            out().println("workflow " + id + " signalled");
            return ExitCode.DONE;
        }
        note("expected a workflow that is open, but " + id + " had completed: no worker will see the signal");
        return ExitCode.FAILED;
    }
}
