package io.millrace.dispatcher.replay.log;

import org.jspecify.annotations.Nullable;

/**
 * A record of the commands topic.
 *
 * @param offset its place in the log of its partition
 * @param appendedMs when the broker took it in, milliseconds since the epoch
 * @param value the record as it stands there, null for an empty one; never changes
 */
public record LoggedCommand(long offset, long appendedMs, byte @Nullable [] value) {}
