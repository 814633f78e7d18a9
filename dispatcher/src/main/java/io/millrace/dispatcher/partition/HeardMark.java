package io.millrace.dispatcher.partition;

import io.millrace.dispatcher.engine.store.Bytes;
import io.millrace.dispatcher.engine.store.Storage;
import io.millrace.dispatcher.engine.store.Table;
import io.millrace.dispatcher.engine.store.Versions;

/**
 * Up to which command the outcomes of a partition stand on the events topic. The offset that the group has committed
 * does not always tell: not while a state is made good from the log, and not while a partition stands still. It moves
 * in the transactions of the state, so a crash does not lose it. Stream thread.
 */
final class HeardMark {

    /** Beside the one record that tells of the partition itself. */
    private static final byte[] KEY = {1};

    private static final int FORM = 1;

    private final Storage storage;
    private boolean set;
    private long until;
    private long sentBeforeMs;

    HeardMark(Storage storage) {
        this.storage = storage;
        byte[] stored = storage.get(Table.PARTITION, KEY);
        if (stored != null) {
            Bytes in = Bytes.reader(stored);
            Versions.expect(in.u8(), FORM, "mark of the outcomes");
            set = true;
            until = in.i64();
            sentBeforeMs = in.i64();
        }
    }

    boolean set() {
        return set;
    }

    /** @return offset of the last command whose outcome stands there */
    long until() {
        return until;
    }

    /** @return append time before which commands' own commands for other partitions have certainly arrived there */
    long sentBeforeMs() {
        return sentBeforeMs;
    }

    void set(long untilOffset, long sentBefore) {
        set = true;
        until = untilOffset;
        sentBeforeMs = sentBefore;
        storage.put(
                Table.PARTITION,
                KEY,
                Bytes.writer().u8(FORM).i64(untilOffset).i64(sentBefore).finish());
    }

    void clear() {
        set = false;
        storage.put(Table.PARTITION, KEY, null);
    }
}
