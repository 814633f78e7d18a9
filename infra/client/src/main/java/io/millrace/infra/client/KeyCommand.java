package io.millrace.infra.client;

import picocli.CommandLine.Command;

/** API keys of the organisation. */
@Command(name = "key", description = "API keys: who has one, and until when.")
final class KeyCommand extends CommandGroup {}
