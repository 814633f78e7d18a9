package io.millrace.infra.server;

import com.google.protobuf.ByteString;
import io.millrace.ingest.approvals.Approval;
import io.millrace.ingest.audit.trail.TrailEntry;
import io.millrace.ingest.queries.BulkCounts;
import io.millrace.ingest.queries.BulkItem;
import io.millrace.ingest.queries.BulkJobRow;
import io.millrace.ingest.queries.Counts;
import io.millrace.ingest.queries.Cursor;
import io.millrace.ingest.queries.EventRow;
import io.millrace.ingest.queries.ExecutionDetail;
import io.millrace.ingest.queries.ExecutionFilter;
import io.millrace.ingest.queries.ExecutionQueries;
import io.millrace.ingest.queries.ExecutionRow;
import io.millrace.ingest.queries.Grouping;
import io.millrace.ingest.queries.Holdings;
import io.millrace.ingest.queries.LogBreak;
import io.millrace.ingest.queries.Page;
import io.millrace.ingest.queries.PageRequest;
import io.millrace.ingest.queries.PastEvents;
import io.millrace.ingest.queries.QueriesUnavailableException;
import io.millrace.ingest.queries.Reach;
import io.millrace.ingest.queries.ReadModelLag;
import io.millrace.ingest.queries.SavedQueryRow;
import io.millrace.ingest.queries.ScheduleRow;
import io.millrace.ingest.queries.ScheduleRun;
import io.millrace.ingest.queries.TaskDetail;
import io.millrace.ingest.queries.TaskFilter;
import io.millrace.ingest.queries.TaskRow;
import io.millrace.ingest.queries.ToldEvent;
import io.millrace.ingest.queries.ToldPart;
import io.millrace.ingest.queries.TrailFilter;
import io.millrace.ingest.search.Subject;
import io.millrace.proto.Moment;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Stands for the read model until its database is there, so that the rest of the node need not wait. Until then every
 * query is unavailable. Safe from any thread.
 */
final class ReadModelGate implements ExecutionQueries {

    private final CompletableFuture<Void> opened = new CompletableFuture<>();
    private volatile @Nullable ExecutionQueries queries;
    private volatile @Nullable String missing = "its database is still starting";

    void open(ExecutionQueries behind) {
        queries = behind;
        opened.complete(null);
    }

    /** Says why it is still closed. */
    void stillClosed(String because) {
        missing = because;
    }

    /** Says that it will never open, and why. */
    void giveUp(Throwable failure) {
        missing = failure.getMessage();
        opened.completeExceptionally(failure);
    }

    boolean isOpen() {
        return queries != null;
    }

    CompletionStage<Void> opened() {
        return opened.minimalCompletionStage();
    }

    @Override
    public CompletableFuture<Page<ExecutionRow>> executions(UUID orgId, ExecutionFilter filter, PageRequest page) {
        return ask(behind -> behind.executions(orgId, filter, page));
    }

    @Override
    public CompletableFuture<Optional<ExecutionDetail>> execution(UUID orgId, UUID executionId) {
        return ask(behind -> behind.execution(orgId, executionId));
    }

    @Override
    public CompletableFuture<Optional<List<EventRow>>> history(UUID orgId, UUID executionId) {
        return ask(behind -> behind.history(orgId, executionId));
    }

    @Override
    public CompletableFuture<ToldPart> told(UUID orgId, UUID executionId, long after) {
        return ask(behind -> behind.told(orgId, executionId, after));
    }

    @Override
    public CompletableFuture<List<ToldEvent>> toldBefore(UUID orgId, UUID executionId, long until, Set<String> types) {
        return ask(behind -> behind.toldBefore(orgId, executionId, until, types));
    }

    @Override
    public CompletableFuture<Reach> reach(UUID orgId, Moment at, @Nullable UUID executionId) {
        return ask(behind -> behind.reach(orgId, at, executionId));
    }

    @Override
    public CompletableFuture<PastEvents> past(UUID orgId, UUID executionId, Moment at) {
        return ask(behind -> behind.past(orgId, executionId, at));
    }

    @Override
    public CompletableFuture<PastEvents> pastOpen(UUID orgId, long timeMs) {
        return ask(behind -> behind.pastOpen(orgId, timeMs));
    }

    @Override
    public CompletableFuture<Page<TaskRow>> tasks(UUID orgId, TaskFilter filter, PageRequest page) {
        return ask(behind -> behind.tasks(orgId, filter, page));
    }

    @Override
    public CompletableFuture<Holdings> holdings(UUID orgId, long mostWorkflows, long mostSchedules) {
        return ask(behind -> behind.holdings(orgId, mostWorkflows, mostSchedules));
    }

