package io.millrace.ingest.operations;

import io.millrace.ingest.auth.Request;
import io.millrace.ingest.queries.At;
import io.millrace.ingest.queries.BulkItem;
import io.millrace.ingest.queries.BulkJobRow;
import io.millrace.ingest.queries.BulkMatch;
import io.millrace.ingest.queries.Cursor;
import io.millrace.ingest.queries.ExecutionQueries;
import io.millrace.ingest.queries.Page;
import io.millrace.ingest.queries.PageRequest;
import io.millrace.ingest.queries.Reach;
import io.millrace.ingest.search.Search;
import io.millrace.ingest.search.SearchFault;
import io.millrace.ingest.validation.RefusedException;
import io.millrace.proto.Ids;
import io.millrace.proto.auth.Caller;
import io.millrace.proto.v1.AdvanceBulkJob;
import io.millrace.proto.v1.Principal;
import io.millrace.proto.v1.ReplyRecord.BulkJobState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Carries one bulk job out, from where it stands, until it rests, ends, or another process has it. What was asked before somebody died
 * amid a page stands in the trail: it is counted from there, and not asked again. One thread, which it blocks.
 */
final class BulkRun {

    /** Items asked at the same time, at the most; after each such page the log is told how far the job is. */
    private static final int PAGE = 100;

    private static final long LOOK_MS = 100;
    private static final String RUNNING = "RUNNING";
    private static final String STOPPING = "STOPPING";

    private final BulkOperations bulk;
    private final ExecutionQueries queries;
    private final BulkJobRow job;
    private final String process;
    private final Duration lease;

    private long claim;
    private String status;
    private @Nullable Cursor cursor;
    private long done;
    private long refused;
    private long skipped;

    /** @param claimed how the job stood when this process got it */
    BulkRun(
            BulkOperations bulk,
            ExecutionQueries queries,
            BulkJobRow job,
            String process,
            Duration lease,
            BulkJobState claimed) {
        this.bulk = bulk;
        this.queries = queries;
        this.job = asTheLogHasIt(job, claimed);
        this.process = process;
        this.lease = lease;
        this.claim = claimed.getClaim();
        this.status = claimed.getStatus();
        this.cursor = BulkOperations.cursor(claimed);
        this.done = claimed.getDone();
        this.refused = claimed.getRefused();
        this.skipped = claimed.getSkipped();
    }

    /**
     * Goes on until there is nothing left to do here.
     *
     * @throws RefusedException if another process has the job
     * @throws CompletionException if something cannot be reached: what came of some items may not be known
     */
    void run() throws InterruptedException {
        catchUp();
        if (status.equals(STOPPING)) {
            advance(false, "");
            return;
        }
        BulkAction action = BulkAction.of(job.action()).orElse(null);
        String fault = action == null ? "expected an action that this version knows, but got " + job.action() : null;
        Search search = null;
        if (action != null) {
            try {
                search = Search.parse(action.subject(), job.query()).asOf(action.subject(), job.begunMs());
            } catch (SearchFault e) {
                fault = e.getMessage();
            }
            if (bulk.isApprovalNeeded(request(), action)) {
                fault = "expected an action that nobody else has to approve, but approvals.required names it now";
            }
        }
        if (action == null || search == null || fault != null) {
            advance(false, String.valueOf(fault));
            return;
        }
        carryOut(action, search);
    }

    /** Whoever can write to the database must not be able to ask in another's name: what is to be done is not taken from there. */
    private static BulkJobRow asTheLogHasIt(BulkJobRow row, BulkJobState claimed) {
        return new BulkJobRow(
                row.orgId(),
                row.id(),
                claimed.getStatus(),
                row.statusBy(),
                row.statusReason(),
                claimed.getAction(),
                claimed.getQuery(),
                claimed.getRate(),
                claimed.getForceAfterMs(),
                row.expected(),
                claimed.getReason(),
                claimed.getRequestedBy(),
                claimed.getRole(),
                claimed.getCredential(),
                claimed.getBegunMs(),
                row.changedMs(),
                claimed.getDone(),
                claimed.getRefused(),
                claimed.getSkipped(),
                row.runner(),
                row.claimedUntilMs());
    }

    private Request request() {
        Principal principal = Principal.newBuilder()
                .setType(Principal.Type.USER)
                .setId(job.requestedBy())
                .setRole(job.role())
                .setCredential(job.credential())
                .build();
        return new Request(new Caller(job.orgId(), "", principal, ""), "bulk job", "", job.reason()).of(job.id());
    }

    /**
     * Waits until the read model has all from before the claim, and takes over what stands there: what is to be found, and what those
     * before have asked already.
     */
    private void catchUp() throws InterruptedException {
        At.Time now = new At.Time(System.currentTimeMillis());
        long renewed = System.nanoTime();
        while (queries.reach(job.orgId(), now, null).join() != Reach.ALL) {
            if (System.nanoTime() - renewed > lease.toNanos() / 3) {
                renewed = System.nanoTime();
                BulkJobState again = bulk.claim(job, process, lease).join();
                claim = again.getClaim();
                status = again.getStatus();
            }
            TimeUnit.MILLISECONDS.sleep(LOOK_MS);
        }
        BulkItem.Tally tally = bulk.tally(job).join();
        done = tally.done();
        refused = tally.refused();
        skipped = tally.skipped();
    }

    private void carryOut(BulkAction action, Search search) throws InterruptedException {
        int size = Math.min(PAGE, job.rate());
        while (true) {
            long begin = System.nanoTime();
            Page<BulkMatch> page = bulk.find(job.orgId(), action.subject(), search, new PageRequest(size, cursor))
                    .join();
            // Rows enter and leave the query between two runs: what those before asked last may stand on any page now.
            Set<UUID> asked = bulk.asked(job, page.items()).join();
            List<BulkMatch> left = page.items().stream()
                    .filter(match -> !asked.contains(match.id()))
                    .toList();
            ask(action, left);
            if (!page.rows().isEmpty()) {
                cursor = page.rows().getLast().place();
            }
            if (!advance(!page.more(), "")) {
                return;
            }
            long pause = left.size() * TimeUnit.SECONDS.toNanos(1) / job.rate() - (System.nanoTime() - begin);
            if (pause > 0) {
                TimeUnit.NANOSECONDS.sleep(pause);
            }
        }
    }

    private void ask(BulkAction action, List<BulkMatch> matches) {
        Request request = request();
        List<CompletableFuture<Boolean>> answers = new ArrayList<>();
        for (BulkMatch match : matches) {
            answers.add(asked(request, action, match.id()));
        }
        for (CompletableFuture<Boolean> answer : answers) {
            try {
                if (answer.join()) {
                    done++;
                } else {
                    skipped++;
                }
            } catch (CompletionException e) {
                if (!(e.getCause() instanceof RefusedException)) {
                    throw e;
                }
                refused++;
            }
        }
    }

    private CompletableFuture<Boolean> asked(Request request, BulkAction action, UUID item) {
        try {
            return bulk.carryOut(request, action, item, job.forceAfterMs());
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
        status = bulk.advance(job, advance).join().getStatus();
        return status.equals(RUNNING);
    }
}
