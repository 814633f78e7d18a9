package io.millrace.proto.proof;

import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What an outcome says for whoever makes the state of outcomes alone, besides its events. Since rules 4.
 *
 * @param appendedMs append time up to which the clock of the partition has come, milliseconds since the epoch
 * @param settled what was due and was seen to, and no event tells of it
 */
public record StateFacts(long appendedMs, List<Settled> settled) {

    /**
     * One thing that was due.
     *
     * @param type number of its kind
     * @param executionId null where the record has no id of 16 bytes
     * @param keys what left the bucket, where it is one; never change
     */
    public record Settled(int type, long atMs, @Nullable UUID executionId, String reference, List<byte[]> keys) {}
}
