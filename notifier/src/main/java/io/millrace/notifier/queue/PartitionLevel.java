package io.millrace.notifier.queue;

import io.millrace.proto.v1.WorkAvailable;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Ready work of one partition of a queue, and the claims on it that are not answered. Guarded by the entry's lock. */
final class PartitionLevel {

    /** Order of a piece of which nobody said it: after all others. */
    static final long UNKNOWN = Long.MAX_VALUE;

    private final int partition;
    private final Map<String, Count> kinds = new HashMap<>(4);
    private long position = -1;
    private final Set<ClaimBatch> unanswered = new LinkedHashSet<>(4);
    private int commandsUnanswered;
    private boolean blocked;
    private boolean silent;
    private boolean watched;
    private @Nullable ClaimBatch gathering;

    PartitionLevel(int partition) {
        this.partition = partition;
    }

    int partition() {
        return partition;
    }

    /** @return false if something newer is known already */
    boolean apply(WorkAvailable level) {
        if (level.getPosition() < position) {
            return false;
        }
        position = level.getPosition();
        if (level.getComplete()) {
            forgetUnnamed(level);
        }
        for (WorkAvailable.KindReady ready : level.getKindsList()) {
            Count count = count(ready.getKind());
            count.ready = Math.max(0, ready.getReady());
            count.headOrderMs = ready.hasHeadOrderMs() ? ready.getHeadOrderMs() : UNKNOWN;
            dropIfNothing(ready.getKind());
        }
        return true;
    }

    private void forgetUnnamed(WorkAvailable level) {
        if (kinds.isEmpty()) {
            return;
        }
        Set<String> named = new HashSet<>();
        level.getKindsList().forEach(ready -> named.add(ready.getKind()));
        kinds.forEach((kind, count) -> {
            if (!named.contains(kind)) {
                count.ready = 0;
            }
        });
        kinds.values().removeIf(Count::isNothing);
    }

    /** @return pieces of the kind that are ready and on which no claim is under way */
    int free(String kind) {
        Count count = kinds.get(kind);
        return count == null ? 0 : count.free();
    }

    /** @return pieces of the kind that are ready, claims under way or not */
    int ready(String kind) {
        Count count = kinds.get(kind);
        return count == null ? 0 : count.ready;
    }

    /** Adds the free pieces of each kind to the totals. */
    void addFreeTo(Map<String, Integer> totals) {
        kinds.forEach((kind, count) -> {
            if (count.free() > 0) {
                totals.merge(kind, count.free(), Integer::sum);
            }
        });
    }

    /** @return the kind with the first free piece that fits, as far as their order is known, or null */
    @Nullable
    String freeKind(KindFilter filter) {
        String first = null;
        long firstMs = UNKNOWN;
        for (Map.Entry<String, Count> entry : kinds.entrySet()) {
            Count count = entry.getValue();
            if (count.free() > 0 && filter.fits(entry.getKey()) && (first == null || count.freeOrderMs() < firstMs)) {
                first = entry.getKey();
                firstMs = count.freeOrderMs();
            }
        }
        return first;
    }

    /** @return order of the first free piece of the kind, or {@link #UNKNOWN} */
    long freeOrderMs(String kind) {
        return Objects.requireNonNull(kinds.get(kind), "kind that is free").freeOrderMs();
    }

    void reserve(String kind) {
        count(kind).reserved++;
    }

    void release(String kind) {
        count(kind).reserved--;
        dropIfNothing(kind);
    }

    /** Claims without an answer, oldest first. */
    Set<ClaimBatch> unanswered() {
        return unanswered;
    }

    /** @return how many of them are commands of their own */
    int commandsUnanswered() {
        return commandsUnanswered;
    }

    void sent(ClaimBatch batch) {
        unanswered.add(batch);
        commandsUnanswered += batch.isRiding() ? 0 : 1;
    }

    void answered(ClaimBatch batch) {
        if (unanswered.remove(batch) && !batch.isRiding()) {
            commandsUnanswered--;
        }
        silent = false;
    }

    /** @return whether an answer is long overdue: perhaps nobody owns the partition now */
    boolean silent() {
        return silent;
    }

    /** @return false if it was silent already */
    boolean fallSilent() {
        boolean news = !silent;
        silent = true;
        return news;
    }

    /** @return whether somebody comes back to look for overdue answers */
    boolean watched() {
        return watched;
    }

    void watched(boolean now) {
        watched = now;
    }

    /** @return whether claims pause here because one failed */
    boolean blocked() {
        return blocked;
    }

    void blocked(boolean now) {
        blocked = now;
    }

    /** @return the command that claims gather in while polls are matched, or null */
    @Nullable
    ClaimBatch gathering() {
        return gathering;
    }

    void gathering(@Nullable ClaimBatch batch) {
        gathering = batch;
    }

    boolean isEmpty() {
        return kinds.isEmpty() && unanswered.isEmpty() && !blocked;
    }

    private Count count(String kind) {
        return kinds.computeIfAbsent(kind, k -> new Count());
    }

    private void dropIfNothing(String kind) {
        Count count = kinds.get(kind);
        if (count != null && count.isNothing()) {
            kinds.remove(kind);
        }
    }

    private static final class Count {
        private int ready;
        private int reserved;
        private long headOrderMs = UNKNOWN;

        int free() {
            return Math.max(0, ready - reserved);
        }

        /** Behind pieces that are about to be taken nothing is known. */
        long freeOrderMs() {
            return reserved == 0 ? headOrderMs : UNKNOWN;
        }

        boolean isNothing() {
            return ready == 0 && reserved == 0;
        }
    }
}
