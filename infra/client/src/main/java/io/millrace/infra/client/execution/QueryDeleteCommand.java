package io.millrace.infra.client.execution;

import io.millrace.infra.client.api.Api;
import io.millrace.infra.client.api.ExitCode;
import io.millrace.infra.client.command.ApiCommand;
import io.millrace.infra.client.command.Invocation;
import io.millrace.infra.client.command.ReasonOption;
import io.millrace.infra.client.command.VersionOption;
import java.util.HashMap;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Lets a name stand for no query any more. */
@Command(name = "delete", description = "Lets a name stand for no query any more.")
final class QueryDeleteCommand extends ApiCommand {

    @Parameters(paramLabel = "NAME", description = "The name.")
    private String name;

    @Mixin
    private ReasonOption reason = new ReasonOption();

    @Mixin
    private VersionOption seen = new VersionOption();

    QueryDeleteCommand(Invocation around) {
        super(around);
    }

    @Override
    protected int run(Api api) {
        Map<String, Object> body = new HashMap<>();
        reason.addTo(body);
        api.post(SavedQueries.LIST.path(name) + "/" + seen.on("delete"), body);
        out().println("query " + name + " deleted");
        return ExitCode.DONE;
    }
}
