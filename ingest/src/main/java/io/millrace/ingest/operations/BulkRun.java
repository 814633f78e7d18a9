package io.millrace.ingest.operations;

import io.millrace.ingest.queries.BulkCounts;
import io.millrace.ingest.queries.BulkMatch;
import io.millrace.ingest.queries.Cursor;
import io.millrace.ingest.queries.ExecutionQueries;
import io.millrace.ingest.queries.Page;
import io.millrace.ingest.queries.PageRequest;
import io.millrace.ingest.queries.Reach;
import io.millrace.ingest.search.Search;
import io.millrace.ingest.validation.RefusedException;
import io.millrace.proto.Ids;
import io.millrace.proto.Moment;
import io.millrace.proto.v1.AdvanceBulkJob;
import io.millrace.proto.v1.ReplyRecord.BulkJobState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Carries one bulk job out, turn by turn, from where it stands, until it rests, ends, or another process has it. What was asked before
 * somebody died amid a page stands in the trail: it is counted from there, and not asked again. One thread at a time, which a turn blocks.
 */
final class BulkRun {

    /** There is nothing left to do here. */
    static final long OVER = -1;

    /** Items asked at the same time, at the most; after each such page the log is told how far the job is. */
    private static final int PAGE = 100;

    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
    private static final String RUNNING = "RUNNING";
    private static final String STOPPING = "STOPPING";

    private final BulkOperations bulk;
    private final ExecutionQueries queries;
    private final BulkOrder order;
    private final String process;
    private final Duration lease;

    private long claim;
    private String status;
    private @Nullable Cursor cursor;
    private long done;
    private long refused;
    private long skipped;

    /** When the lease was asked for last, by monotonic time. */
    private long renewedNanos;

    private Moment.Time since;
    private boolean caughtUp;
    private boolean itemsUnknown;

    /** @param claimed how the job stood when this process got it, a moment ago */
    BulkRun(
            BulkOperations bulk,
            ExecutionQueries queries,
            BulkJobKey job,
            String process,
            Duration lease,
            BulkJobState claimed) {
        this.bulk = bulk;
        this.queries = queries;
        this.order = BulkOrder.of(job, claimed);
        this.process = process;
        this.lease = lease;
        this.renewedNanos = System.nanoTime();
        this.since = new Moment.Time(System.currentTimeMillis());
        this.claim = claimed.getClaim();
        this.status = claimed.getStatus();
        this.cursor = BulkOperations.cursor(claimed);
        this.done = claimed.getDone();
        this.refused = claimed.getRefused();
        this.skipped = claimed.getSkipped();
    }

    /**
     * Does a part: looks whether the read model has caught up, or asks a page of items.
     *
     * @return nanoseconds until the next turn is due; {@link #OVER}: this process has nothing left to do for the job now
     * @throws RefusedException if another process has the job, in a {@link CompletionException}
     * @throws CompletionException if something cannot be reached: what came of some items may not be known
     * @throws UnknownWorkException if this version does not know what is to be done
     */
    long turn() throws InterruptedException {
        if (System.nanoTime() - renewedNanos > lease.toNanos()) {
            takeOverAgain();
        }
        BulkAction action = order.work().action();
        if (!caughtUp && !catchUp(action)) {
            return LOOK_NANOS;
        }
        if (status.equals(STOPPING)) {
            advance(false, "");
            return OVER;
        }
        Search search = order.work().search();
        if (action == null || search == null) {
            throw new UnknownWorkException(order.work().unknown());
        }
        if (bulk.isApprovalNeeded(order.request(), action)) {
            advance(false, "expected an action that nobody else has to approve, but approvals.required names it now");
            return OVER;
        }
        return page(action, search);
    }

    /** What is to be done is of a newer version: nodes that know it may run beside this one, so it is left to them. */
    static final class UnknownWorkException extends RuntimeException {

        private static final long serialVersionUID = 1L;

        UnknownWorkException(@Nullable String message) {
            super(message, null, false, false);
        }
    }

    /** Another process may have had the job since. */
    private void takeOverAgain() {
        BulkJobState again = renew();
        cursor = BulkOperations.cursor(again);
        done = again.getDone();
        refused = again.getRefused();
        skipped = again.getSkipped();
        since = new Moment.Time(System.currentTimeMillis());
        caughtUp = false;
    }

    private BulkJobState renew() {
        long now = System.nanoTime();
        BulkJobState again = bulk.claim(order.job(), process, lease).join();
        claim = again.getClaim();
        status = again.getStatus();
        renewedNanos = now;
        return again;
    }

