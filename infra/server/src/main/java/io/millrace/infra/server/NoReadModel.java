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
import org.jspecify.annotations.Nullable;

/**
 * The read model of an installation without a database. It is empty: what the dispatchers do not know is unknown, and
 * lists are unavailable.
 */
final class NoReadModel implements ExecutionQueries {

    @Override
    public CompletableFuture<Page<ExecutionRow>> executions(UUID orgId, ExecutionFilter filter, PageRequest page) {
        return unavailable();
    }

    @Override
    public CompletableFuture<Optional<ExecutionDetail>> execution(UUID orgId, UUID executionId) {
        return CompletableFuture.completedFuture(Optional.empty());
    }

    @Override
    public CompletableFuture<Optional<List<EventRow>>> history(UUID orgId, UUID executionId) {
        return CompletableFuture.completedFuture(Optional.empty());
    }

    @Override
    public CompletableFuture<ToldPart> told(UUID orgId, UUID executionId, long after) {
        return unavailable();
    }

    @Override
    public CompletableFuture<List<ToldEvent>> toldBefore(UUID orgId, UUID executionId, long until, Set<String> types) {
        return unavailable();
    }

    @Override
    public CompletableFuture<Reach> reach(UUID orgId, Moment at, @Nullable UUID executionId) {
        return unavailable();
    }

    @Override
    public CompletableFuture<PastEvents> past(UUID orgId, UUID executionId, Moment at) {
        return unavailable();
    }

    @Override
    public CompletableFuture<PastEvents> pastOpen(UUID orgId, long timeMs) {
        return unavailable();
    }

    @Override
    public CompletableFuture<Page<TaskRow>> tasks(UUID orgId, TaskFilter filter, PageRequest page) {
        return unavailable();
    }

    @Override
    public CompletableFuture<Holdings> holdings(UUID orgId, long mostWorkflows, long mostSchedules) {
        return unavailable();
    }

    @Override
    public CompletableFuture<Counts> executionCounts(UUID orgId, ExecutionFilter filter, Grouping by) {
        return unavailable();
    }

    @Override
    public CompletableFuture<Counts> taskCounts(UUID orgId, TaskFilter filter, Grouping by) {
        return unavailable();
    }

    @Override
    public CompletableFuture<List<String>> values(UUID orgId, Subject subject, Grouping field, String begin) {
        return unavailable();
    }

    @Override
    public CompletableFuture<Optional<TaskDetail>> task(UUID orgId, UUID taskId) {
        return CompletableFuture.completedFuture(Optional.empty());
    }

    @Override
    public CompletableFuture<Page<TrailEntry>> trail(UUID orgId, TrailFilter filter, PageRequest page) {
        return unavailable();
    }

    @Override
    public CompletableFuture<Page<Approval>> approvals(UUID orgId, boolean pendingOnly, PageRequest page) {
        return unavailable();
    }

    @Override
    public CompletableFuture<Page<ScheduleRow>> schedules(UUID orgId, PageRequest page) {
        return unavailable();
    }

    @Override
    public CompletableFuture<Optional<ScheduleRow>> schedule(UUID orgId, String name) {
        return unavailable();
    }

    @Override
    public CompletableFuture<Page<ScheduleRun>> scheduleRuns(UUID orgId, UUID scheduleId, PageRequest page) {
        return unavailable();
    }

    @Override
    public CompletableFuture<Optional<Approval>> approval(UUID orgId, UUID id) {
        return unavailable(); // and not unknown: other nodes may have it
    }

    @Override
    public CompletableFuture<List<SavedQueryRow>> savedQueries(UUID orgId) {
        return unavailable();
    }

    @Override
    public CompletableFuture<Optional<ByteString>> annotations(UUID orgId, UUID executionId) {
        return unavailable();
    }

    @Override
    public CompletableFuture<Page<BulkJobRow>> bulkJobs(UUID orgId, PageRequest page) {
        return unavailable();
    }

    @Override
    public CompletableFuture<Optional<BulkJobRow>> bulkJob(UUID orgId, UUID jobId) {
        return unavailable();
    }

    @Override
    public CompletableFuture<List<BulkJobRow>> openBulkJobs() {
        return unavailable();
    }

    @Override
    public CompletableFuture<Page<BulkItem>> bulkItems(
            UUID orgId, UUID jobId, @Nullable String result, PageRequest page) {
        return unavailable();
    }

    @Override
    public CompletableFuture<BulkCounts> bulkCounts(UUID orgId, UUID jobId, Subject subject, @Nullable Cursor after) {
        return unavailable();
    }

    @Override
    public CompletableFuture<Set<UUID>> bulkAsked(UUID orgId, UUID jobId, List<UUID> ids) {
        return unavailable();
    }

    @Override
    public CompletableFuture<Boolean> isBroken(UUID orgId, UUID executionId) {
        return unavailable();
    }

    @Override
    public CompletableFuture<List<LogBreak>> breaks() {
        return unavailable();
    }

    @Override
    public CompletableFuture<Long> taken() {
        return unavailable();
    }

    @Override
    public CompletableFuture<ReadModelLag> lag() {
        return unavailable();
    }

    private static <T> CompletableFuture<T> unavailable() {
        return CompletableFuture.failedFuture(
                new QueriesUnavailableException("expected a read model, but this node has no database for it", null));
    }
}
