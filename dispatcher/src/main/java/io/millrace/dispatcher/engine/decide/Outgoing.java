package io.millrace.dispatcher.engine.decide;

import io.millrace.dispatcher.engine.command.Command;
import java.util.UUID;

/**
 * A command that this partition sends to another, or to itself. Its id is made of the command that caused it. So a
 * replay sends the same one, and the receiver can ignore what it has seen.
 *
 * @param traceparent trace that it belongs to; empty: none
 */
public record Outgoing(UUID commandId, UUID orgId, int shard, Command command, String traceparent) {

    /** Of no trace. */
    public Outgoing(UUID commandId, UUID orgId, int shard, Command command) {
        this(commandId, orgId, shard, command, "");
    }
}
