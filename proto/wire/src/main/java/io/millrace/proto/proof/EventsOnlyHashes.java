package io.millrace.proto.proof;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The hashes of rules 2, from plain values. They cover what happened, but not who asked for it. docs/hashes.md has the
 * layout; {@link OutcomeHashes} makes them from records. One thread.
 */
public final class EventsOnlyHashes {

    private final MessageDigest digest = Sha256.digest();

    /**
     * One event, linked to the one before it in the chain of its execution.
     *
     * @param previous hash of that event, zeroes for the first
     * @param dataDigest SHA-256 of the event's data; the data themselves may be gone
     */
    public byte[] event(byte[] previous, EventFacts event, byte[] dataDigest) {
        byte[] type = event.type().getBytes(StandardCharsets.UTF_8);
        UUID executionId = event.executionId();
        ByteBuffer fixed = ByteBuffer.allocate(16 + 8 + 4 + 8 + 4);
        fixed.putLong(executionId == null ? 0 : executionId.getMostSignificantBits());
        fixed.putLong(executionId == null ? 0 : executionId.getLeastSignificantBits());
        fixed.putLong(event.chainSequence())
                .putInt(event.historySequence())
                .putLong(event.timeMs())
                .putInt(type.length);
        digest.update(previous);
        digest.update(fixed.array());
        digest.update(type);
        return digest.digest(dataDigest);
    }

    /**
     * One outcome, linked to the one before it in its partition.
     *
     * @param previous hash of that outcome, zeroes for the first
     * @param commandId zeroes where the ids of the command could not be read
     * @param refusal reason and text as {@code REASON: text}, null where the command was not refused
     * @param events hashes of its events, in order
     */
    public byte[] outcome(byte[] previous, long offset, UUID commandId, @Nullable String refusal, List<byte[]> events) {
        digest.update(previous);
        digest.update(ByteBuffer.allocate(24)
                .putLong(offset)
                .putLong(commandId.getMostSignificantBits())
                .putLong(commandId.getLeastSignificantBits())
                .flip());
        if (refusal == null) {
            digest.update((byte) 0);
        } else {
            digest.update((byte) 1);
            digest.update(refusal.getBytes(StandardCharsets.UTF_8));
        }
        events.forEach(digest::update);
        return digest.digest();
    }
}
