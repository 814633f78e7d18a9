package io.millrace.ingest.operations;

import io.millrace.ingest.approvals.Approvals;
import io.millrace.ingest.auth.Request;
import io.millrace.ingest.queries.BulkCounts;
import io.millrace.ingest.queries.BulkItem;
import io.millrace.ingest.queries.BulkJobRow;
import io.millrace.ingest.queries.BulkMatch;
import io.millrace.ingest.queries.Cursor;
import io.millrace.ingest.queries.ExecutionFilter;
import io.millrace.ingest.queries.ExecutionQueries;
import io.millrace.ingest.queries.Grouping;
import io.millrace.ingest.queries.Page;
import io.millrace.ingest.queries.PageRequest;
import io.millrace.ingest.queries.TaskFilter;
import io.millrace.ingest.search.Search;
import io.millrace.ingest.search.Subject;
import io.millrace.ingest.validation.Checks;
import io.millrace.ingest.validation.RefusedException;
import io.millrace.proto.Ids;
import io.millrace.proto.Shards;
import io.millrace.proto.auth.Caller;
import io.millrace.proto.flovyn.v1.CancelTaskRequest;
import io.millrace.proto.proof.Sha256;
import io.millrace.proto.v1.AdvanceBulkJob;
import io.millrace.proto.v1.BeginBulkJob;
import io.millrace.proto.v1.ClaimBulkJob;
import io.millrace.proto.v1.CommandRecord;
import io.millrace.proto.v1.Principal;
import io.millrace.proto.v1.RefusalReason;
import io.millrace.proto.v1.ReplyRecord.BulkJobState;
import io.millrace.proto.v1.ResetPoint;
import io.millrace.proto.v1.SteerBulkJob;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Bulk jobs: the same is asked of everything that a query finds. Safe from any thread, never blocks; a request that does not pass the
 * checks throws {@link RefusedException}. What is read comes from the read model, and so may be behind.
 */
public final class BulkOperations {

    /** Most items in a second that a job may ask for. */
    public static final int MOST_RATE = 1_000;

    /** Items in a second where nothing is said. */
    public static final int USUAL_RATE = 100;

    /** Where all jobs of an organisation are at home. */
    private static final String HOME = "bulk-jobs";

    private static final int SHOWN = 20;
    private static final Principal RUNNER = Principal.newBuilder()
            .setType(Principal.Type.SYSTEM)
            .setId("bulk-runner")
            .build();

    private final CommandSender sender;
    private final Checks checks;
    private final ExecutionQueries queries;
    private final Approvals approvals;
    private final WorkflowOperations workflows;
    private final TaskOperations tasks;
    private final DeadLetterOperations deadLetters;
    private final Clock clock;

    BulkOperations(
            CommandSender sender,
            Checks checks,
            ExecutionQueries queries,
            Approvals approvals,
            WorkflowOperations workflows,
            TaskOperations tasks,
            DeadLetterOperations deadLetters,
            Clock clock) {
        this.sender = sender;
        this.checks = checks;
        this.queries = queries;
        this.approvals = approvals;
        this.workflows = workflows;
        this.tasks = tasks;
        this.deadLetters = deadLetters;
        this.clock = clock;
    }

    /**
     * What a job would be about, or is.
     *
     * @param id of the job; null: none was begun
     * @param expected how many the query finds
     * @param first some of them, the oldest
     * @param made whether it was begun now; otherwise it was before, under the same key
     */
    public record Begun(@Nullable UUID id, long expected, List<BulkMatch> first, boolean made) {}

