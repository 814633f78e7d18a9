package io.millrace.infra.client;

import picocli.CommandLine.Command;

/** Queues with work that waits. */
@Command(name = "queue", description = "Queues: what waits in them, and how it is handed out.")
final class QueueCommand extends CommandGroup {}
