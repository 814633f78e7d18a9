package io.millrace.proto.directory;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;

/**
 * Futures that wait until this node has read a topic up to a record. It is enough that the reader has come past the
 * record: compaction may have taken it, and some places of a log are only markers. Any thread.
 */
final class AwaitedOffsets {

    private final Map<Integer, NavigableMap<Long, List<CompletableFuture<Void>>>> awaited = new HashMap<>();
    private final Map<Integer, Long> next = new HashMap<>();

    /** Completes the future once the reader has come past the offset; at once if it has already. */
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

    /** To be called when the reader has read all before this offset. */
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

    /** Fails all futures that wait. */
    void fail(RuntimeException reason) {
        List<CompletableFuture<Void>> all = new ArrayList<>();
        synchronized (this) {
            awaited.values().forEach(ofPartition -> ofPartition.values().forEach(all::addAll));
            awaited.clear();
        }
        all.forEach(future -> future.completeExceptionally(reason));
    }
}
