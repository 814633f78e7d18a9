package io.millrace.infra.client.schedule;

import io.millrace.infra.client.api.Api;
import io.millrace.infra.client.api.ExitCode;
import io.millrace.infra.client.command.Invocation;
import java.util.Map;
import picocli.CommandLine.Command;

/** Ends one schedule. */
@Command(name = "delete", description = "Ends a schedule. Its runs go on.")
final class ScheduleDeleteCommand extends ScheduleAction {

    ScheduleDeleteCommand(Invocation around) {
        super(around);
    }

    @Override
    protected int run(Api api) {
        send(api, "delete", Map.of());
        out().println("schedule " + name() + " deleted");
        return ExitCode.DONE;
    }
}
