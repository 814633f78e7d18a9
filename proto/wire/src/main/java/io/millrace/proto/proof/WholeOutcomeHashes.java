package io.millrace.proto.proof;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The hashes of rules 3, from plain values. They cover all that an outcome says, also who asked for it. docs/hashes.md
 * has the layout; {@link OutcomeHashes} makes them from records. Each array that is returned is new. One thread.
 */
public final class WholeOutcomeHashes {

    /** Length of a hash, bytes. */
    public static final int BYTES = 32;

    private static final UUID ABSENT = new UUID(0, 0);
    private static final int REFUSED = 1;

    private final MessageDigest digest = Sha256.digest();
    private final ByteBuffer fixed = ByteBuffer.allocate(128);

    /**
     * Who asked for what, as the command says it.
     *
     * @param commandId as it stands in the record; 16 bytes if it could be read
     * @param orgId as it stands in the record; 16 bytes if it could be read
     * @param principalType number of the type
     * @param command name of the command's body
     * @param mac number of what its MAC proved, 0 where nobody looked at it
     */
    public byte[] asked(
            byte[] commandId,
            byte[] orgId,
            int principalType,
            String principalId,
            String principalRole,
            String origin,
            String command,
            String traceparent,
            int mac) {
        part(commandId);
        part(orgId);
        digest.update(begin().putInt(principalType).flip());
        part(principalId);
        part(principalRole);
        part(origin);
        part(command);
        part(traceparent);
        if (mac != 0) {
            digest.update(begin().putInt(mac).flip());
        }
        return digest.digest();
    }

    /**
     * What was asked, when and where it took effect, and by which rules.
     *
     * @param asked hash of {@link #asked}
     * @param offset place of the command in the log
     * @param timeMs time of the partition, milliseconds since the epoch
     * @param rules version of the rules that decided
     */
    public byte[] cause(byte[] asked, long offset, long timeMs, int rules) {
        digest.update(asked);
        digest.update(begin().putLong(offset).putLong(timeMs).putInt(rules).flip());
        return digest.digest();
    }

    /**
     * One event, linked to the one before it in the chain of its execution.
     *
     * @param previous hash of that event, zeroes for the first
     * @param cause hash of {@link #cause}
     * @param dataDigest SHA-256 of the event's data; the data themselves may be gone
     */
    public byte[] event(byte[] previous, byte[] cause, EventFacts event, byte[] dataDigest) {
        digest.update(previous);
        digest.update(cause);
        ByteBuffer facts = begin().putInt(event.subject());
        id(facts, event.executionId());
        id(facts, event.orgId());
        id(facts, event.taskId());
        facts.putLong(event.chainSequence())
                .putInt(event.historySequence())
                .putLong(event.timeMs())
                .putInt(event.status());
        digest.update(facts.flip());
        part(event.type());
        return digest.digest(dataDigest);
    }

    /**
     * One outcome, linked to the one before it in its partition.
     *
     * @param previous hash of that outcome, zeroes for the first
     * @param cause hash of {@link #cause}
     * @param refusalReason number of the reason, 0 where the command was not refused
     * @param refusalText text of the refusal, empty where the command was not refused
     * @param events hashes of its events, in order
     */
    public byte[] outcome(byte[] previous, byte[] cause, int refusalReason, String refusalText, List<byte[]> events) {
        digest.update(previous);
        digest.update(cause);
        if (refusalReason == 0) {
            digest.update((byte) 0);
        } else {
            digest.update((byte) REFUSED);
            digest.update(begin().putInt(refusalReason).flip());
            part(refusalText);
        }
        digest.update(begin().putInt(events.size()).flip());
        events.forEach(digest::update);
        return digest.digest();
    }

    /** @return SHA-256 of an event's data */
    public byte[] data(byte[] data) {
        return digest.digest(data);
    }

    private ByteBuffer begin() {
        return fixed.clear();
    }

    private static void id(ByteBuffer into, @Nullable UUID id) {
        UUID present = id == null ? ABSENT : id;
        into.putLong(present.getMostSignificantBits()).putLong(present.getLeastSignificantBits());
    }

    /** A part of variable length has its length in front, so that no two records make the same bytes. */
    private void part(String text) {
        part(text.getBytes(StandardCharsets.UTF_8));
    }

    private void part(byte[] bytes) {
        digest.update(begin().putInt(bytes.length).flip());
        digest.update(bytes);
    }
}