    /**
     * Begins a job, or only says what it would be about.
     *
     * @param dryRun nothing is done, and nothing of it stands in the log
     */
    public CompletableFuture<Begun> begin(Request request, NewBulkJob asked, boolean dryRun) {
        ScopeGuard.onlyWhole(request.caller(), "a bulk job may be about all work of the organisation");
        if (asked.query().isBlank()) {
            throw RefusedException.invalid(
                    "expected a query that says of which workflows or tasks, but it is empty: to mean all, say so, for"
                            + " example by created < now");
        }
        String reason = checks.neededReason(asked.reason(), "since it is about many at once");
        if (asked.rate() < 1 || asked.rate() > MOST_RATE) {
            throw RefusedException.invalid(
                    "expected 1 to " + MOST_RATE + " items in a second as rate, but got " + asked.rate());
        }
        if (asked.forceAfterMs() != 0 && asked.action() != BulkAction.CANCEL) {
            throw RefusedException.invalid(
                    "expected no forceAfterMs, since only CANCEL of workflows has one, but there is one with "
                            + asked.action());
        }
        checks.durationMs("forceAfterMs", asked.forceAfterMs());
        checks.nameOrEmpty("idempotencyKey", asked.key());
        expectPlace(asked);
        Request because = request.because(reason);
        if (!dryRun) {
            expectNoApproval(because, asked.action());
        }
        UUID orgId = request.caller().orgId();
        Search now = asked.action().within(asked.search()).asOf(asked.action().subject(), clock.millis());
        CompletableFuture<Long> expected = count(orgId, asked.action().subject(), now);
        if (dryRun) {
            return expected.thenCombine(
                    find(orgId, asked.action().subject(), now, new PageRequest(SHOWN, null)),
                    (count, first) -> new Begun(null, count, first.items(), false));
        }
        if (asked.key().isEmpty()) {
            UUID id = Shards.newId(Shards.of(orgId, HOME));
            return expected.thenCompose(count -> begin(because, asked, count, id));
        }
        UUID id = ofKey(orgId, asked.key());
        // One that has ended is no more the engine's. The read model has it: nobody carries out what it does not know.
        return queries.bulkJob(orgId, id).thenCompose(found -> {
            if (found.isPresent()) {
                expectSame(
                        asked,
                        found.get().action(),
                        found.get().query(),
                        found.get().how());
                return CompletableFuture.completedFuture(
                        new Begun(id, found.get().expected(), List.of(), false));
            }
            return expected.thenCompose(count -> begin(because, asked, count, id));
        });
    }

    private static void expectPlace(NewBulkJob asked) {
        if (asked.action() == BulkAction.RESET && asked.reset().isEmpty()) {
            throw RefusedException.invalid(
                    "expected the last event that is kept, toEvent by its number or toFirst by its type, since each is to be"
                            + " reset, but there is none");
        }
        if (asked.action() != BulkAction.RESET && asked.reset().isPresent()) {
            throw RefusedException.invalid(
                    "expected no toEvent and no toFirst, since only RESET has one, but there is one with "
                            + asked.action());
        }
        asked.reset()
                .filter(reset -> reset.point() == ResetPoint.SEQUENCE && reset.sequence() < 1)
                .ifPresent(reset -> {
                    throw RefusedException.invalid(
                            "expected the number of the last event that is kept, 1 or more, as toEvent, but got "
                                    + reset.sequence());
                });
    }

    /** The same key is the same job, whoever is asked and however often. */
    private static UUID ofKey(UUID orgId, String key) {
        ByteBuffer read = ByteBuffer.wrap(
                Sha256.digest().digest((orgId + "/" + HOME + "/" + key).getBytes(StandardCharsets.UTF_8)));
        return Shards.place(read.getLong(), read.getLong(), Shards.of(orgId, HOME));
    }

    private static void expectSame(NewBulkJob asked, String action, String query, Map<String, String> how) {
        boolean same = asked.action().name().equals(action)
                && asked.query().equals(query)
                && asked.how().equals(how);
        if (!same) {
            throw new RefusedException(
                    RefusalReason.ALREADY_EXISTS,
                    "expected a key of which no other bulk job was begun, but " + Checks.shown(asked.key())
                            + " stands for one with the action " + action + " and the query " + Checks.shown(query));
        }
    }

    private CompletableFuture<Begun> begin(Request because, NewBulkJob asked, long expected, UUID id) {
        Principal principal = because.caller().principal();
        BeginBulkJob.Builder begin = BeginBulkJob.newBuilder()
                .setJobId(Ids.toByteString(id))
                .setAction(asked.action().name())
                .setQuery(asked.query())
                .setRate(asked.rate())
                .setForceAfterMs(asked.forceAfterMs())
                .setExpected(expected)
                .setReason(because.reason())
                .setRequestedBy(principal.getId())
                .setRole(principal.getRole())
                .setCredential(principal.getCredential())
                .putAllHow(asked.how());
        return ask(id, sender.command(because).setBeginBulkJob(begin)).thenApply(state -> {
            if (!state.getChanged()) {
                expectSame(asked, state.getAction(), state.getQuery(), state.getHowMap());
            }
            return new Begun(id, expected, List.of(), state.getChanged());
        });
    }

