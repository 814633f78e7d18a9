package io.millrace.infra.client.execution;

import io.millrace.infra.client.api.Api;
import io.millrace.infra.client.command.ApiCommand;
import io.millrace.infra.client.command.IdConverter;
import io.millrace.infra.client.command.Invocation;
import java.util.UUID;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Waits for the end of an execution. */
@Command(
        name = "result",
        description = {
            "Waits for the end, and prints the output alone, as it came.",
            "Exit code 0 if it has completed, 1 if it has failed, 8 if it was cancelled."
        })
public final class ResultCommand extends ApiCommand {

    @Parameters(paramLabel = "ID", converter = IdConverter.class, description = "Its id.")
    private UUID id;

    @Mixin
    private WaitingOptions waiting = new WaitingOptions();

    private final Kind kind;

    public ResultCommand(Invocation around, Kind kind) {
        super(around);
        this.kind = kind;
    }

    @Override
    protected int run(Api api) throws InterruptedException {
        return new EndWaiter(api, kind, out(), err()).run(id, waiting);
    }
}
