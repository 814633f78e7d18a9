package io.millrace.proto.directory;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;

/**
 * Those who wait until this node has read a topic up to a record. A reader need not meet the record itself: compaction may
 * have taken it, and places in the log may be markers. It is enough to have come past it. Any thread.
 */
final class AwaitedOffsets {

    private final Map<Integer, NavigableMap<Long, List<CompletableFuture<Void>>>> awaited = new HashMap<>();
    private final Map<Integer, Long> next = new HashMap<>();

    /** Completes the future once the reader has come past the offset, at once where it has. */
    void await(int partition, long offset, CompletableFuture<Void> future) {
        synchronized (this) {
            if (next.getOrDefault(partition, 0L) <= offset) {
                NavigableMap<Long, List<CompletableFuture<Void>>> ofPartition =
                        awaited.computeIfAbsent(partition, number -> new TreeMap<>());
                ofPartition.computeIfAbsent(offset, place -> new ArrayList<>()).add(future);
                return;
            }
        }
        future.complete(null);
    }

    /** The reader has read all before this offset. */
    void reached(int partition, long nextOffset) {
        List<CompletableFuture<Void>> there = new ArrayList<>();
        synchronized (this) {
            next.put(partition, nextOffset);
            NavigableMap<Long, List<CompletableFuture<Void>>> ofPartition = awaited.get(partition);
            if (ofPartition == null) {
                return;
            }
            NavigableMap<Long, List<CompletableFuture<Void>>> passed = ofPartition.headMap(nextOffset, false);
            passed.values().forEach(there::addAll);
            passed.clear();
        }
        there.forEach(future -> future.complete(null));
    }

    /** Lets all go. */
    void fail(RuntimeException reason) {
        List<CompletableFuture<Void>> all = new ArrayList<>();
        synchronized (this) {
            awaited.values().forEach(ofPartition -> ofPartition.values().forEach(all::addAll));
            awaited.clear();
        }
        all.forEach(future -> future.completeExceptionally(reason));
    }
}