    /** A person would have to approve each item, or the job as a whole, of which nobody could say what it will find. */
    private void expectNoApproval(Request request, BulkAction action) {
        if (isApprovalNeeded(request, action)) {
            throw new RefusedException(
                    RefusalReason.FAILED_PRECONDITION,
                    "expected an action that nobody else has to approve, but approvals.required names "
                            + action.approval().orElseThrow() + ", which " + action
                            + " does to each item: ask for each one by itself");
        }
    }

    /** @return whether each item would have to be approved by somebody else */
    boolean isApprovalNeeded(Request request, BulkAction action) {
        return action.approval()
                .filter(approval -> approvals.isNeeded(request, approval))
                .isPresent();
    }

    /**
     * Lets a job rest, go on, or end; the answer says how it stands now.
     *
     * @param reason why, which the server may require
     * @param expectedVersion of the job as the caller saw it; empty: whatever it is
     */
    public CompletableFuture<BulkJobState> steer(
            Request request,
            String jobId,
            SteerBulkJob.Steering steering,
            String reason,
            OptionalLong expectedVersion) {
        UUID id = checks.id("id", jobId);
        ScopeGuard.onlyWhole(request.caller(), "a bulk job may be about all work of the organisation");
        Request because = request.because(checks.reason(reason));
        SteerBulkJob.Builder steer = SteerBulkJob.newBuilder()
                .setJobId(Ids.toByteString(id))
                .setSteering(steering)
                .setReason(because.reason())
                .setRequestedBy(because.caller().principal().getId());
        expectedVersion.ifPresent(steer::setExpectedVersion);
        return ask(id, sender.command(because).setSteerBulkJob(steer));
    }

    /** @return jobs, newest first */
    public CompletableFuture<Page<BulkJobRow>> list(Caller caller, PageRequest page) {
        return queries.bulkJobs(caller.orgId(), page);
    }

    /** @return the job; fails with NOT_FOUND where there is none of the id, as far as the read model knows */
    public CompletableFuture<BulkJobRow> get(Caller caller, String jobId) {
        UUID id = checks.id("id", jobId);
        return queries.bulkJob(caller.orgId(), id)
                .thenApply(found -> found.orElseThrow(() -> RefusedException.notFound(
                        "expected a bulk job of your organisation, but there is none of the id " + id)));
    }

    /**
     * @param result DONE, REFUSED or SKIPPED; empty: all
     * @return what came of the items of a job, newest first
     */
    public CompletableFuture<Page<BulkItem>> items(
            Caller caller, String jobId, Optional<String> result, PageRequest page) {
        result.filter(text -> !Set.of("DONE", "REFUSED", "SKIPPED").contains(text))
                .ifPresent(text -> {
                    throw RefusedException.invalid(
                            "expected DONE, REFUSED or SKIPPED as result, but got " + Checks.shown(text));
                });
        return get(caller, jobId)
                .thenCompose(job -> queries.bulkItems(caller.orgId(), job.id(), result.orElse(null), page));
    }

    /** @return jobs of all organisations that somebody has to carry out, the oldest first, at most some */
    CompletableFuture<List<BulkJobRow>> open() {
        return queries.openBulkJobs();
    }

    /** A process wants to carry the job out, alone; fails with {@link RefusedException} if it must not. */
    CompletableFuture<BulkJobState> claim(BulkJobKey job, String process, Duration lease) {
        return ask(
                job.id(),
                ofRunner(job)
                        .setClaimBulkJob(ClaimBulkJob.newBuilder()
                                .setJobId(Ids.toByteString(job.id()))
                                .setRunner(process)
                                .setLeaseMs(lease.toMillis())));
    }

    /** The runner says how far it is; fails with {@link RefusedException} if it is the runner no more. */
    CompletableFuture<BulkJobState> advance(BulkJobKey job, AdvanceBulkJob.Builder advance) {
        return ask(job.id(), ofRunner(job).setAdvanceBulkJob(advance.setJobId(Ids.toByteString(job.id()))));
    }

    private CommandRecord.Builder ofRunner(BulkJobKey job) {
        return sender.ofNode().setOrgId(Ids.toByteString(job.orgId())).setPrincipal(RUNNER);
    }

    private CompletableFuture<BulkJobState> ask(UUID jobId, CommandRecord.Builder command) {
        return sender.askIfKnown("keep bulk jobs", Shards.of(jobId), command).thenApply(reply -> reply.getBulkJob());
    }

