package io.millrace.infra.client.schedule;

import io.millrace.infra.client.api.Api;
import io.millrace.infra.client.api.ExitCode;
import io.millrace.infra.client.command.Invocation;
import io.millrace.infra.client.command.ReasonOption;
import io.millrace.infra.client.command.VersionOption;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Lets one schedule be due otherwise. */
@Command(
        name = "update",
        description = {
            "Lets a schedule be due otherwise from now on, with other policies. What it starts stays.",
            "What is not said is as with a new schedule, and not as before."
        })
final class ScheduleUpdateCommand extends ScheduleTimingCommand {

    @Parameters(paramLabel = "NAME", description = "Its name.")
    private String name;

    @Mixin
    private ReasonOption reason = new ReasonOption();

    @Mixin
    private VersionOption seen = new VersionOption();

    ScheduleUpdateCommand(Invocation around) {
        super(around);
    }

    @Override
    protected int run(Api api) {
        Map<String, Object> body = new LinkedHashMap<>();
        addDue(body);
        reason.addTo(body);
        boolean updated = api.post(ScheduleAction.path(name) + "/" + seen.on("update"), body)
                .json()
                .flag("updated");
        out().println("schedule " + name + (updated ? " updated" : " is so already"));
        return ExitCode.DONE;
    }
}
