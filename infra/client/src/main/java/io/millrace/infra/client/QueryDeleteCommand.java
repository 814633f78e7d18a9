package io.millrace.infra.client;

import io.millrace.infra.client.api.Api;
import io.millrace.infra.client.api.ExitCode;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Lets a name stand for no query any more. */
@Command(name = "delete", description = "Lets a name stand for no query any more.")
final class QueryDeleteCommand extends ApiCommand {

    @Parameters(paramLabel = "NAME", description = "The name.")
    private String name;

    @Option(
            names = "--reason",
            paramLabel = "TEXT",
            description = "Why. It stands in the audit trail; a server may be configured to want one.")
    private String reason;

    QueryDeleteCommand(Invocation around) {
        super(around);
    }

    @Override
    int run(Api api) {
        api.post(
                SavedQueries.PATH + "/" + Api.encoded(name) + "/delete",
                reason == null ? Map.of() : Map.of("reason", reason));
        out().println("query " + name + " deleted");
        return ExitCode.DONE;
    }
}
