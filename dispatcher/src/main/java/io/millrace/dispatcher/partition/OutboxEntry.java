package io.millrace.dispatcher.partition;

import io.millrace.dispatcher.codec.OutgoingEncoder;
import io.millrace.dispatcher.engine.store.Bytes;
import java.util.Arrays;
import java.util.UUID;

/**
 * A command on its way to another partition. Its stored key tells its place in the order of decisions, then its
 * subject, then its id. The place is the offset of the command that caused it, and its number among those that this
 * command caused. Keys of before there was an order are the id alone; these come before all others, in any order.
 */
final class OutboxEntry implements Comparable<OutboxEntry> {

    /** Of a key that tells none; any other is positive. */
    static final int UNKNOWN_SUBJECT = -1;

    private static final int ID_BYTES = 16;

    private final byte[] key;
    private final int subject;
    private final int partition;
    private final byte[] command;
    /** Stream thread. */
    private boolean stored;

    private volatile boolean arrived;
    /** It may have been sent before, by this owner or by another. */
    private volatile boolean again;

    private OutboxEntry(byte[] key, int subject, int partition, byte[] command) {
        this.key = key;
        this.subject = subject;
        this.partition = partition;
        this.command = command;
    }

    /**
     * @param offset of the command that caused it
     * @param which of that one's it is, from 0
     * @param id of the command
     * @param subject what it is about; of two about the same the first has to arrive before the second leaves
     */
    static OutboxEntry decided(long offset, int which, UUID id, int subject, int partition, byte[] command) {
        byte[] key =
                Bytes.writer().i64(offset).i32(which).i32(subject).rawId(id).finish();
        return new OutboxEntry(key, subject, partition, command);
    }

    static OutboxEntry stored(byte[] key, byte[] value) {
        boolean ordered = key.length > ID_BYTES;
        int subject = UNKNOWN_SUBJECT;
        if (ordered) {
            Bytes in = Bytes.reader(key);
            in.i64();
            in.i32();
            subject = in.i32();
        }
        Bytes in = Bytes.reader(value);
        OutboxEntry entry = new OutboxEntry(key, subject, in.i32(), in.rest());
        entry.stored = true;
        entry.again = true;
        return entry;
    }

    byte[] storedKey() {
        return key;
    }

    byte[] storedValue() {
        return Bytes.writer().i32(partition).raw(command).finish();
    }

    /** @return id of the command */
    byte[] id() {
        return Arrays.copyOfRange(key, key.length - ID_BYTES, key.length);
    }

    int subject() {
        return subject;
    }

    int partition() {
        return partition;
    }

    /** @return the record to be sent, which tells if it may have been sent before */
    byte[] command() {
        return again ? OutgoingEncoder.again(command) : command;
    }

    /** It was sent, and nobody knows what became of it. */
    void again() {
        again = true;
    }

    boolean stored() {
        return stored;
    }

    void stored(boolean is) {
        stored = is;
    }

    /** @return whether Kafka has it */
    boolean arrived() {
        return arrived;
    }

    void arrive() {
        arrived = true;
    }

    @Override
    public int compareTo(OutboxEntry other) {
        boolean ordered = key.length > ID_BYTES;
        boolean otherOrdered = other.key.length > ID_BYTES;
        return ordered == otherOrdered ? Arrays.compareUnsigned(key, other.key) : ordered ? 1 : -1;
    }

    @Override
    public String toString() {
        return "command " + Bytes.reader(id()).rawId() + " to partition " + partition;
    }
}
