package io.millrace.proto.mac;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;
import javax.crypto.Mac;
import org.jspecify.annotations.Nullable;

/**
 * By what nodes know each other when they read from one another: a text that only those can make who have a key of the
 * installation. It is for one address, so whoever is shown it can show it to no other node. It says nothing of the key.
 * Whoever sees it can show it at the same address too, so it is for connections that nobody else sees. Immutable, safe
 * from any thread, never blocks.
 */
public final class NodeProof {

    /** No command begins with these bytes: as the number of a partition they would be too large. */
    private static final byte[] WHAT = "millrace: reads of other nodes".getBytes(StandardCharsets.US_ASCII);

    private final MacKeys keys;

    /** @param keys none: nobody proves anything. Where there are some, all have to, whatever becomes of commands */
    public NodeProof(MacKeys keys) {
        this.keys = keys;
    }

    /**
     * @param host address that the node to read from has announced
     * @param port its port
     * @return what this node shows there; null where it has no keys
     */
    public @Nullable String shownTo(String host, int port) {
        return keys.all().isEmpty() ? null : text(keys.all().getFirst(), host, port);
    }

    /** @return whether nodes have to show a proof */
    public boolean required() {
        return !keys.all().isEmpty();
    }

    /**
     * @param proof what another node shows, or null
     * @param host address that this node has announced
     * @param port its port
     * @return whether it is one, or none is required
     */
    public boolean lets(@Nullable String proof, String host, int port) {
        if (!required()) {
            return true;
        }
        if (proof == null) {
            return false;
        }
        byte[] found = proof.getBytes(StandardCharsets.UTF_8);
        boolean known = false;
        for (MacKey key : keys.all()) {
            known |= MessageDigest.isEqual(text(key, host, port).getBytes(StandardCharsets.US_ASCII), found);
        }
        return known;
    }

    private static String text(MacKey key, String host, int port) {
        Mac mac = key.mac();
        mac.update(WHAT);
        mac.update((" at " + host + ":" + port).getBytes(StandardCharsets.UTF_8));
        return key.id() + ":" + HexFormat.of().formatHex(mac.doFinal());
    }
}
