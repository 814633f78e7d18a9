package io.millrace.infra.client.schedule;

import io.millrace.infra.client.command.CommandGroup;
import io.millrace.infra.client.command.Invocation;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** Schedules, which start workflows by themselves. */
@Command(name = "schedule", description = "Schedules, which start workflows by themselves.")
public final class ScheduleCommand extends CommandGroup {

    private ScheduleCommand() {}

    /** @return the group with its commands */
    public static CommandLine of(Invocation around) {
        return new ScheduleCommand()
                .with(
                        Schedules.LIST.command(around),
                        new ScheduleShowCommand(around),
                        new ScheduleRunsCommand(around),
                        new ScheduleCreateCommand(around),
                        new ScheduleUpdateCommand(around),
                        new SchedulePauseCommand(around),
                        new ScheduleResumeCommand(around),
                        new ScheduleTriggerCommand(around),
                        new ScheduleBackfillCommand(around),
                        new ScheduleStopBackfillCommand(around),
                        new ScheduleDeleteCommand(around));
    }
}
