package io.millrace.infra.client;

import picocli.CommandLine.Command;

/** Workers that have registered. */
@Command(name = "worker", description = "Workers that have registered.")
final class WorkerCommand extends CommandGroup {}
