package io.millrace.proto.mac;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.WireFormat;
import io.millrace.proto.v1.CommandRecord;
import io.millrace.proto.v1.MacVerdict;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.UUID;
import javax.crypto.Mac;
import javax.crypto.ShortBufferException;

/**
 * Puts MACs on the commands that a node writes, and checks those of others. The MAC is the last field of the record:
 * its tag, its length, 32 bytes of HMAC-SHA256, and the id of the key. It covers the partition's number (four bytes,
 * big-endian) and all bytes of the record in front of that field. So it is a part of the record on Kafka, and readers
 * that do not know the field skip it. Immutable, safe from any thread, never blocks.
 */
public final class CommandMacs {

    /** For nodes that neither write nor check MACs. */
    public static final CommandMacs OFF = new CommandMacs(MacMode.OFF, MacKeys.NONE);

    private static final int MAC_BYTES = 32;
    private static final byte[] TAG = tag(CommandRecord.MAC_FIELD_NUMBER, WireFormat.WIRETYPE_LENGTH_DELIMITED);
    private static final byte[] WRITER_TAG =
            tag(CommandRecord.WRITER_FIELD_NUMBER, WireFormat.WIRETYPE_LENGTH_DELIMITED);
    private static final byte[] SEQUENCE_TAG =
            tag(CommandRecord.WRITER_SEQUENCE_FIELD_NUMBER, WireFormat.WIRETYPE_FIXED64);
    private static final int ID_BYTES = 16;
    private static final int NUMBER_BYTES = WRITER_TAG.length + 1 + ID_BYTES + SEQUENCE_TAG.length + Long.BYTES;
    /** Tag and length. The length takes one byte, as a MAC with its key's id is always shorter than 128 bytes. */
    private static final int HEAD_BYTES = TAG.length + 1;

    private final MacMode mode;
    private final MacKeys keys;

    /**
     * @param keys may be empty only if the mode is OFF
     * @throws IllegalArgumentException if they are empty in another mode
     */
    public CommandMacs(MacMode mode, MacKeys keys) {
        if (mode != MacMode.OFF && keys.all().isEmpty()) {
            throw new IllegalArgumentException("expected a key for the MACs of commands, but there is none");
        }
        this.mode = mode;
        this.keys = keys;
    }

