package io.millrace.dispatcher.engine.state;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.UUID;

/**
 * hash = SHA-256(previous hash ‖ execution id ‖ chain sequence ‖ history sequence ‖ time ‖ length of type ‖ type ‖
 * SHA-256(data)), numbers big-endian, an absent execution id as 16 zero bytes. Data enters by its digest, so that the proof
 * holds for one whose data were erased. Not thread-safe.
 */
public final class ChainHash {

    private final MessageDigest digest = sha256();

    /** @return the event's hash, 32 bytes */
    public byte[] of(
            byte[] previous,
            UUID executionId,
            long chainSequence,
            int historySequence,
            String type,
            long timeMs,
            byte[] data) {
        return ofDigest(previous, executionId, chainSequence, historySequence, type, timeMs, digest.digest(data));
    }

    /** As above, for data of which only the SHA-256 is left. */
    public byte[] ofDigest(
            byte[] previous,
            UUID executionId,
            long chainSequence,
            int historySequence,
            String type,
            long timeMs,
            byte[] dataDigest) {
        byte[] typeBytes = type.getBytes(StandardCharsets.UTF_8);
        ByteBuffer fixed = ByteBuffer.allocate(16 + 8 + 4 + 8 + 4);
        fixed.putLong(executionId == null ? 0 : executionId.getMostSignificantBits());
        fixed.putLong(executionId == null ? 0 : executionId.getLeastSignificantBits());
        fixed.putLong(chainSequence).putInt(historySequence).putLong(timeMs).putInt(typeBytes.length);
        digest.update(previous);
        digest.update(fixed.array());
        digest.update(typeBytes);
        return digest.digest(dataDigest);
    }

    /** @return a SHA-256, which every Java platform has */
    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("expected a Java platform with SHA-256, but it has none", e);
        }
    }
}
