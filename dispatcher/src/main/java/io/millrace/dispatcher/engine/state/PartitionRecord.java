package io.millrace.dispatcher.engine.state;

import io.millrace.dispatcher.engine.command.CommandMeta;
import io.millrace.dispatcher.engine.command.Rules;
import io.millrace.dispatcher.engine.store.Bytes;
import io.millrace.dispatcher.engine.store.DamagedRecordException;
import io.millrace.dispatcher.engine.store.Storage;
import io.millrace.dispatcher.engine.store.Table;
import io.millrace.dispatcher.engine.store.Versions;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What a partition knows of itself: its time, its hashes, its place in the log, the rules in force and its last tenure. One small
 * record, which every flush writes. On the partition's thread.
 */
final class PartitionRecord {

    private static final byte[] KEY = {0};
    private static final long NO_OFFSET = -1;
    private static final int FORM = 8;
    private static final int FORM_BEFORE_READ_LEASES = 7;
    private static final int FORM_OF_OLD_RULES = 3;

    private final Storage storage;
    private final int storedForm;
    private final PartitionTime time;
    /** Time of the command before the present one. */
    private long earlierMs;

    private long chainSequence;
    private byte[] chainHash = new byte[32];
    private byte[] outcomesHash = new byte[32];
    private long offset = NO_OFFSET;
    private boolean knowsOffset = true;
    private @Nullable UUID lastCommandId;
    private int rules = Rules.OLDEST;
    private LastTenure lastTenure = LastTenure.NONE;
    private long tenureBeganMs;
    private long ownedUntilMs;

    /** Reads what is stored. A partition without a record is a new one. */
    PartitionRecord(Storage storage) {
        this.storage = storage;
        byte[] stored = storage.get(Table.PARTITION, KEY);
        storedForm = stored == null ? FORM : stored[0];
        time = stored == null
                ? new PartitionTime(0, PartitionTime.NONE)
                : DamagedRecordException.guard(Table.PARTITION, KEY, () -> read(stored));
    }

    private PartitionTime read(byte[] stored) {
        Bytes in = Bytes.reader(stored);
        int version = in.u8();
        if (version < 1 || version > FORM) {
            Versions.expect(version, FORM, "partition");
        }
        long timeMs = in.i64();
        chainSequence = in.i64();
        chainHash = in.blob();
        outcomesHash = in.blob();
        knowsOffset = version > 1;
        offset = knowsOffset ? in.i64() : NO_OFFSET;
        if (version > 2) {
            rules = in.i32();
            lastTenure = new LastTenure(in.id(), in.text(), 0, false);
        }
        long appendedMs = version > 3 ? in.i64() : PartitionTime.NONE;
        if (version > 5) {
            tenureBeganMs = in.i64();
            ownedUntilMs = in.i64();
        }
        lastCommandId = version > 6 ? in.id() : null;
        if (version > 7) {
            lastTenure = new LastTenure(lastTenure.id(), lastTenure.node(), in.i32(), in.bool());
        }
        return new PartitionTime(timeMs, appendedMs);
    }

    void store() {
        // Until the rules are raised a node of the version before may take over.
        Bytes form = Bytes.writer()
                .u8(form())
                .i64(time.ms())
                .i64(chainSequence)
                .blob(chainHash)
                .blob(outcomesHash)
                .i64(offset)
                .i32(rules)
                .id(lastTenure.id())
                .text(lastTenure.node());
        if (oneClock()) {
            form.i64(time.appendedMs()).i64(tenureBeganMs).i64(ownedUntilMs).id(lastCommandId);
        }
        if (tellsOfReadLeases()) {
            form.i32(lastTenure.readLeaseMs()).bool(lastTenure.afterOthers());
        }
        storage.put(Table.PARTITION, KEY, form.finish());
    }

    private int form() {
        if (tellsOfReadLeases()) {
            return FORM;
        }
        return oneClock() ? FORM_BEFORE_READ_LEASES : FORM_OF_OLD_RULES;
    }

    /** @return the number of the form in which the record was stored; that of today for a new partition */
    int storedForm() {
        return storedForm;
    }

    // ---- time and rules

    PartitionTime time() {
        return time;
    }

    void advanceTime(CommandMeta meta) {
        earlierMs = time.ms();
        time.advance(meta, rules);
    }

    /** It was recorded that this was the time, and that these rules decided. */
    void at(long recordedMs, long appendedMs, int recordedRules) {
        earlierMs = time.ms();
        time.set(recordedMs, appendedMs);
        rules = recordedRules;
    }

    int rules() {
        return rules;
    }

    void rules(int version) {
        rules = version;
    }

    boolean oneClock() {
        return rules >= Rules.ONE_CLOCK;
    }

    /** Nearly always there is nothing to tell, and the form is that of before. */
    private boolean tellsOfReadLeases() {
        return lastTenure.readLeaseMs() > 0 || lastTenure.afterOthers();
    }

    private boolean knowsReadLeases() {
        return rules >= Rules.READ_LEASES;
    }

    // ---- place in the log

    long offset() {
        return offset;
    }

    boolean knowsOffset() {
        return knowsOffset;
    }

    @Nullable
    UUID lastCommandId() {
        return lastCommandId;
    }

    void carriedOut(long ofLastCommand, UUID commandId) {
        offset = ofLastCommand;
        lastCommandId = commandId;
        knowsOffset = true;
    }

    // ---- hashes

    /** @return number of the last link of the chain of events, 0 before the first */
    long chainSequence() {
        return chainSequence;
    }

    /** @return hash of that link; not to be changed */
    byte[] chainHash() {
        return chainHash;
    }

    /** The chain of events goes on with this link; the array must not change afterwards. */
    void chain(long sequence, byte[] hash) {
        chainSequence = sequence;
        chainHash = hash;
    }

    byte[] outcomesHash() {
        return outcomesHash;
    }

    void outcomesHash(byte[] hash) {
        outcomesHash = hash;
    }

    // ---- tenure

    LastTenure lastTenure() {
        return lastTenure;
    }

    long tenureBeganMs() {
        return tenureBeganMs;
    }

    long ownedUntilMs() {
        return ownedUntilMs;
    }

    /**
     * Notes who owns the partition. Commands come while nobody owns it too, so
     * the last of them says little of how long somebody did. It has to do where the new owner tells nothing.
     */
    void tenure(UUID id, String node, long ownedBeforeUntilMs, int readLeaseMs) {
        lastTenure =
                knowsReadLeases() ? lastTenure.followedBy(id, node, readLeaseMs) : new LastTenure(id, node, 0, false);
        if (rules >= Rules.SERVER_LOSSES) {
            tenureBeganMs = time.ms();
            ownedUntilMs = ownedBeforeUntilMs > 0 ? Math.min(ownedBeforeUntilMs, earlierMs) : earlierMs;
        }
    }

    /** The last owner stopped in order. */
    void tenureEnded() {
        lastTenure = LastTenure.NONE;
    }
}
