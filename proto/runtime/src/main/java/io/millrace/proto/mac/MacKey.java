package io.millrace.proto.mac;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.HexFormat;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * A key by which nodes know each other's commands. Safe from any thread: each thread has a {@link Mac} of its own, so none waits
 * for another.
 */
public final class MacKey {

    /** Bytes of a secret, at the least: as many as the MAC has. */
    public static final int LEAST_BYTES = 32;

    static final String ALGORITHM = "HmacSHA256";

    /** No command begins so: as the number of a partition it would be too large. */
    private static final byte[] PUBLIC_ID = "millrace: public id of a key".getBytes(StandardCharsets.US_ASCII);

    private static final Pattern ID = Pattern.compile("[A-Za-z0-9._-]{1,32}");

    private final String id;
    private final byte[] idBytes;
    private final ThreadLocal<Mac> macs;

    /**
     * @param id its name, which stands beside each MAC: 1 to 32 letters, digits, dots, hyphens and underscores
     * @param secret what only nodes know, {@value #LEAST_BYTES} bytes or more
     * @throws IllegalArgumentException "expected …, but …", without the secret, if one of both is not so
     */
    public MacKey(String id, byte[] secret) {
        if (!ID.matcher(id).matches()) {
            throw new IllegalArgumentException(
                    "expected 1 to 32 letters, digits, dots, hyphens and underscores as id of a key, but got '" + id + "'");
        }
        if (secret.length < LEAST_BYTES) {
            throw new IllegalArgumentException("expected at least " + LEAST_BYTES + " bytes as key " + id + ", but got "
                    + secret.length);
        }
        this.id = id;
        this.idBytes = id.getBytes(StandardCharsets.US_ASCII);
        SecretKeySpec key = new SecretKeySpec(secret, ALGORITHM);
        this.macs = ThreadLocal.withInitial(() -> mac(key));
        macs.get(); // fails now if it must
    }

    private static Mac mac(SecretKeySpec key) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(key);
            return mac;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("expected " + ALGORITHM + " in every Java runtime, but it cannot be used", e);
        }
    }

    /** @return its name */
    public String id() {
        return id;
    }

    /**
     * @return its name and 48 bits that are another's for another secret, in hexadecimal digits: says nothing of the secret, and is
     *     the same on all nodes that have the same key
     */
    public String publicId() {
        return id + "-" + HexFormat.of().formatHex(mac().doFinal(PUBLIC_ID), 0, 6);
    }

    /** @return the bytes of its name, not to be changed */
    byte[] idBytes() {
        return idBytes;
    }

    /** @return a MAC of this thread, ready to take bytes */
    Mac mac() {
        return macs.get();
    }

    @Override
    public String toString() {
        return "MacKey[" + id + "]";
    }
}
