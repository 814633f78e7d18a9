package io.millrace.dispatcher.engine;

import io.millrace.dispatcher.engine.command.CommandMeta;
import io.millrace.dispatcher.engine.event.SealedEvent;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;

/**
 * Running hash of a partition: SHA-256(previous ‖ offset of the command ‖ its id ‖ refusal ‖ hashes of its events), where
 * the refusal is a zero byte, or a one with reason and text. Not thread-safe.
 */
final class OutcomeHash {

    private final MessageDigest digest;

    OutcomeHash() {
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("expected a Java platform with SHA-256, but it has none", e);
        }
    }

    byte[] next(byte[] previous, CommandMeta meta, Refusal refusal, List<SealedEvent> events) {
        digest.update(previous);
        digest.update(ByteBuffer.allocate(24)
                .putLong(meta.offset())
                .putLong(meta.commandId().getMostSignificantBits())
                .putLong(meta.commandId().getLeastSignificantBits())
                .flip());
        if (refusal == null) {
            digest.update((byte) 0);
        } else {
            digest.update((byte) 1);
            digest.update((refusal.reason() + ": " + refusal.text()).getBytes(StandardCharsets.UTF_8));
        }
        for (SealedEvent event : events) {
            digest.update(event.hash());
        }
        return digest.digest();
    }
}
