package io.millrace.dispatcher.engine.store;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * Things that leave at about the same time, in buckets of that time. Millions may wait for a day, and only the times of
 * the buckets need be in memory. What is in a bucket is read once, when its time has come; nothing enters it from then
 * on. One thread.
 */
public final class Buckets {

    private static final byte[] PRESENT = {1};

    private final Storage storage;
    private final Table table;
    private final Map<Entry, Boolean> unflushed = new HashMap<>();
    /** What is left of the bucket whose time has come. */
    private final TreeSet<Key> emptying = new TreeSet<>();

    private long emptyingMs = Long.MIN_VALUE;

    private record Entry(long bucketMs, Key key) {}

    private record Key(byte[] bytes) implements Comparable<Key> {

        @Override
        public int compareTo(Key other) {
            return Arrays.compareUnsigned(bytes, other.bytes);
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Key key && Arrays.equals(bytes, key.bytes);
        }

        @Override
        public int hashCode() {
            return Arrays.hashCode(bytes);
        }
    }

    public Buckets(Storage storage, Table table) {
        this.storage = storage;
        this.table = table;
    }

    /** @return when the bucket is over that a time lies in */
    public static long bucketMs(long timeMs, long lengthMs) {
        return (timeMs / lengthMs + 1) * lengthMs;
    }

    /** Puts in what is in no bucket. */
    public void add(long bucketMs, byte[] key) {
        note(new Entry(bucketMs, new Key(key)), true);
    }

    /** Takes out; what is not there may be taken out too. */
    public void remove(long bucketMs, byte[] key) {
        Entry entry = new Entry(bucketMs, new Key(key));
        note(entry, false);
        if (bucketMs == emptyingMs) {
            emptying.remove(entry.key);
        }
    }

    private void note(Entry entry, boolean present) {
        Boolean earlier = unflushed.put(entry, present);
        if (earlier != null && earlier != present) {
            unflushed.remove(entry); // the store is right as it is
        }
    }

    /** @return so many of the bucket at the most, in the order of their bytes */
    public List<byte[]> first(long bucketMs, int limit) {
        if (bucketMs != emptyingMs) {
            read(bucketMs);
        }
        return emptying.stream().limit(limit).map(Key::bytes).toList();
    }

    /** @return whether the key is in the bucket, whose time has come */
    public boolean has(long bucketMs, byte[] key) {
        if (bucketMs != emptyingMs) {
            read(bucketMs);
        }
        return emptying.contains(new Key(key));
    }

    private void read(long bucketMs) {
        emptyingMs = bucketMs;
        emptying.clear();
        byte[] prefix = Bytes.writer().i64(bucketMs).finish();
        storage.scan(table, prefix, (key, value) -> {
            emptying.add(new Key(Arrays.copyOfRange(key, prefix.length, key.length)));
            return true;
        });
        unflushed.forEach((entry, present) -> {
            if (entry.bucketMs == bucketMs && present) {
                emptying.add(entry.key);
            } else if (entry.bucketMs == bucketMs) {
                emptying.remove(entry.key);
            }
        });
    }

    public void flush() {
        unflushed.forEach((entry, present) -> storage.put(
                table,
                Bytes.writer(Long.BYTES + entry.key.bytes.length)
                        .i64(entry.bucketMs)
                        .raw(entry.key.bytes)
                        .finish(),
                present ? PRESENT : null));
        unflushed.clear();
    }
}
