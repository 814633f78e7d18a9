package io.millrace.ingest.encryption;

import java.util.Optional;

/** A wrapping key that stands in a file. Immutable. */
final class FileWrappingKey implements WrappingKey {

    private final String id;
    private final byte[] secret;

    /** @throws IllegalArgumentException "expected …, but …", without the secret, if one of both is not so */
    FileWrappingKey(String id, byte[] secret) {
        WrappingKeys.checkId(id);
        if (secret.length != Gcm.KEY_BYTES) {
            throw new IllegalArgumentException(
                    "expected " + Gcm.KEY_BYTES + " bytes as key " + id + ", but got " + secret.length);
        }
        this.id = id;
        this.secret = secret.clone();
    }

    @Override
    public boolean away() {
        return false;
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
