package io.millrace.infra.client;

import picocli.CommandLine.Command;

/** Workflow executions. */
@Command(name = "workflow", description = "Workflow executions.")
final class WorkflowCommand extends CommandGroup {}