    private static byte[] tag(int field, int wireType) {
        byte[] bytes = new byte[CodedOutputStream.computeTagSize(field)];
        CodedOutputStream out = CodedOutputStream.newInstance(bytes);
        try {
            out.writeTag(field, wireType);
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "expected a tag of " + bytes.length + " bytes, but it has another length", e);
        }
        return bytes;
    }

    /** @return what this node does with MACs */
    public MacMode mode() {
        return mode;
    }

    /** @return the keys, none in the mode OFF */
    MacKeys keys() {
        return mode == MacMode.OFF ? MacKeys.NONE : keys;
    }

    /** @return the bytes of the record for that partition of the log, with its MAC, and without a number */
    public byte[] seal(int partition, CommandRecord command) {
        return seal(partition, encode(command, fieldBytes()), command.getSerializedSize());
    }

    /** @return the command, with room for so many bytes behind it */
    public static byte[] encode(CommandRecord command, int more) {
        int size = command.getSerializedSize();
        byte[] record = new byte[size + more];
        CodedOutputStream out = CodedOutputStream.newInstance(record, 0, size);
        try {
            command.writeTo(out);
        } catch (IOException e) {
            throw new UncheckedIOException("expected a command of " + size + " bytes, but it has another length", e);
        }
        out.checkNoSpaceLeft();
        return record;
    }

    /** As above, for a command that is already encoded, without a MAC. */
    public byte[] seal(int partition, byte[] command) {
        int more = fieldBytes();
        return more == 0 ? command : seal(partition, Arrays.copyOf(command, command.length + more), command.length);
    }

    /** @return what {@link #seal(int, byte[], int, UUID, long)} needs behind the command, bytes; 0 in the mode OFF */
    public int numberedBytes() {
        return mode == MacMode.OFF ? 0 : NUMBER_BYTES + fieldBytes();
    }

    /**
     * Puts the number of the record and a MAC over all of it behind a command. In the mode OFF it does nothing.
     *
     * @param partition of the log, where the record is to stand
     * @param record the command, without a number and a MAC, and room for {@link #numberedBytes()} behind it
     * @param size of the command, bytes
     * @param writer who hands the record to Kafka
     * @param number of the record among those of the writer in the partition, from 1
     */
    public void seal(int partition, byte[] record, int size, UUID writer, long number) {
        if (mode == MacMode.OFF) {
            return;
        }
        ByteBuffer.wrap(record, size, NUMBER_BYTES)
                .put(WRITER_TAG)
                .put((byte) ID_BYTES)
                .putLong(writer.getMostSignificantBits())
                .putLong(writer.getLeastSignificantBits())
                .put(SEQUENCE_TAG)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(number);
        seal(partition, record, size + NUMBER_BYTES);
    }

    /** As above, into an array of its own. */
    public byte[] seal(int partition, byte[] command, UUID writer, long number) {
        byte[] record = Arrays.copyOf(command, command.length + numberedBytes());
        seal(partition, record, command.length, writer, number);
        return record;
    }

    private int fieldBytes() {
        return mode == MacMode.OFF
                ? 0
                : HEAD_BYTES + MAC_BYTES + keys.all().getFirst().idBytes().length;
    }

    private byte[] seal(int partition, byte[] record, int size) {
        if (mode == MacMode.OFF) {
            return record;
        }
        MacKey key = keys.all().getFirst();
        byte[] id = key.idBytes();
        System.arraycopy(TAG, 0, record, size, TAG.length);
        record[size + TAG.length] = (byte) (MAC_BYTES + id.length);
        try {
            over(key, partition, record, size).doFinal(record, size + HEAD_BYTES);
        } catch (ShortBufferException e) {
            throw new IllegalStateException("expected a MAC of " + MAC_BYTES + " bytes, but it is longer", e);
        }
        System.arraycopy(id, 0, record, size + HEAD_BYTES + MAC_BYTES, id.length);
        return record;
    }

    private static Mac over(MacKey key, int partition, byte[] record, int size) {
        Mac mac = key.mac();
        mac.update((byte) (partition >>> 24));
        mac.update((byte) (partition >>> 16));
        mac.update((byte) (partition >>> 8));
        mac.update((byte) partition);
        mac.update(record, 0, size);
        return mac;
    }

    /**
     * Says what the MAC of a record proves. In the mode OFF nothing is checked.
     *
     * @param partition where the record stands
     * @param record bytes of the record
     * @param command the same record, decoded
     */
    public MacVerdict check(int partition, byte[] record, CommandRecord command) {
        if (mode == MacMode.OFF) {
            return MacVerdict.MAC_UNCHECKED;
        }
        int length = command.getMac().size();
        int start = record.length - length - HEAD_BYTES;
        if (length <= MAC_BYTES || start < 0 || !isHead(record, start, length)) {
            return MacVerdict.MAC_MISSING;
        }
        MacKey key = keys.named(record, start + HEAD_BYTES + MAC_BYTES, record.length);
        if (key == null) {
            return MacVerdict.MAC_OF_UNKNOWN_KEY;
        }
        byte[] expected = over(key, partition, record, start).doFinal();
        byte[] found = Arrays.copyOfRange(record, start + HEAD_BYTES, start + HEAD_BYTES + MAC_BYTES);
        return MessageDigest.isEqual(expected, found) ? MacVerdict.MAC_VALID : MacVerdict.MAC_WRONG;
    }

    /**
     * Tells by which key a MAC is that {@link #check} found valid.
     *
     * @param command the record, decoded
     * @return whether it is the key with which this node writes; false also in the mode OFF
     */
    public boolean isByOwnKey(CommandRecord command) {
        byte[] mac = command.getMac().toByteArray();
        if (mode == MacMode.OFF || mac.length <= MAC_BYTES) {
            return false;
        }
        byte[] id = keys.all().getFirst().idBytes();
        return Arrays.equals(mac, MAC_BYTES, mac.length, id, 0, id.length);
    }

    private static boolean isHead(byte[] record, int start, int length) {
        return Arrays.equals(record, start, start + TAG.length, TAG, 0, TAG.length)
                && record[start + TAG.length] == (byte) length;
    }
}
