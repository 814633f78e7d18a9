package io.millrace.notifier.queue;

import io.millrace.proto.v1.ReplyRecord.WorkClaimed;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Claims that outlived their polls, by worker and holder. A claim whose answer is still to come waits for the worker's next poll,
 * which need not claim anything then. Work that came while the worker had no poll open waits for it too, for a moment.
 * Guarded by the entry's lock.
 */
final class LateClaims {

    private final Map<Poll.Taker, Deque<Orphan>> orphans = new HashMap<>(2);
    private final Map<Poll.Taker, Deque<Kept>> kept = new HashMap<>(2);

    /** A claim under way whose poll is over. */
    private record Orphan(ClaimBatch batch, int place) {}

    /** Work that a worker holds and has not been given yet. */
    static final class Kept {
        private final Poll.Taker taker;
        private final WorkClaimed.Result result;

        private Kept(Poll.Taker taker, WorkClaimed.Result result) {
            this.taker = taker;
            this.result = result;
        }

        WorkClaimed.Result result() {
            return result;
        }
    }

    boolean isEmpty() {
        return orphans.isEmpty() && kept.isEmpty();
    }

    /** The poll is over while its claim is under way. */
    void orphan(Poll poll) {
        ClaimBatch batch = Objects.requireNonNull(poll.claim(), "claim that is under way");
        int place = batch.takers().indexOf(poll);
        if (place >= 0) {
            orphans.computeIfAbsent(poll.taker(), id -> new ArrayDeque<>(2)).add(new Orphan(batch, place));
        }
    }

    /** The batch was answered, or never will be. */
    void settled(ClaimBatch batch) {
        if (orphans.isEmpty()) {
            return;
        }
        for (Poll poll : batch.takers()) {
            Deque<Orphan> all = orphans.get(poll.taker());
            if (all != null && all.removeIf(orphan -> orphan.batch == batch) && all.isEmpty()) {
                orphans.remove(poll.taker());
            }
        }
    }

    /**
     * Lets the poll take the place of an earlier one of its worker in a claim under way. Where the answer is long
     * overdue it does not wait for it: it may have work of another partition sooner, and the answer is welcome all the
     * same.
     *
     * @return whether there was such a claim
     */
    boolean adopt(Poll poll, PartitionLevels levels) {
        Deque<Orphan> all = orphans.isEmpty() ? null : orphans.get(poll.taker());
        if (all == null) {
            return false;
        }
        for (Iterator<Orphan> each = all.iterator(); each.hasNext(); ) {
            Orphan orphan = each.next();
            boolean same = orphan.batch.takers().get(orphan.place).filter().equals(poll.filter());
            if (same && !levels.partition(orphan.batch.partition()).silent()) {
                each.remove();
                if (all.isEmpty()) {
                    orphans.remove(poll.taker());
                }
                orphan.batch.taker(orphan.place, poll);
                poll.claim(orphan.batch);
                return true;
            }
        }
        return false;
    }

    /** Keeps work for the worker's next poll. */
    Kept keep(Poll.Taker taker, WorkClaimed.Result result) {
        Kept work = new Kept(taker, result);
        kept.computeIfAbsent(taker, id -> new ArrayDeque<>(2)).add(work);
        return work;
    }

    /** @return work that was kept for the poll's worker and that it takes, or null; it is kept no longer */
    WorkClaimed.@Nullable Result take(Poll poll) {
        Deque<Kept> all = kept.isEmpty() ? null : kept.get(poll.taker());
        if (all == null) {
            return null;
        }
        for (Kept work : all) {
            if (poll.filter().fits(kind(work.result))) {
                drop(work);
                return work.result;
            }
        }
        return null;
    }

    /** @return false if it is kept no longer */
    boolean drop(Kept work) {
        Deque<Kept> all = kept.get(work.taker);
        if (all == null || !all.remove(work)) {
            return false;
        }
        if (all.isEmpty()) {
            kept.remove(work.taker);
        }
        return true;
    }

    /** @return all that was kept; it is kept no longer */
    List<WorkClaimed.Result> dropAll() {
        List<WorkClaimed.Result> all = new ArrayList<>();
        kept.values().forEach(each -> each.forEach(work -> all.add(work.result)));
        kept.clear();
        return all;
    }

    static String kind(WorkClaimed.Result result) {
        return result.hasTask()
                ? result.getTask().getKind()
                : result.getWorkflow().getKind();
    }
}
