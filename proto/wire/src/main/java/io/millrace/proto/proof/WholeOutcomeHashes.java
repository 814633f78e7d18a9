package io.millrace.proto.proof;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The hashes of rules 3 and 4, from plain values. They cover all that an outcome says, also who asked for it. docs/hashes.md
 * has the layout; {@link OutcomeHashes} makes them from records. Each array that is returned is new. One thread.
 */
public final class WholeOutcomeHashes {

    /** Length of a hash, bytes. */
    public static final int BYTES = 32;

    private static final UUID ABSENT = new UUID(0, 0);
    private static final int REFUSED = 1;
    private static final int ROOM = 512;

    private final MessageDigest digest = Sha256.digest();
    /** What is hashed next. In one piece: a digest is slow with many small ones. */
    private ByteBuffer pending = ByteBuffer.allocate(ROOM);

    /**
     * Who asked for what, as the command says it.
     *
     * @param commandId as it stands in the record; 16 bytes if it could be read
     * @param orgId as it stands in the record; 16 bytes if it could be read
     * @param principalType number of the type
     * @param command name of the command's body
     * @param mac number of what its MAC proved, 0 where nobody looked at it
     * @param commandHash SHA-256 of its whole record; null under rules 3, which do not cover that
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
            int mac,
            byte @Nullable [] commandHash) {
        part(commandId);
        part(orgId);
        room(Integer.BYTES).putInt(principalType);
        part(principalId);
        part(principalRole);
        part(origin);
        part(command);
        part(traceparent);
        if (mac != 0) {
            room(Integer.BYTES).putInt(mac);
        }
        if (commandHash != null) {
            part(commandHash);
        }
        return hash();
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
        bytes(asked);
        room(2 * Long.BYTES + Integer.BYTES).putLong(offset).putLong(timeMs).putInt(rules);
        return hash();
    }

    /**
     * One event, linked to the one before it in the chain of its execution.
     *
     * @param previous hash of that event, zeroes for the first
     * @param cause hash of {@link #cause}
     * @param dataDigest SHA-256 of the event's data; the data themselves may be gone
     */
    public byte[] event(byte[] previous, byte[] cause, EventFacts event, byte[] dataDigest) {
        bytes(previous);
        bytes(cause);
        room(Integer.BYTES).putInt(event.subject());
        id(event.executionId());
        id(event.orgId());
        id(event.taskId());
        room(2 * Long.BYTES + 2 * Integer.BYTES)
                .putLong(event.chainSequence())
                .putInt(event.historySequence())
                .putLong(event.timeMs())
                .putInt(event.status());
        part(event.type());
        bytes(dataDigest);
        return hash();
    }

    /**
     * One outcome, linked to the one before it in its partition.
     *
     * @param previous hash of that outcome, zeroes for the first
     * @param cause hash of {@link #cause}
     * @param refusalReason number of the reason, 0 where the command was not refused
     * @param refusalText text of the refusal, empty where the command was not refused
     * @param events hashes of its events, in order
     * @param state null under rules 3, which do not cover that
     */
    public byte[] outcome(
            byte[] previous,
            byte[] cause,
            int refusalReason,
            String refusalText,
            List<byte[]> events,
            @Nullable StateFacts state) {
        bytes(previous);
        bytes(cause);
        if (refusalReason == 0) {
            room(1).put((byte) 0);
        } else {
            room(1 + Integer.BYTES).put((byte) REFUSED).putInt(refusalReason);
            part(refusalText);
        }
        room(Integer.BYTES).putInt(events.size());
        for (byte[] event : events) {
            bytes(event);
        }
        if (state != null) {
            room(Long.BYTES + Integer.BYTES)
                    .putLong(state.appendedMs())
                    .putInt(state.settled().size());
            state.settled().forEach(this::settled);
        }
        return hash();
    }

    private void settled(StateFacts.Settled settled) {
        room(Integer.BYTES + Long.BYTES).putInt(settled.type()).putLong(settled.atMs());
        id(settled.executionId());
        part(settled.reference());
        room(Integer.BYTES).putInt(settled.keys().size());
        settled.keys().forEach(this::part);
    }

    /** @return SHA-256 of the data of an event, or of the record of a command */
    public byte[] data(byte[] data) {
        return digest.digest(data);
    }

    private byte[] hash() {
        digest.update(pending.array(), 0, pending.position());
        pending.clear();
        return digest.digest();
    }

    /** @return what is hashed next, with room for so many bytes more */
    private ByteBuffer room(int bytes) {
        if (pending.remaining() < bytes) {
            pending = ByteBuffer.allocate(Math.max(2 * pending.capacity(), pending.position() + bytes))
                    .put(pending.flip());
        }
        return pending;
    }

    private void id(@Nullable UUID id) {
        UUID present = id == null ? ABSENT : id;
        room(2 * Long.BYTES).putLong(present.getMostSignificantBits()).putLong(present.getLeastSignificantBits());
    }

    /** A part of variable length has its length in front, so that no two records make the same bytes. */
    private void part(String text) {
        part(text.getBytes(StandardCharsets.UTF_8));
    }

    private void part(byte[] bytes) {
        room(Integer.BYTES).putInt(bytes.length);
        bytes(bytes);
    }

    private void bytes(byte[] bytes) {
        room(bytes.length).put(bytes);
    }
}
