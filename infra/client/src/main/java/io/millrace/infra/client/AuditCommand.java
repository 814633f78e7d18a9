package io.millrace.infra.client;

import picocli.CommandLine.Command;

/** What the audit trail says. The commands of auditors that ask no server, or Kafka itself, are elsewhere. */
@Command(name = "audit", description = "Who asked for what, and what came of it.")
final class AuditCommand extends CommandGroup {}
