package io.millrace.dispatcher.engine.command;

import java.util.UUID;

/**
 * What came with a command besides its body.
 *
 * @param commandId unique id of the command
 * @param orgId organisation in whose name it is carried out
 * @param timeMs clock of its writer, milliseconds since the epoch: the time asked for
 * @param appendedMs when the broker took it in, milliseconds since the epoch
 * @param offset its place in the partition's log
 * @param maxHistoryBytes size beyond which a history must not grow; 0: the default
 */
public record CommandMeta(
        UUID commandId, UUID orgId, long timeMs, long appendedMs, long offset, long maxHistoryBytes) {}
