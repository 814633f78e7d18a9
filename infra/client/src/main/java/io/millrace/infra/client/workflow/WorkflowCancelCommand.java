package io.millrace.infra.client.workflow;

import io.millrace.infra.client.api.Api;
import io.millrace.infra.client.api.ExitCode;
import io.millrace.infra.client.command.Durations;
import io.millrace.infra.client.command.Invocation;
import io.millrace.infra.client.execution.EndingCommand;
import io.millrace.infra.client.execution.Kind;
import io.millrace.infra.client.json.JsonObject;
import java.time.Duration;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Cancels one workflow. */
@Command(
        name = "cancel",
        description = {
            "Cancels it at once, whatever its worker does, or when its worker has had a time to end it.",
            "Exit code 1 if it had ended already: it stays as it is.",
            "Exit code 7 if somebody else has to approve it first: it is open until then."
        })
final class WorkflowCancelCommand extends EndingCommand {

    @Option(
            names = "--force-after",
            paramLabel = "DURATION",
            converter = Durations.class,
            description =
                    "Lets its worker end it, which hears of the request, and cancels it by force after this time.")
    private Duration forceAfter;

    @Mixin
    private SequenceOption seen = new SequenceOption();

    WorkflowCancelCommand(Invocation around) {
        super(around, Kind.WORKFLOW);
    }

    @Override
    protected int run(Api api) {
        Map<String, Object> how = forceAfter == null ? Map.of() : Map.of("forceAfterMs", forceAfter.toMillis());
        JsonObject answer = ask(api, seen.on("cancel"), how, "nothing is cancelled");
        if (answer == null) {
            return ExitCode.STILL_OPEN;
        }
        if (answer.flag("cancelled")) {
            out().println("workflow " + id() + " cancelled");
            return ExitCode.DONE;
        }
        if (answer.flag("requested")) {
            out().println("workflow " + id() + " asked to end");
            return ExitCode.DONE;
        }
        if (forceAfter == null || forceAfter.isZero()) {
            return hadEnded();
        }
        note("expected a workflow that is open and was not asked to end as soon, but " + id()
                + " had ended already, or was asked before");
        return ExitCode.FAILED;
    }
}
