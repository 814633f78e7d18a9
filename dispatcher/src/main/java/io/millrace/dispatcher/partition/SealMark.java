package io.millrace.dispatcher.partition;

import io.millrace.dispatcher.engine.store.Storage;
import io.millrace.dispatcher.engine.store.Table;
import io.millrace.proto.mac.MacMode;

/**
 * Whether the outcomes of a partition are sealed, so that one without a seal is not to be believed. Outcomes from before
 * there were keys have none. The mark moves in the transactions of the state, so it tells of just the outcomes that are
 * in the state. Stream thread.
 */
final class SealMark {

    /** Beside the record that tells of the partition itself, the mark of what was heard, and who wrote the state. */
    private static final byte[] KEY = {3};

    private static final byte[] SET = {1};

    private final Storage storage;
    private final MacMode mode;
    private boolean set;

    SealMark(Storage storage, MacMode mode) {
        this.storage = storage;
        this.mode = mode;
        this.set = storage.get(Table.PARTITION, KEY) != null;
    }

    /** @return whether whoever wrote the next outcome had to seal it */
    boolean required() {
        return set && mode == MacMode.REQUIRE;
    }

    /** An outcome is written. While keys are only written, other nodes may have none. */
    void written() {
        if (mode == MacMode.REQUIRE && !set) {
            set = true;
            storage.put(Table.PARTITION, KEY, SET);
        } else if (mode == MacMode.OFF && set) {
            set = false;
            storage.put(Table.PARTITION, KEY, null);
        }
    }
}
