package io.millrace.dispatcher.engine.decide;

import io.millrace.proto.Shards;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.UUID;

/** Ids that the engine makes: the same for the same cause, on any machine, at any time. */
public final class DerivedIds {

    private DerivedIds() {}

    /** @return the id of what the name stands for within the base, placed on the base's shard */
    public static UUID derive(UUID base, String name) {
        MessageDigest digest = sha256();
        digest.update(bytes(base));
        ByteBuffer hash = ByteBuffer.wrap(digest.digest(name.getBytes(StandardCharsets.UTF_8)));
        return Shards.place(hash.getLong(), hash.getLong(), Shards.of(base));
    }

    /**
     * A worker names the children of its workflow, by ids that others can guess or name as well. So such an id never
     * becomes an execution's. An execution's id is made of the organisation and the parent too, and nobody can make the
     * same of others.
     *
     * <p>It is an id of version 8 (RFC 9562). Its first 48 bits are those of the parent's, which are its time: so
     * indexes grow at their end. The rest, its shard among them, are bits of SHA-256(organisation ‖ parent ‖ given).
     *
     * @return the execution id of the child that the parent knows by the given one
     */
    public static UUID child(UUID orgId, UUID parentId, UUID given) {
        MessageDigest digest = sha256();
        digest.update(bytes(orgId));
        digest.update(bytes(parentId));
        ByteBuffer hash = ByteBuffer.wrap(digest.digest(bytes(given)));
        return Shards.under(parentId, hash.getLong(), hash.getLong());
    }

    /**
     * The id under which a child runs again as a child of the run. It is of version 8 (RFC 9562), with the first 48 bits of the
     * run's. The last 64 are the child's, so it is where the child is, and SDKs begin with the same seed.
     */
    public static UUID run(UUID runId, UUID childId) {
        MessageDigest digest = sha256();
        digest.update(bytes(runId));
        long hash = ByteBuffer.wrap(digest.digest(bytes(childId))).getLong();
        long most = (runId.getMostSignificantBits() & 0xffffffffffff0000L) | 0x8000L | (hash & 0xfff);
        return new UUID(most, childId.getLeastSignificantBits());
    }

    /**
     * @param nowMs time of the partition, which the first 48 bits tell, so that indexes grow at their end
     * @param name what it is the run of, within the schedule
     * @return the id of a run of a schedule: of version 8 (RFC 9562), of bits of SHA-256(organisation ‖ schedule ‖ name), its
     *     shard among them
     */
    public static UUID scheduled(UUID orgId, UUID scheduleId, long nowMs, String name) {
        MessageDigest digest = sha256();
        digest.update(bytes(orgId));
        digest.update(bytes(scheduleId));
        ByteBuffer hash = ByteBuffer.wrap(digest.digest(name.getBytes(StandardCharsets.UTF_8)));
        return Shards.under(new UUID(nowMs << 16, 0), hash.getLong(), hash.getLong());
    }

    private static byte[] bytes(UUID id) {
        return ByteBuffer.allocate(16)
                .putLong(id.getMostSignificantBits())
                .putLong(id.getLeastSignificantBits())
                .array();
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("expected a Java platform with SHA-256, but it has none", e);
        }
    }
}
