package io.millrace.infra.client;

import picocli.CommandLine.Command;

/** Bulk jobs, which ask the same of everything that a query finds. */
@Command(name = "bulk", description = "Bulk jobs, which ask the same of everything that a query finds.")
final class BulkCommand extends CommandGroup {}
