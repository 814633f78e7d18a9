package io.millrace.proto.mac;

import io.millrace.proto.v1.MacVerdict;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import javax.crypto.Mac;
import org.jspecify.annotations.Nullable;

/**
 * Seals records on topics other than that of the commands, by which nodes know what nodes of their own installation
 * wrote. The seal is 32 bytes of HMAC-SHA256 and the id of the key, and stands in a header of the record on Kafka.
 * It covers a number of the kind of record, as no partition has it, then where the record belongs, with its length in
 * front (four bytes, big-endian), and the value. So the record itself stays as it is. Immutable, safe from any thread,
 * never blocks.
 */
public final class RecordSeals {

    /** What is sealed. A seal of one kind is worth nothing on another. */
    public enum Kind {
        /** Outcomes; they belong to their partition. */
        OUTCOME(-4),
        /** Entries of the directory; they belong to their key. */
        DIRECTORY(-5),
        /** Answers; they belong to the node that waits. */
        REPLY(-6);

        private final int number;

        Kind(int number) {
            this.number = number;
        }
    }

    private static final int MAC_BYTES = 32;

    private final Kind kind;
    private final MacMode mode;
    private final MacKeys keys;

    /** @param macs tells the keys, and whether they count; without keys nothing is sealed or checked */
    public RecordSeals(Kind kind, CommandMacs macs) {
        this.kind = kind;
        this.mode = macs.mode();
        this.keys = macs.keys();
    }

    /** @return what nodes do with seals, as with the MACs of commands */
    public MacMode mode() {
        return mode;
    }

    /** @return the seal of a record, null where nodes have no keys */
    public byte @Nullable [] seal(byte[] place, byte[] value) {
        if (mode == MacMode.OFF) {
            return null;
        }
        MacKey key = keys.all().getFirst();
        byte[] mac = mac(key, place, value);
        byte[] id = key.idBytes();
        byte[] seal = Arrays.copyOf(mac, MAC_BYTES + id.length);
        System.arraycopy(id, 0, seal, MAC_BYTES, id.length);
        return seal;
    }

    /** @return what the seal that a record has, or none, proves: {@link MacVerdict#MAC_UNCHECKED} where nodes have no keys */
    public MacVerdict check(byte[] place, byte[] value, byte @Nullable [] seal) {
        if (mode == MacMode.OFF) {
            return MacVerdict.MAC_UNCHECKED;
        }
        if (seal == null || seal.length <= MAC_BYTES) {
            return MacVerdict.MAC_MISSING;
        }
        MacKey key = keys.named(seal, MAC_BYTES, seal.length);
        if (key == null) {
            return MacVerdict.MAC_OF_UNKNOWN_KEY;
        }
        return MessageDigest.isEqual(mac(key, place, value), Arrays.copyOf(seal, MAC_BYTES))
                ? MacVerdict.MAC_VALID
                : MacVerdict.MAC_WRONG;
    }

    /**
     * @return whether a record with this verdict is to be believed: always, unless all nodes have to write seals
     *     ({@link MacMode#REQUIRE})
     */
    public boolean believes(MacVerdict verdict) {
        return mode != MacMode.REQUIRE || verdict == MacVerdict.MAC_VALID;
    }

    /** @return the number of a partition as what a record belongs to */
    public static byte[] place(int partition) {
        return fourBytes(partition);
    }

    /** @return a text as what a record belongs to */
    public static byte[] place(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private byte[] mac(MacKey key, byte[] place, byte[] value) {
        Mac mac = key.mac();
        mac.update(fourBytes(kind.number));
        mac.update(fourBytes(place.length));
        mac.update(place);
        mac.update(value);
        return mac.doFinal();
    }

    private static byte[] fourBytes(int number) {
        return ByteBuffer.allocate(Integer.BYTES).putInt(number).array();
    }
}
