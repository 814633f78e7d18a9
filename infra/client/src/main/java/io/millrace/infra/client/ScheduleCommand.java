package io.millrace.infra.client;

import picocli.CommandLine.Command;

/** Schedules, which start workflows by themselves. */
@Command(name = "schedule", description = "Schedules, which start workflows by themselves.")
final class ScheduleCommand extends CommandGroup {}
