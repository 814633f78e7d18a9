package io.millrace.infra.client;

import picocli.CommandLine.Command;

/** Promises of workflows. */
@Command(name = "promise", description = "Promises of workflows.")
final class PromiseCommand extends CommandGroup {}
