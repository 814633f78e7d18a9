package io.millrace.ingest.audit.proof;

import io.millrace.ingest.audit.tlog.Hash;
import io.millrace.ingest.audit.tlog.TlogException;
import java.nio.ByteBuffer;

/**
 * The entry of one outcome in the transparency log of its partition: 85 bytes, numbers big-endian.
 *
 * @param partition of both topics
 * @param outcomeOffset offset of the outcome's record in its partition of millrace.events
 * @param outcome hash of that record
 * @param commandOffset offset of its command's record in the same partition of millrace.commands; -1 where there is none
 * @param command hash of that record; zeroes where there is none
 */
public record OutcomeLeaf(int partition, long outcomeOffset, Hash outcome, long commandOffset, Hash command) {

    /** Bytes of an entry. */
    public static final int BYTES = 1 + 4 + 8 + Hash.BYTES + 8 + Hash.BYTES;

    /** Stands for a command that cannot be found: the outcome is none, or names an offset where no record is. */
    public static final Hash NO_COMMAND = Hash.at(new byte[Hash.BYTES], 0);

    private static final byte VERSION = 1;
    private static final int OUTCOME_HASH = 1 + 4 + 8;
    private static final int COMMAND_OFFSET = OUTCOME_HASH + Hash.BYTES;
    private static final int COMMAND_HASH = COMMAND_OFFSET + 8;

    /** @return the entry: version 1, partition, offset, hash, offset, hash */
    public byte[] encode() {
        byte[] entry = new byte[BYTES];
        ByteBuffer.wrap(entry)
                .put(VERSION)
                .putInt(partition)
                .putLong(outcomeOffset)
                .putLong(COMMAND_OFFSET, commandOffset);
        outcome.copyTo(entry, OUTCOME_HASH);
        command.copyTo(entry, COMMAND_HASH);
        return entry;
    }

    /** @throws TlogException if the entry has another length or version */
    public static OutcomeLeaf decode(byte[] entry) {
        if (entry.length != BYTES || entry[0] != VERSION) {
            throw new TlogException("expected an entry of version " + VERSION + " and " + BYTES + " bytes, but got "
                    + entry.length + " bytes" + (entry.length == 0 ? "" : " of version " + entry[0]));
        }
        ByteBuffer buffer = ByteBuffer.wrap(entry);
        return new OutcomeLeaf(
                buffer.getInt(1),
                buffer.getLong(1 + 4),
                Hash.at(entry, OUTCOME_HASH),
                buffer.getLong(COMMAND_OFFSET),
                Hash.at(entry, COMMAND_HASH));
    }
}
