package io.millrace.proto.mac;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.HexFormat;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * A key by which nodes know each other's commands. Safe from any thread: each thread has its own {@link Mac}, so none
 * waits for another.
 */
public final class MacKey {

    /** Shortest secret, bytes: as long as the MAC. */
    public static final int LEAST_BYTES = 32;

    static final String ALGORITHM = "HmacSHA256";

    /** No command begins with these bytes: as the number of a partition they would be too large. */
    private static final byte[] PUBLIC_ID = "millrace: public id of a key".getBytes(StandardCharsets.US_ASCII);

    private static final Pattern ID = Pattern.compile("[A-Za-z0-9._-]{1,32}");

    private final String id;
    private final byte[] idBytes;
    private final ThreadLocal<Mac> macs;

    /**
     * @param id name of the key, which stands beside each MAC: 1 to 32 letters, digits, dots, hyphens and underscores
     * @param secret what only the nodes know, {@value #LEAST_BYTES} bytes or more
     * @throws IllegalArgumentException "expected …, but …", without the secret, if the id or the secret does not fit
     */
    public MacKey(String id, byte[] secret) {
        if (!ID.matcher(id).matches()) {
            throw new IllegalArgumentException(
                    "expected 1 to 32 letters, digits, dots, hyphens and underscores as id of a key, but got '" + id
                            + "'");
        }
        if (secret.length < LEAST_BYTES) {
            throw new IllegalArgumentException(
                    "expected at least " + LEAST_BYTES + " bytes as key " + id + ", but got " + secret.length);
        }
        this.id = id;
        this.idBytes = id.getBytes(StandardCharsets.US_ASCII);
        SecretKeySpec key = new SecretKeySpec(secret, ALGORITHM);
        this.macs = ThreadLocal.withInitial(() -> mac(key));
        macs.get(); // fails here if there is no such MAC
    }

    private static Mac mac(SecretKeySpec key) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(key);
            return mac;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(
                    "expected " + ALGORITHM + " in every Java runtime, but it cannot be used", e);
        }
    }

    /** @return id of the key */
    public String id() {
        return id;
    }

    /**
     * @return the key's id and 48 bits in hexadecimal digits. Other secrets give other bits, and the bits say nothing
     *     of the secret; all nodes with the same key get the same text
     */
    public String publicId() {
        return id + "-" + HexFormat.of().formatHex(mac().doFinal(PUBLIC_ID), 0, 6);
    }

    /** @return the bytes of the id, which must not be changed */
    byte[] idBytes() {
        return idBytes;
    }

    /** @return this thread's MAC, ready to take bytes */
    Mac mac() {
        return macs.get();
    }

    @Override
    public String toString() {
        return "MacKey[" + id + "]";
    }
}
