package io.millrace.proto.mac;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * By what nodes know each other when they read from one another: a text that only those can make who have a key of the
 * installation. It says nothing of the key. Whoever sees it can show it too, so it is for connections that nobody else
 * sees. Immutable, safe from any thread, never blocks.
 */
public final class NodeProof {

    /** No command begins with these bytes: as the number of a partition they would be too large. */
    private static final byte[] WHAT = "millrace: reads of other nodes".getBytes(StandardCharsets.US_ASCII);

    private final MacKeys keys;

    /** @param keys none: nobody proves anything. Where there are some, all have to, whatever becomes of commands */
    public NodeProof(MacKeys keys) {
        this.keys = keys;
    }

    /** @return what this node shows; null where it has no keys */
    public @Nullable String shown() {
        return keys.all().isEmpty() ? null : text(keys.all().getFirst());
    }

    /** @return whether nodes have to show a proof */
    public boolean required() {
        return !keys.all().isEmpty();
    }

    /**
     * @param proof what another node shows, or null
     * @return whether it is one, or none is required
     */
    public boolean lets(@Nullable String proof) {
        if (!required()) {
            return true;
        }
        if (proof == null) {
            return false;
        }
        byte[] found = proof.getBytes(StandardCharsets.UTF_8);
        boolean known = false;
        for (MacKey key : keys.all()) {
            known |= MessageDigest.isEqual(text(key).getBytes(StandardCharsets.US_ASCII), found);
        }
        return known;
    }

    private static String text(MacKey key) {
        return key.id() + ":" + HexFormat.of().formatHex(key.mac().doFinal(WHAT));
    }
}
