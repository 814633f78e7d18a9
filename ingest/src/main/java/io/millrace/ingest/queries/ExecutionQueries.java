package io.millrace.ingest.queries;

import com.google.protobuf.ByteString;
import io.millrace.ingest.approvals.Approval;
import io.millrace.ingest.audit.trail.TrailEntry;
import io.millrace.ingest.search.Subject;
import io.millrace.proto.Moment;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * What the front door reads from the read model: lists, and executions that have left the dispatcher's stores. The read
 * model follows the log at a distance ({@link #lag()}), so a caller's own last write may not be there yet.
 *
 * <p>Safe for use from any thread; no method blocks its caller. Every answer is bounded to the organisation: what belongs
 * to another is empty. Futures complete exceptionally with {@link QueriesUnavailableException} while the database cannot
 * be reached.
 */
public interface ExecutionQueries {

    /** @return workflow executions, in the order of the query, newest first if it says nothing */
    CompletableFuture<Page<ExecutionRow>> executions(UUID orgId, ExecutionFilter filter, PageRequest page);

    /** @return the execution with its payloads */
    CompletableFuture<Optional<ExecutionDetail>> execution(UUID orgId, UUID executionId);

    /** @return the history of the execution, ascending, what workers replay and nothing else; empty: unknown execution */
    CompletableFuture<Optional<List<EventRow>>> history(UUID orgId, UUID executionId);

    /**
     * @param after number of an event in the chain of the execution; 0: none
     * @return what happened to the execution behind it, in order, also what no worker replays. Nothing: unknown execution, or that is
     *     all
     */
    CompletableFuture<ToldPart> told(UUID orgId, UUID executionId, long after);

    /** @return what happened to the execution up to the event of that number, of these types only, in order, without data */
    CompletableFuture<List<ToldEvent>> toldBefore(UUID orgId, UUID executionId, long until, Set<String> types);

    /**
     * @param at {@link Moment#NOW}: a second before the call or so; then the answer waits up to three seconds for it
     * @param executionId whose past is wanted, a workflow or a task without one; null: all partitions matter
     * @return whether all that was before the moment is there; what is, stays
     */
    CompletableFuture<Reach> reach(UUID orgId, Moment at, @Nullable UUID executionId);

    /** @return what happened to an execution or a task without one before the moment, also what no worker replays */
    CompletableFuture<PastEvents> past(UUID orgId, UUID executionId, Moment at);

    /** @return the same of all executions and tasks without one that were open at the time, milliseconds since the epoch */
    CompletableFuture<PastEvents> pastOpen(UUID orgId, long timeMs);

    /**
     * @param mostWorkflows counts no further than to so many; 0: none are counted
     * @param mostSchedules the same of schedules
     * @return what the organisation has now
     */
    CompletableFuture<Holdings> holdings(UUID orgId, long mostWorkflows, long mostSchedules);

    /** @return how many workflow executions there are, and how many of each group */
    CompletableFuture<Counts> executionCounts(UUID orgId, ExecutionFilter filter, Grouping by);

    /** @return how many tasks there are, and how many of each group */
    CompletableFuture<Counts> taskCounts(UUID orgId, TaskFilter filter, Grouping by);

    /**
     * @param subject workflows or tasks
     * @param field {@code kind} or {@code queue}
     * @return values of the field that begin with the text, whatever the case of letters, in order, at most some
     */
    CompletableFuture<List<String>> values(UUID orgId, Subject subject, Grouping field, String begin);

    /** @return tasks of workflows and standalone ones, in the order of the query, newest first if it says nothing */
    CompletableFuture<Page<TaskRow>> tasks(UUID orgId, TaskFilter filter, PageRequest page);

    /** @return the task with its payloads */
    CompletableFuture<Optional<TaskDetail>> task(UUID orgId, UUID taskId);

    /**
     * @param orgId the organisation
     * @return entries of the audit trail, newest first; the id of a cursor is made of partition and offset
     */
    CompletableFuture<Page<TrailEntry>> trail(UUID orgId, TrailFilter filter, PageRequest page);

    /**
     * @param pendingOnly whether only those that wait for a decision
     * @return requests for approvals, newest first; the id of a cursor is made of partition and offset
     */
    CompletableFuture<Page<Approval>> approvals(UUID orgId, boolean pendingOnly, PageRequest page);

    /** @return how the request for an approval stands */
    CompletableFuture<Optional<Approval>> approval(UUID orgId, UUID id);

    /** @return schedules, newest first, without their inputs */
    CompletableFuture<Page<ScheduleRow>> schedules(UUID orgId, PageRequest page);

    /** @return the schedule of the name */
    CompletableFuture<Optional<ScheduleRow>> schedule(UUID orgId, String name);

    /** @return what became of the due times of a schedule, newest first */
    CompletableFuture<Page<ScheduleRun>> scheduleRuns(UUID orgId, UUID scheduleId, PageRequest page);

    /** @return what people noted about a workflow, in order, as a JSON array of objects with text, by and at; empty: unknown */
    CompletableFuture<Optional<ByteString>> annotations(UUID orgId, UUID executionId);

    /** @return all queries of the organisation that have names, in the order of these */
    CompletableFuture<List<SavedQueryRow>> savedQueries(UUID orgId);

    /** @return bulk jobs, newest first */
    CompletableFuture<Page<BulkJobRow>> bulkJobs(UUID orgId, PageRequest page);

    /** @return the bulk job of the id */
    CompletableFuture<Optional<BulkJobRow>> bulkJob(UUID orgId, UUID jobId);

    /** @return bulk jobs of all organisations that somebody has to carry out, the oldest first, at most some */
    CompletableFuture<List<BulkJobRow>> openBulkJobs();

    /**
     * @param result only these: DONE, REFUSED or SKIPPED; null: all
     * @return what came of the items of a bulk job, newest first; the id of a cursor is made of partition and offset
     */
    CompletableFuture<Page<BulkItem>> bulkItems(UUID orgId, UUID jobId, @Nullable String result, PageRequest page);

    /**
     * Looks at the newest entries of the trail alone, so that a job of millions of items costs no more than another.
     *
     * @param subject what the items are
     * @param after the last item that is counted already, in the order of creation; null: none is
     * @return how many items behind it were asked for the bulk job, by what came of it
     */
    CompletableFuture<BulkCounts> bulkCounts(UUID orgId, UUID jobId, Subject subject, @Nullable Cursor after);

    /** @return those of the ids, at most a page of them, which were asked for the bulk job already */
    CompletableFuture<Set<UUID>> bulkAsked(UUID orgId, UUID jobId, List<UUID> ids);

    /** @return whether an outcome that was not believed names the execution */
    CompletableFuture<Boolean> isBroken(UUID orgId, UUID executionId);

    /** @return the outcomes that were not believed, the last of each partition first, at most some */
    CompletableFuture<List<LogBreak>> breaks();

    /** @return how many records that change lists the read model has taken in: as long as that stays, so do all lists but the trail */
    CompletableFuture<Long> taken();

    /** @return how far the read model is behind the log, now */
    CompletableFuture<ReadModelLag> lag();
}
