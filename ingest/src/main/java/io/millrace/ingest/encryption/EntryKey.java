package io.millrace.ingest.encryption;

import io.millrace.proto.Ids;
import io.millrace.proto.v1.DataKeyEntry;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.UUID;

/**
 * What a record of the topic of data keys is about, as its key says.
 *
 * @param id of a data key, or of an erasure
 */
record EntryKey(Kind kind, UUID id) {

    private static final int ID_BYTES = 16;

    /** Of what it is. */
    enum Kind {
        DATA_KEY('k'),
        ERASURE('e'),
        /** An erasure that has begun. */
        BEGUN('p');

        private final byte letter;

        Kind(char letter) {
            this.letter = (byte) letter;
        }
    }

    /** @return what the record of that key is about; empty: a beat, or nothing that nodes write */
    static Optional<EntryKey> of(byte[] recordKey) {
        ByteBuffer bytes = ByteBuffer.wrap(recordKey);
        if (bytes.remaining() != 1 + ID_BYTES) {
            return Optional.empty();
        }
        byte letter = bytes.get();
        for (Kind kind : Kind.values()) {
            if (kind.letter == letter) {
                return Optional.of(new EntryKey(kind, new UUID(bytes.getLong(), bytes.getLong())));
            }
        }
        return Optional.empty();
    }

    /** @return under which key the entry belongs; empty: under none of these */
    static Optional<EntryKey> of(DataKeyEntry entry) {
        return switch (entry.getEntryCase()) {
            case KEY ->
                Optional.of(
                        new EntryKey(Kind.DATA_KEY, Ids.fromBytes(entry.getKey().getKeyId())));
            case ERASURE ->
                Optional.of(new EntryKey(
                        Kind.ERASURE, Ids.fromBytes(entry.getErasure().getKeyId())));
            case BEGUN ->
                Optional.of(
                        new EntryKey(Kind.BEGUN, Ids.fromBytes(entry.getBegun().getErasureId())));
            case ENDED ->
                Optional.of(
                        new EntryKey(Kind.BEGUN, Ids.fromBytes(entry.getEnded().getErasureId())));
            case BEAT, ENTRY_NOT_SET -> Optional.empty();
        };
    }

    byte[] toBytes() {
        return ByteBuffer.allocate(1 + ID_BYTES)
                .put(kind.letter)
                .putLong(id.getMostSignificantBits())
                .putLong(id.getLeastSignificantBits())
                .array();
    }
}
