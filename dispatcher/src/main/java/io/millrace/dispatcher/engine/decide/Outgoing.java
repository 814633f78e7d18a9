package io.millrace.dispatcher.engine.decide;

import io.millrace.dispatcher.engine.command.Command;
import java.util.UUID;

/**
 * A command that this partition sends to another, or to itself. Its id is made of the command that caused it. So a
 * replay sends the same one, and the receiver can ignore what it has seen.
 */
public record Outgoing(UUID commandId, UUID orgId, int shard, Command command) {}