    private long untilRenewal() {
        return lease.toNanos() / 3 - (System.nanoTime() - renewedNanos);
    }

    private void renewIfDue() {
        if (untilRenewal() <= 0) {
            renew();
        }
    }

    /** Waits for the answer, and renews the lease meanwhile. */
    private <T> T renewing(CompletableFuture<T> answer) throws InterruptedException {
        while (true) {
            renewIfDue();
            try {
                return answer.get(untilRenewal(), TimeUnit.NANOSECONDS);
            } catch (TimeoutException e) {
                // it is time to renew
            } catch (ExecutionException e) {
                throw new CompletionException(e.getCause());
            }
        }
    }

    /**
     * Looks whether the read model has all from before the claim, and takes over what stands there: what is to be found, and what those
     * before have asked and could not tell.
     */
    private boolean catchUp(@Nullable BulkAction action) throws InterruptedException {
        if (renewing(queries.reach(order.job().orgId(), since, null)) != Reach.ALL) {
            return false;
        }
        if (action != null) {
            BulkCounts beyond = renewing(bulk.counts(order.job(), action.subject(), cursor));
            done += beyond.done();
            refused += beyond.refused();
            skipped += beyond.skipped();
        }
        caughtUp = true;
        return true;
    }

    private long page(BulkAction action, Search search) throws InterruptedException {
        long begin = System.nanoTime();
        int size = Math.min(PAGE, order.rate());
        Page<BulkMatch> page =
                renewing(bulk.find(order.job().orgId(), action.subject(), search, new PageRequest(size, cursor)));
        // Rows enter and leave the query between two runs: what those before asked last may stand on any page now.
        Set<UUID> asked = renewing(bulk.asked(order.job(), page.items()));
        List<BulkMatch> left = page.items().stream()
                .filter(match -> !asked.contains(match.id()))
                .toList();
        ask(action, left);
        if (!page.rows().isEmpty()) {
            cursor = page.rows().getLast().place();
        }
        if (!advance(!page.more(), "")) {
            return OVER;
        }
        return Math.max(0, left.size() * TimeUnit.SECONDS.toNanos(1) / order.rate() - (System.nanoTime() - begin));
    }

    private void ask(BulkAction action, List<BulkMatch> matches) throws InterruptedException {
        if (matches.isEmpty()) {
            return;
        }
        itemsUnknown = true;
        List<CompletableFuture<Boolean>> answers = new ArrayList<>();
        for (BulkMatch match : matches) {
            answers.add(asked(action, match.id()));
        }
        awaitAll(CompletableFuture.allOf(answers.toArray(CompletableFuture[]::new))
                .handle((all, failure) -> Boolean.TRUE));
        CompletionException unknown = null;
        for (CompletableFuture<Boolean> answer : answers) {
            try {
                if (answer.join()) {
                    done++;
                } else {
                    skipped++;
                }
            } catch (CompletionException e) {
                if (e.getCause() instanceof RefusedException) {
                    refused++;
                } else {
                    unknown = e;
                }
            }
        }
        if (unknown != null) {
            throw unknown;
        }
        itemsUnknown = false;
    }

    /** Of all, also where one fails: whoever is next must not ask while some are under way. */
    private void awaitAll(CompletableFuture<Boolean> all) throws InterruptedException {
        try {
            renewing(all);
        } catch (CompletionException e) {
            all.join(); // it is paused or another's: the log says so when it is told how far the job is
        }
    }

    /** @return whether what was asked of some items may still come to stand on the log */
    boolean itemsUnknown() {
        return itemsUnknown;
    }

    private CompletableFuture<Boolean> asked(BulkAction action, UUID item) {
        try {
            return bulk.carryOut(order, action, item);
        } catch (RefusedException e) {
            return CompletableFuture.failedFuture(new CompletionException(e));
        }
    }

    /** @return whether it goes on */
    private boolean advance(boolean last, String failure) {
        AdvanceBulkJob.Builder advance = AdvanceBulkJob.newBuilder()
                .setClaim(claim)
                .setLeaseMs(lease.toMillis())
                .setDone(done)
                .setRefused(refused)
                .setSkipped(skipped)
                .setLast(last)
                .setFailure(failure);
        if (cursor != null) {
            advance.setCursorMs(cursor.value()).setCursorId(Ids.toByteString(cursor.id()));
        }
        long now = System.nanoTime();
        status = bulk.advance(order.job(), advance).join().getStatus();
        renewedNanos = now;
        return status.equals(RUNNING);
    }
}
