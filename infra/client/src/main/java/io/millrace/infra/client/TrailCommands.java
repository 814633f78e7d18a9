package io.millrace.infra.client;

import picocli.CommandLine.Command;

/** Commands about the audit trail. Auditors' commands that ask no server, or ask Kafka itself, are elsewhere. */
@Command(name = "audit", description = "Who asked for what, and what came of it.")
final class TrailCommands extends CommandGroup {}
