package io.millrace.infra.client.execution;

import io.millrace.infra.client.api.Api;
import io.millrace.infra.client.api.ExitCode;
import io.millrace.infra.client.command.ApiCommand;
import io.millrace.infra.client.command.GivenOptions;
import io.millrace.infra.client.command.Invocation;
import io.millrace.infra.client.command.VersionOption;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Gives a query a name. */
@Command(
        name = "save",
        description = {
            "Gives a query a name, or a name another query, for all of the organisation.",
            "workflow list, task list and their counts find what it finds by --saved NAME."
        })
final class QuerySaveCommand extends ApiCommand {

    @Parameters(index = "0", paramLabel = "NAME", description = "Its name.")
    private String name;

    @Parameters(index = "1", paramLabel = "QUERY", description = "Such as 'status = FAILED AND created > -1d'.")
    private String query;

    @Option(names = "--tasks", description = "It is about tasks. Otherwise about workflows.")
    private boolean tasks;

    @Option(names = "--about", paramLabel = "TEXT", description = "What it is for.")
    private String about;

    @Mixin
    private VersionOption seen = new VersionOption();

    QuerySaveCommand(Invocation around) {
        super(around);
    }

    @Override
    protected int run(Api api) {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("name", name);
        body.put("subject", tasks ? "TASKS" : "WORKFLOWS");
        body.put("query", query);
        GivenOptions.put(body, "about", about);
        boolean saved = api.post(seen.on(SavedQueries.LIST.path()), body).json().flag("saved");
        out().println("query " + name + (saved ? " saved" : " is so already"));
        return ExitCode.DONE;
    }
}
