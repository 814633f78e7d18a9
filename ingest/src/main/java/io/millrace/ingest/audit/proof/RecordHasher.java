package io.millrace.ingest.audit.proof;

import io.millrace.ingest.audit.proof.LoggedRecord.LoggedHeader;
import io.millrace.ingest.audit.tlog.Hash;
import io.millrace.proto.proof.Sha256;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import org.jspecify.annotations.Nullable;

/**
 * Hashes all that a record is: SHA-256 over its time (64 bits), its key, its value, the number of its headers (32 bits), and name
 * and value of each. Before each key, name and value stands its length (32 bits), all ones for none at all. Numbers are
 * big-endian. It keeps a digest, so it is for one thread.
 */
public final class RecordHasher {

    private static final int NONE = -1;

    private final MessageDigest digest = Sha256.digest();
    /** What is hashed next: a record in one piece is hashed quicker than in many. */
    private final byte[] piece = new byte[4_096];

    private int length;

    /** @return the hash of the bytes */
    public static Hash sha256(byte[] bytes) {
        return Hash.at(Sha256.digest().digest(bytes), 0);
    }

    /** @return the hash of the record; its offset has no part in it */
    public Hash hash(LoggedRecord record) {
        length = 0;
        put(record.timestampMs(), 8);
        put(record.key());
        put(record.value());
        put(record.headers().size(), 4);
        for (LoggedHeader header : record.headers()) {
            put(header.name().getBytes(StandardCharsets.UTF_8));
            put(header.value());
        }
        flush();
        return Hash.at(digest.digest(), 0);
    }

    private void put(byte @Nullable [] bytes) {
        if (bytes == null) {
            put(NONE, 4);
            return;
        }
        put(bytes.length, 4);
        if (bytes.length > piece.length - length) {
            flush();
        }
        if (bytes.length > piece.length) {
            digest.update(bytes);
            return;
        }
        System.arraycopy(bytes, 0, piece, length, bytes.length);
        length += bytes.length;
    }

    private void put(long value, int bytes) {
        if (bytes > piece.length - length) {
            flush();
        }
        for (int i = 0; i < bytes; i++) {
            piece[length++] = (byte) (value >> 8 * (bytes - 1 - i));
        }
    }

    private void flush() {
        digest.update(piece, 0, length);
        length = 0;
    }
}
