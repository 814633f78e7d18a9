package io.millrace.dispatcher.engine.state;

import io.millrace.dispatcher.engine.store.Bytes;
import io.millrace.dispatcher.engine.store.DamagedRecordException;
import io.millrace.dispatcher.engine.store.Storage;
import io.millrace.dispatcher.engine.store.Table;
import io.millrace.dispatcher.engine.store.Versions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Who wrote commands of a partition, and which of their numbers were seen, so that a copy is known. It keeps the writers that began
 * last, as their ids tell. When there is one too many, the one that began first is forgotten. From then on whoever is not known and
 * began no later is told apart from a new one: whether it was seen, nobody knows. Only those that wrote of late are in memory.
 * Changes wait for the next flush, but for writers that come and go. On the partition's thread.
 */
public final class WriterStore {

    /**
     * So many writers are kept. A node has a few, new ones after each start, and none of them is older than an hour. So one that
     * still writes is forgotten only if so many others began within an hour.
     */
    static final int MOST = 16_384;

    /**
     * A writer that began so much later than numbers began to count, by its own clock, gave none before: no node's clock is so far
     * ahead.
     */
    static final long SURELY_LATER_MS = 3_600_000;

    private static final int FORM = 2;
    private static final int NEVER = -1;
    private static final int IN_MEMORY = 256;
    /** Keys of writers begin with another byte. */
    private static final byte[] ALL = {0};

    private static final byte WRITER = 1;

    private final Storage storage;
    private final int most;
    private final Map<UUID, SequenceWindow> windows = new LinkedHashMap<>(16, 0.75f, true);
    private final Set<UUID> unflushed = new LinkedHashSet<>();
    private int count;
    /** Since when each number that was given is noted, milliseconds since the epoch; {@link #NEVER}: not yet. */
    private long sinceMs = NEVER;

    private boolean sinceChanged;
    /** Who wrote last: mostly the same as before. */
    private @Nullable UUID last;

    private @Nullable SequenceWindow windowOfLast;
    /** Of those that were forgotten the one that began last. */
    private @Nullable UUID forgotten;

    /** What is known of a number of a writer. */
    public enum Found {
        /** It has not been seen. */
        NEW,
        /** It has been seen. */
        SEEN,
        /** The writer may be one that was forgotten. */
        FORGOTTEN
    }

    WriterStore(Storage storage) {
        this(storage, MOST);
    }

    /** With another number of writers, for tests. */
    WriterStore(Storage storage, int most) {
        this.storage = storage;
        this.most = most;
        byte[] stored = storage.get(Table.WRITERS, ALL);
        if (stored != null) {
            DamagedRecordException.guard(Table.WRITERS, ALL, () -> read(stored));
        }
    }

    private WriterStore read(byte[] stored) {
        Bytes in = Bytes.reader(stored);
        Versions.expect(in.u8(), FORM, "writers");
        count = in.i32();
        forgotten = in.id();
        sinceMs = in.i64();
        return this;
    }

    /**
     * @param number from 1
     * @return what is known of the number; nothing changes
     */
    public Found look(UUID writer, long number) {
        SequenceWindow window = window(writer);
        if (window != null) {
            return window.seen(number) ? Found.SEEN : Found.NEW;
        }
        return forgotten != null && compare(writer, forgotten) <= 0 ? Found.FORGOTTEN : Found.NEW;
    }

    /**
     * Notes that a number was seen that is {@link Found#NEW}. What a new writer has given before it may still come, unless it may have
     * come when numbers were not noted.
     *
     * @param nowMs time of the partition, milliseconds since the epoch
     */
    public void take(UUID writer, long number, long nowMs) {
        SequenceWindow window = window(writer);
        if (window == null) {
            if (sinceMs == NEVER) {
                sinceMs = nowMs;
            }
            boolean later = beganMs(writer) > sinceMs + SURELY_LATER_MS;
            begin(writer, later ? SequenceWindow.missingBefore(number) : SequenceWindow.startingAt(number));
        } else if (window.take(number)) {
            unflushed.add(writer);
        }
    }