    @Override
    public CompletableFuture<Counts> executionCounts(UUID orgId, ExecutionFilter filter, Grouping by) {
        return ask(behind -> behind.executionCounts(orgId, filter, by));
    }

    @Override
    public CompletableFuture<Counts> taskCounts(UUID orgId, TaskFilter filter, Grouping by) {
        return ask(behind -> behind.taskCounts(orgId, filter, by));
    }

    @Override
    public CompletableFuture<List<String>> values(UUID orgId, Subject subject, Grouping field, String begin) {
        return ask(behind -> behind.values(orgId, subject, field, begin));
    }

    @Override
    public CompletableFuture<Optional<TaskDetail>> task(UUID orgId, UUID taskId) {
        return ask(behind -> behind.task(orgId, taskId));
    }

    @Override
    public CompletableFuture<Page<TrailEntry>> trail(UUID orgId, TrailFilter filter, PageRequest page) {
        return ask(behind -> behind.trail(orgId, filter, page));
    }

    @Override
    public CompletableFuture<Page<Approval>> approvals(UUID orgId, boolean pendingOnly, PageRequest page) {
        return ask(behind -> behind.approvals(orgId, pendingOnly, page));
    }

    @Override
    public CompletableFuture<Page<ScheduleRow>> schedules(UUID orgId, PageRequest page) {
        return ask(behind -> behind.schedules(orgId, page));
    }

    @Override
    public CompletableFuture<Optional<ScheduleRow>> schedule(UUID orgId, String name) {
        return ask(behind -> behind.schedule(orgId, name));
    }

    @Override
    public CompletableFuture<Page<ScheduleRun>> scheduleRuns(UUID orgId, UUID scheduleId, PageRequest page) {
        return ask(behind -> behind.scheduleRuns(orgId, scheduleId, page));
    }

    @Override
    public CompletableFuture<Optional<Approval>> approval(UUID orgId, UUID id) {
        return ask(behind -> behind.approval(orgId, id));
    }

    @Override
    public CompletableFuture<List<SavedQueryRow>> savedQueries(UUID orgId) {
        return ask(behind -> behind.savedQueries(orgId));
    }

    @Override
    public CompletableFuture<Optional<ByteString>> annotations(UUID orgId, UUID executionId) {
        return ask(behind -> behind.annotations(orgId, executionId));
    }

    @Override
    public CompletableFuture<Page<BulkJobRow>> bulkJobs(UUID orgId, PageRequest page) {
        return ask(behind -> behind.bulkJobs(orgId, page));
    }

    @Override
    public CompletableFuture<Optional<BulkJobRow>> bulkJob(UUID orgId, UUID jobId) {
        return ask(behind -> behind.bulkJob(orgId, jobId));
    }

    @Override
    public CompletableFuture<List<BulkJobRow>> openBulkJobs() {
        return ask(ExecutionQueries::openBulkJobs);
    }

    @Override
    public CompletableFuture<Page<BulkItem>> bulkItems(
            UUID orgId, UUID jobId, @Nullable String result, PageRequest page) {
        return ask(behind -> behind.bulkItems(orgId, jobId, result, page));
    }

    @Override
    public CompletableFuture<BulkCounts> bulkCounts(UUID orgId, UUID jobId, Subject subject, @Nullable Cursor after) {
        return ask(behind -> behind.bulkCounts(orgId, jobId, subject, after));
    }

    @Override
    public CompletableFuture<Set<UUID>> bulkAsked(UUID orgId, UUID jobId, List<UUID> ids) {
        return ask(behind -> behind.bulkAsked(orgId, jobId, ids));
    }

    @Override
    public CompletableFuture<Boolean> isBroken(UUID orgId, UUID executionId) {
        return ask(behind -> behind.isBroken(orgId, executionId));
    }

    @Override
    public CompletableFuture<List<LogBreak>> breaks() {
        return ask(ExecutionQueries::breaks);
    }

    @Override
    public CompletableFuture<Long> taken() {
        return ask(ExecutionQueries::taken);
    }

    @Override
    public CompletableFuture<ReadModelLag> lag() {
        return ask(ExecutionQueries::lag);
    }

    private <T> CompletableFuture<T> ask(Function<ExecutionQueries, CompletableFuture<T>> question) {
        ExecutionQueries behind = queries;
        return behind != null
                ? question.apply(behind)
                : CompletableFuture.failedFuture(
                        new QueriesUnavailableException("expected the read model to answer, but " + missing, null));
    }
}
