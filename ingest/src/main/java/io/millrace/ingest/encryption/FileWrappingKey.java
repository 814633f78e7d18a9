package io.millrace.ingest.encryption;

import java.util.Optional;
import java.util.regex.Pattern;

/** A wrapping key that stands in a file. Immutable. */
final class FileWrappingKey implements WrappingKey {

    private static final Pattern ID = Pattern.compile("[A-Za-z0-9._-]{1,32}");

    private final String id;
    private final byte[] secret;

    /** @throws IllegalArgumentException "expected …, but …", without the secret, if one of both is not so */
    FileWrappingKey(String id, byte[] secret) {
        if (!ID.matcher(id).matches()) {
            throw new IllegalArgumentException(
                    "expected 1 to 32 letters, digits, dots, hyphens and underscores as id of a key, but got '" + id
                            + "'");
        }
        if (secret.length != Gcm.KEY_BYTES) {
            throw new IllegalArgumentException(
                    "expected " + Gcm.KEY_BYTES + " bytes as key " + id + ", but got " + secret.length);
        }
        this.id = id;
        this.secret = secret.clone();
    }

    @Override
    public String id() {
        return id;
    }

    @Override
    public byte[] wrap(byte[] dataKey, byte[] associated) {
        return Gcm.encrypt(secret, associated, dataKey);
    }

    @Override
    public Optional<byte[]> unwrap(byte[] wrapped, byte[] associated) {
        return Gcm.decrypt(secret, associated, wrapped, 0);
    }

    @Override
    public String toString() {
        return "FileWrappingKey[" + id + "]";
    }
}
