package io.millrace.infra.client;

import picocli.CommandLine.Command;

/** Servers that the other commands ask, and the keys that they show. */
@Command(name = "context", description = "Servers that the other commands ask, and the keys that they show.")
final class ContextCommand extends CommandGroup {}
