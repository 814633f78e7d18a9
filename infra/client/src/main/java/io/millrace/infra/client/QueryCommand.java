package io.millrace.infra.client;

import picocli.CommandLine.Command;

/** Queries that have names in the organisation. */
@Command(name = "query", description = "Queries that have names in the organisation.")
final class QueryCommand extends CommandGroup {}
