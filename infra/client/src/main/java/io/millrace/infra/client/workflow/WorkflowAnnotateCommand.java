package io.millrace.infra.client.workflow;

import io.millrace.infra.client.api.Api;
import io.millrace.infra.client.api.ExitCode;
import io.millrace.infra.client.command.ApiCommand;
import io.millrace.infra.client.command.IdConverter;
import io.millrace.infra.client.command.Invocation;
import io.millrace.infra.client.execution.Kind;
import java.util.Map;
import java.util.UUID;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Notes something about one workflow. */
@Command(
        name = "annotate",
        description = {
            "Notes something about a workflow, open or ended, such as 'ticket 4711'.",
            "show tells it, and queries find it by annotation."
        })
final class WorkflowAnnotateCommand extends ApiCommand {

    @Parameters(index = "0", paramLabel = "ID", converter = IdConverter.class, description = "Its id.")
    private UUID id;

    @Parameters(index = "1", paramLabel = "TEXT", description = "One line.")
    private String text;

    WorkflowAnnotateCommand(Invocation around) {
        super(around);
    }

    @Override
    protected int run(Api api) {
        api.post(path(id), Map.of("text", text));
        out().println("workflow " + id + " annotated");
        return ExitCode.DONE;
    }

    /** @return path of what was noted about the workflow */
    static String path(UUID id) {
        return Kind.WORKFLOW.path(id) + "/annotations";
    }
}
