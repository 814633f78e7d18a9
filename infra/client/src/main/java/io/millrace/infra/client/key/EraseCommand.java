package io.millrace.infra.client.key;

import io.millrace.infra.client.api.Api;
import io.millrace.infra.client.api.ClientException;
import io.millrace.infra.client.api.ExitCode;
import io.millrace.infra.client.command.ApiCommand;
import io.millrace.infra.client.command.IdConverter;
import io.millrace.infra.client.command.Invocation;
import io.millrace.infra.client.command.NotEmpty;
import io.millrace.infra.client.execution.Kind;
import io.millrace.infra.client.json.JsonObject;
import java.util.Map;
import java.util.UUID;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Erases the payloads of an execution, or of a data subject. */
@Command(
        name = "erase",
        description = {
            "Erases the payloads of an execution, or of a data subject, for ever.",
            "Only what is encrypted can be erased. Who asked, when and why stands on the log."
        })
public final class EraseCommand extends ApiCommand {

    @ArgGroup(multiplicity = "1")
    private What what;

    @Option(
            names = "--reason",
            paramLabel = "TEXT",
            required = true,
            converter = NotEmpty.class,
            description = "Why; stands on the log for ever.")
    private String reason;

    /** What to erase: one of the two. */
    static final class What {

        @Parameters(
                paramLabel = "ID",
                converter = IdConverter.class,
                description = "Id of a workflow execution, or of a task without a workflow.")
        private UUID execution;

        @Option(
                names = "--subject",
                paramLabel = "NAME",
                description = "Data subject, as starts name it in the entry dataSubject of their metadata.")
        private String subject;
    }

    public EraseCommand(Invocation around) {
        super(around);
    }

    @Override
    protected int run(Api api) {
        JsonObject erased = what.subject != null
                ? erase(api, "/data-subjects/" + Api.encoded(what.subject))
                : eraseExecution(api, what.execution);
        if (!erased.text("approvalId").isEmpty()) {
            note("nothing is erased yet: somebody else has to approve it, request " + erased.text("approvalId")
                    + ", until " + erased.text("expiresAt"));
            return ExitCode.STILL_OPEN;
        }
        out().println((erased.flag("changed") ? "erased at " : "was erased before, at ") + erased.text("erasedAt")
                + "; nowhere any more from " + erased.text("nowhereAt") + " on");
        return ExitCode.DONE;
    }

    private JsonObject eraseExecution(Api api, UUID id) {
        try {
            return erase(api, Kind.WORKFLOW.path(id));
        } catch (ClientException refused) {
            if (refused.exitCode() != ExitCode.NOT_FOUND) {
                throw refused;
            }
            return erase(api, Kind.TASK.path(id));
        }
    }

    private JsonObject erase(Api api, String path) {
        return api.post(path + "/erase", Map.of("reason", reason)).json();
    }
}