    private CompletableFuture<Long> count(UUID orgId, Subject subject, Search search) {
        return (subject == Subject.TASKS
                        ? queries.taskCounts(orgId, tasks(search), Grouping.STATUS)
                        : queries.executionCounts(orgId, workflows(search), Grouping.STATUS))
                .thenApply(counts -> counts.total());
    }

    /** @return a part of what the search finds, in its order */
    CompletableFuture<Page<BulkMatch>> find(UUID orgId, Subject subject, Search search, PageRequest page) {
        return subject == Subject.TASKS
                ? queries.tasks(orgId, tasks(search), page)
                        .thenApply(found -> found.map(row ->
                                new BulkMatch(row.id(), row.kind(), row.queue(), row.status(), row.createdAtMs())))
                : queries.executions(orgId, workflows(search), page)
                        .thenApply(found -> found.map(row ->
                                new BulkMatch(row.id(), row.kind(), row.queue(), row.status(), row.createdAtMs())));
    }

    private static ExecutionFilter workflows(Search search) {
        return new ExecutionFilter(null, null, null, Map.of(), search);
    }

    private static TaskFilter tasks(Search search) {
        return new TaskFilter(null, null, null, null, search);
    }

    /** @return the ids among these that were asked for the job already, as far as the read model knows */
    CompletableFuture<Set<UUID>> asked(BulkJobKey job, List<BulkMatch> matches) {
        return queries.bulkAsked(
                job.orgId(), job.id(), matches.stream().map(BulkMatch::id).collect(Collectors.toList()));
    }

    /**
     * @param after the last item that is counted already; null: none is
     * @return how many items behind it were asked for the job, by what came of it, as far as the read model knows
     */
    CompletableFuture<BulkCounts> counts(BulkJobKey job, Subject subject, @Nullable Cursor after) {
        return queries.bulkCounts(job.orgId(), job.id(), subject, after);
    }

    /**
     * Does to one item what a person would ask of it.
     *
     * @param order of the job, in the name of the person
     * @return whether that changed anything: it may be so already
     */
    CompletableFuture<Boolean> carryOut(BulkOrder order, BulkAction action, UUID item) {
        String id = item.toString();
        Request request = order.request();
        String reason = request.reason();
        return switch (action) {
            case CANCEL ->
                workflows
                        .cancel(request, id, reason, new Ending(order.forceAfterMs(), 0))
                        .thenApply(BulkOperations::changed);
            case TERMINATE -> workflows.terminate(request, id, reason, 0).thenApply(BulkOperations::changed);
            case RETRY ->
                workflows.reset(request, id, reason, Reset.retry(false, 0)).thenApply(BulkOperations::changed);
            case RESET ->
                workflows.reset(request, id, reason, Reset.of(order.how())).thenApply(BulkOperations::changed);
            case RESTART ->
                workflows
                        .reset(request, id, reason, Reset.restart(Optional.empty(), false, 0))
                        .thenApply(BulkOperations::changed);
            case PAUSE -> workflows.pause(request, id, reason, 0);
            case RESUME -> workflows.resume(request, id, reason, 0);
            case CANCEL_TASKS ->
                tasks.cancel(
                                request,
                                CancelTaskRequest.newBuilder()
                                        .setTaskExecutionId(id)
                                        .build(),
                                reason,
                                OptionalLong.empty())
                        .thenApply(BulkOperations::changed);
            case RETRY_TASKS -> tasks.retry(request, id, reason, OptionalLong.empty());
            case DISMISS -> deadLetters.dismissWorkflow(request, id, reason, OptionalInt.empty());
            case DISMISS_TASKS -> deadLetters.dismissTask(request, id, reason, OptionalInt.empty());
        };
    }

    private static boolean changed(Cancellation done) {
        done.pending().ifPresent(pending -> {
            throw pending.refusal();
        });
        return done.changed();
    }

    private static boolean changed(Resetting done) {
        done.pending().ifPresent(pending -> {
            throw pending.refusal();
        });
        return true;
    }

    /** @return how far the job is, as the engine says it */
    static @Nullable Cursor cursor(BulkJobState state) {
        UUID id = Ids.fromBytesOrNull(state.getCursorId());
        return id == null ? null : new Cursor(state.getCursorMs(), id);
    }
}
