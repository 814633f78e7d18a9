package io.millrace.infra.client.schedule;

import io.millrace.infra.client.api.Api;
import io.millrace.infra.client.api.ExitCode;
import io.millrace.infra.client.command.Invocation;
import java.util.Map;
import picocli.CommandLine.Command;

/** Ends what makes up for a range before it is through. */
@Command(
        name = "stop-backfill",
        description = "Starts no more runs for the range that is made up for. Those that have started go on.")
final class ScheduleStopBackfillCommand extends ScheduleAction {

    ScheduleStopBackfillCommand(Invocation around) {
        super(around);
    }

    @Override
    protected int run(Api api) {
        boolean stopped = send(api, "backfill/stop", Map.of()).flag("stopped");
        out().println("schedule " + name() + (stopped ? " makes up for nothing more" : " makes up for no range"));
        return ExitCode.DONE;
    }
}
