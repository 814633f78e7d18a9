package io.millrace.ingest.config;

import io.millrace.proto.proof.Sha256;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * SHA-256 of an API key: what the server keeps in the key's stead. Comparing takes the same time wherever two digests
 * differ, and neither the key nor the digest shows in {@link #toString()}.
 */
public final class KeyDigest {

    private static final int LENGTH = 32;
    /** Each call shows a key, and to look for a digest takes longer than to compute with it. */
    private static final ThreadLocal<MessageDigest> DIGEST = ThreadLocal.withInitial(Sha256::digest);

    private final byte[] bytes;

    private KeyDigest(byte[] bytes) {
        this.bytes = bytes;
    }

    /** @return digest of the key's UTF-8 bytes */
    public static KeyDigest of(String key) {
        return new KeyDigest(sha256(key.getBytes(StandardCharsets.UTF_8)));
    }

    /**
     * @param bytes SHA-256 of a key
     * @throws IllegalArgumentException if it has another length
     */
    public static KeyDigest ofBytes(byte[] bytes) {
        if (bytes.length != LENGTH) {
            throw new IllegalArgumentException("expected a digest of " + LENGTH + " bytes, but got " + bytes.length);
        }
        return new KeyDigest(bytes.clone());
    }

    /** @return a copy of the digest */
    public byte[] bytes() {
        return bytes.clone();
    }

    private static byte[] sha256(byte[] bytes) {
        return DIGEST.get().digest(bytes);
    }

    /**
     * @return a name for the key that says nothing of it, the same on every node and for ever: the first 48 bits of the
     *     digest's SHA-256. It stands in the log beside whatever is asked with the key
     */
    public String publicId() {
        return "key-" + HexFormat.of().formatHex(sha256(bytes), 0, 6);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof KeyDigest that && MessageDigest.isEqual(bytes, that.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    @Override
    public String toString() {
        return "KeyDigest[hidden]";
    }
}
