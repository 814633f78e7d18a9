package io.millrace.infra.client;

import picocli.CommandLine.Command;

/** Queues with work that waits. */
@Command(name = "queue", description = "Queues with work that waits.")
final class QueueCommand extends CommandGroup {}
