package io.millrace.dispatcher.engine;

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
        MessageDigest digest;
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("expected a Java platform with SHA-256, but it has none", e);
        }
        digest.update(ByteBuffer.allocate(16)
                .putLong(base.getMostSignificantBits())
                .putLong(base.getLeastSignificantBits())
                .flip());
        ByteBuffer hash = ByteBuffer.wrap(digest.digest(name.getBytes(StandardCharsets.UTF_8)));
        return Shards.place(hash.getLong(), hash.getLong(), Shards.of(base));
    }
}
