package io.millrace.ingest.audit.tlog;

import java.util.Arrays;

/** A SHA-256 hash: 32 bytes that nobody changes. */
public final class Hash {

    /** Bytes of a hash. */
    public static final int BYTES = 32;

    private final byte[] bytes;

    private Hash(byte[] bytes) {
        this.bytes = bytes;
    }

    /**
     * @return the hash of these bytes, which become its own
     * @throws TlogException if there are not 32
     */
    static Hash wrap(byte[] bytes) {
        if (bytes.length != BYTES) {
            throw new TlogException("expected a hash of " + BYTES + " bytes, but got " + bytes.length);
        }
        return new Hash(bytes);
    }

    /** @return the hash that stands there in the bytes, which are copied */
    public static Hash at(byte[] bytes, int offset) {
        return new Hash(Arrays.copyOfRange(bytes, offset, offset + BYTES));
    }

    /**
     * @param text base64
     * @throws TlogException if it is no base64, or none of 32 bytes
     */
    public static Hash parse(String text) {
        return wrap(Base64Text.decode(text));
    }

    /** Copies it into the bytes. */
    public void copyTo(byte[] target, int offset) {
        System.arraycopy(bytes, 0, target, offset, BYTES);
    }

    /** @return a copy of the bytes */
    public byte[] toBytes() {
        return bytes.clone();
    }

    byte[] bytes() {
        return bytes;
    }

    @Override
    public boolean equals(Object other) {
        return this == other || other instanceof Hash hash && Arrays.equals(bytes, hash.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    /** @return base64, as it stands in checkpoints and proofs */
    @Override
    public String toString() {
        return Base64Text.encode(bytes);
    }
}
