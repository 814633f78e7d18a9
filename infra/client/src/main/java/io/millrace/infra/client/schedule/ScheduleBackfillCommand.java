package io.millrace.infra.client.schedule;

import io.millrace.infra.client.api.Api;
import io.millrace.infra.client.api.ExitCode;
import io.millrace.infra.client.command.Invocation;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Makes up for the due times of a range. */
@Command(
        name = "backfill",
        description = {
            "Starts runs for the due times of a range that is over.",
            "Each starts when the one before it has ended, or all at once. `schedule runs` shows how far it is."
        })
final class ScheduleBackfillCommand extends ScheduleAction {

    @Option(
            names = "--from",
            paramLabel = "TIME",
            required = true,
            description = "First time of the range, such as 2026-12-01T00:00:00Z.")
    private String from;

    @Option(names = "--until", paramLabel = "TIME", required = true, description = "Last time of the range.")
    private String until;

    @Option(names = "--parallel", description = "All at once.")
    private boolean parallel;

    ScheduleBackfillCommand(Invocation around) {
        super(around);
    }

    @Override
    protected int run(Api api) {
        Map<String, Object> range = new LinkedHashMap<>();
        range.put("from", from);
        range.put("until", until);
        range.put("parallel", parallel);
        send(api, "backfill", range);
        out().println("schedule " + name() + " makes up for the range");
        return ExitCode.DONE;
    }
}
