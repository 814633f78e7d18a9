package io.millrace.infra.client;

import picocli.CommandLine.Command;

/** Task executions. */
@Command(name = "task", description = "Task executions.")
final class TaskCommand extends CommandGroup {}