    /**
     * A command was carried out whose number proves nothing, since nobody looked whether a node wrote it. Of a writer that is known the
     * number is noted, so that a copy of the command is none that is {@link Found#NEW} to whoever looks later. Nobody becomes known by
     * it: what anybody may have written lets no writer be forgotten.
     *
     * @param nowMs time of the partition, milliseconds since the epoch
     */
    public void passOver(UUID writer, long number, long nowMs) {
        SequenceWindow window = window(writer);
        if (window != null && window.take(number)) {
            unflushed.add(writer);
        }
        if (sinceMs != NEVER && sinceMs != nowMs) {
            sinceMs = nowMs;
            sinceChanged = true;
        }
    }

    /** Of an id of version 7. */
    private static long beganMs(UUID writer) {
        return writer.getMostSignificantBits() >>> 16;
    }

    private @Nullable SequenceWindow window(UUID writer) {
        if (!writer.equals(last)) {
            windowOfLast = find(writer);
            last = writer;
        }
        return windowOfLast;
    }

    private @Nullable SequenceWindow find(UUID writer) {
        SequenceWindow live = windows.get(writer);
        if (live != null) {
            return live;
        }
        byte[] key = key(writer);
        byte[] stored = storage.get(Table.WRITERS, key);
        if (stored == null) {
            return null;
        }
        SequenceWindow window = DamagedRecordException.guard(Table.WRITERS, key, () -> SequenceWindow.decode(stored));
        windows.put(writer, window);
        return window;
    }

    /** Writers come and go seldom. Stored at once, the first of them is the first that is stored. */
    private void begin(UUID writer, SequenceWindow window) {
        last = null;
        windows.put(writer, window);
        storage.put(Table.WRITERS, key(writer), window.encode());
        count++;
        if (count > most) {
            forgetFirst();
        }
        storeAll();
    }

    private void storeAll() {
        sinceChanged = false;
        storage.put(
                Table.WRITERS,
                ALL,
                Bytes.writer().u8(FORM).i32(count).id(forgotten).i64(sinceMs).finish());
    }

    private void forgetFirst() {
        List<byte[]> keys = new ArrayList<>(1);
        storage.scan(Table.WRITERS, new byte[] {WRITER}, (key, value) -> {
            keys.add(key);
            return false;
        });
        byte[] key = keys.getFirst();
        UUID first = DamagedRecordException.guard(Table.WRITERS, key, () -> writer(key));
        storage.put(Table.WRITERS, key, null);
        windows.remove(first);
        unflushed.remove(first);
        forgotten = first;
        count--;
    }

    void flush() {
        for (UUID writer : unflushed) {
            SequenceWindow window = Objects.requireNonNull(windows.get(writer), "window of a writer that wrote");
            storage.put(Table.WRITERS, key(writer), window.encode());
        }
        unflushed.clear();
        if (sinceChanged) {
            storeAll();
        }
        if (windows.size() > IN_MEMORY) {
            last = null;
            windows.keySet().stream().limit(windows.size() - IN_MEMORY).toList().forEach(windows::remove);
        }
    }

    /** The order of the keys: of ids of version 7 that is when they were made. */
    private static int compare(UUID one, UUID other) {
        int most = Long.compareUnsigned(one.getMostSignificantBits(), other.getMostSignificantBits());
        return most != 0 ? most : Long.compareUnsigned(one.getLeastSignificantBits(), other.getLeastSignificantBits());
    }

    private static byte[] key(UUID writer) {
        return Bytes.writer(1 + Bytes.ID).u8(WRITER).rawId(writer).finish();
    }

    private static UUID writer(byte[] key) {
        Bytes in = Bytes.reader(key);
        in.u8();
        return in.rawId();
    }
}
