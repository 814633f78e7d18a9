package io.millrace.infra.client;

import picocli.CommandLine.Command;

/** Kinds of work that are held back. */
@Command(name = "kind", description = "Kinds of work, held back or handed out.")
final class KindCommand extends CommandGroup {}
