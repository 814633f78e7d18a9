package io.millrace.ingest.standin;

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
import io.millrace.proto.UnavailableException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What the read model would know, put there by the test; it keeps the last question. */
public final class MemoryQueries implements ExecutionQueries {

    /** Histories by organisation and execution. */
    public final Map<MemoryReads.Key, List<EventRow>> histories = new ConcurrentHashMap<>();

    /** All events by organisation and execution. */
    public final Map<MemoryReads.Key, List<ToldEvent>> told = new ConcurrentHashMap<>();

    /** Whether it has all that was before a moment. */
    public volatile Reach reach = Reach.ALL;

    /** What was before any moment. */
    public volatile PastEvents past = new PastEvents(List.of(), 0, false);

    /** How many records are taken in; less than 0: it does not answer, since what tells of changes would never end. */
    public volatile long taken = -1;

    /** How many events a part has, at the most. */
    public volatile int toldAtOnce = Integer.MAX_VALUE;

    /** Executions by organisation and id. */
    public final Map<MemoryReads.Key, ExecutionDetail> executions = new ConcurrentHashMap<>();

    /** Tasks by organisation and id. */
    public final Map<MemoryReads.Key, TaskDetail> tasks = new ConcurrentHashMap<>();

    /** The list that every question for executions gets. */
    public volatile Page<ExecutionRow> executionPage = new Page<>(List.of(), false);

    /** Which part of a list a question for executions gets, instead of the list that every question gets. */
    public volatile @Nullable Function<PageRequest, Page<ExecutionRow>> executionParts;

    /** The list that every question for tasks gets. */
    public volatile Page<TaskRow> taskPage = new Page<>(List.of(), false);

    /** The list that every question for the audit trail gets. */
    public volatile Page<TrailEntry> trailPage = new Page<>(List.of(), false);

    /** Executions that an outcome names which is not believed. */
    public final Set<MemoryReads.Key> broken = ConcurrentHashMap.newKeySet();

    /** Requests for approvals by organisation and id. */
    public final Map<MemoryReads.Key, Approval> approvals = new ConcurrentHashMap<>();

    /** Schedules by name, of whatever organisation. */
    public final Map<String, ScheduleRow> schedules = new ConcurrentHashMap<>();

    /** Runs of whatever schedule. */
    public volatile List<ScheduleRun> scheduleRuns = List.of();

    /** What was noted about workflows, as JSON, by their ids. */
    public final Map<UUID, ByteString> annotations = new ConcurrentHashMap<>();

    /** Queries that have names. */
    public volatile List<SavedQueryRow> savedQueries = List.of();

    /** Bulk jobs by id. */
    public final Map<UUID, BulkJobRow> bulkJobs = new ConcurrentHashMap<>();

    /** Items of whatever bulk job. */
    public volatile List<BulkItem> bulkItems = List.of();

    /** Items that the trail has of whatever bulk job. */
    public final Set<UUID> bulkAsked = ConcurrentHashMap.newKeySet();

    /** What the trail has of whatever bulk job behind an item. */
    public volatile Function<Cursor, BulkCounts> bulkCounts = after -> new BulkCounts(0, 0, 0);

    /** What somebody has to carry out. */
    public volatile List<BulkJobRow> openBulkJobs = List.of();

    /** The counts that every question for some gets. */
    public volatile Counts counts = new Counts(0, List.of());

    /** Values of kinds and queues. */
    public volatile List<String> values = List.of();

    /** Organisation of the last question for the audit trail. */
    public volatile UUID lastOrg;

    /** Filter of the last question. */
    public volatile Object lastFilter;

    /** Part of the list of the last question. */
    public volatile PageRequest lastPage;

    /** What each organisation has. */
    public volatile Holdings holdings = new Holdings(0, 0);
    /** Whether PostgreSQL is away, for what is counted. */
    public volatile boolean away;

    @Override
    public CompletableFuture<Page<ExecutionRow>> executions(UUID orgId, ExecutionFilter filter, PageRequest page) {
        lastFilter = filter;
        lastPage = page;
        Function<PageRequest, Page<ExecutionRow>> parts = executionParts;
        return CompletableFuture.completedFuture(parts == null ? executionPage : parts.apply(page));
    }

    @Override
    public CompletableFuture<Optional<ExecutionDetail>> execution(UUID orgId, UUID executionId) {
        return found(executions, orgId, executionId);
    }

    @Override
    public CompletableFuture<Optional<List<EventRow>>> history(UUID orgId, UUID executionId) {
        return found(histories, orgId, executionId);
    }

    @Override
    public CompletableFuture<ToldPart> told(UUID orgId, UUID executionId, long after) {
        List<ToldEvent> events = told.getOrDefault(new MemoryReads.Key(orgId, executionId), List.of()).stream()
                .filter(event -> event.chainSequence() > after)
                .toList();
        boolean more = events.size() > toldAtOnce;
        return CompletableFuture.completedFuture(new ToldPart(more ? events.subList(0, toldAtOnce) : events, more));
    }

    @Override
    public CompletableFuture<List<ToldEvent>> toldBefore(UUID orgId, UUID executionId, long until, Set<String> types) {
        return CompletableFuture.completedFuture(
                told.getOrDefault(new MemoryReads.Key(orgId, executionId), List.of()).stream()
                        .filter(event -> event.chainSequence() <= until
                                && types.contains(event.event().type()))
                        .toList());
    }

    @Override
    public CompletableFuture<Reach> reach(UUID orgId, Moment at, @Nullable UUID executionId) {
        return CompletableFuture.completedFuture(reach);
    }

    @Override
    public CompletableFuture<PastEvents> past(UUID orgId, UUID executionId, Moment at) {
        return CompletableFuture.completedFuture(past);
    }

    @Override
    public CompletableFuture<PastEvents> pastOpen(UUID orgId, long timeMs) {
        return CompletableFuture.completedFuture(past);
    }

    @Override
    public CompletableFuture<Page<TaskRow>> tasks(UUID orgId, TaskFilter filter, PageRequest page) {
        lastFilter = filter;
        lastPage = page;
        return CompletableFuture.completedFuture(taskPage);
    }

    @Override
    public CompletableFuture<Holdings> holdings(UUID orgId, long mostWorkflows, long mostSchedules) {
        return away
                ? CompletableFuture.failedFuture(
                        new UnavailableException("expected PostgreSQL to answer, but it is away"))
                : CompletableFuture.completedFuture(holdings);
    }

    @Override
    public CompletableFuture<Counts> executionCounts(UUID orgId, ExecutionFilter filter, Grouping by) {
        lastFilter = filter;
        return CompletableFuture.completedFuture(counts);
    }

    @Override
    public CompletableFuture<Counts> taskCounts(UUID orgId, TaskFilter filter, Grouping by) {
        lastFilter = filter;
        return CompletableFuture.completedFuture(counts);
    }

    @Override
    public CompletableFuture<List<String>> values(UUID orgId, Subject subject, Grouping field, String begin) {
        lastFilter = field;
        return CompletableFuture.completedFuture(
                values.stream().filter(value -> value.startsWith(begin)).toList());
    }

    @Override
    public CompletableFuture<Optional<TaskDetail>> task(UUID orgId, UUID taskId) {
        return found(tasks, orgId, taskId);
    }

    @Override
    public CompletableFuture<Page<TrailEntry>> trail(UUID orgId, TrailFilter filter, PageRequest page) {
        lastOrg = orgId;
        lastFilter = filter;
        lastPage = page;
        return CompletableFuture.completedFuture(trailPage);
    }

    @Override
    public CompletableFuture<Page<Approval>> approvals(UUID orgId, boolean pendingOnly, PageRequest page) {
        lastOrg = orgId;
        lastFilter = pendingOnly;
        lastPage = page;
        return CompletableFuture.completedFuture(
                Page.of(List.copyOf(approvals.values()), approval -> new Cursor(0, approval.id()), false));
    }

    @Override
    public CompletableFuture<Page<ScheduleRow>> schedules(UUID orgId, PageRequest page) {
        lastOrg = orgId;
        lastPage = page;
        return CompletableFuture.completedFuture(
                Page.of(List.copyOf(schedules.values()), row -> new Cursor(row.createdAtMs(), row.id()), false));
    }

    @Override
    public CompletableFuture<Optional<ScheduleRow>> schedule(UUID orgId, String name) {
        lastOrg = orgId;
        return CompletableFuture.completedFuture(Optional.ofNullable(schedules.get(name)));
    }

    @Override
    public CompletableFuture<Page<ScheduleRun>> scheduleRuns(UUID orgId, UUID scheduleId, PageRequest page) {
        lastOrg = orgId;
        lastPage = page;
        return CompletableFuture.completedFuture(Page.of(
                scheduleRuns, run -> new Cursor(run.decidedAtMs(), new UUID(0, run.dueAtMs())), false));
    }

    @Override
    public CompletableFuture<List<SavedQueryRow>> savedQueries(UUID orgId) {
        lastOrg = orgId;
        return CompletableFuture.completedFuture(savedQueries);
    }

    @Override
    public CompletableFuture<Optional<ByteString>> annotations(UUID orgId, UUID executionId) {
        lastOrg = orgId;
        return CompletableFuture.completedFuture(Optional.ofNullable(annotations.get(executionId)));
    }

    @Override
    public CompletableFuture<Page<BulkJobRow>> bulkJobs(UUID orgId, PageRequest page) {
        lastOrg = orgId;
        lastPage = page;
        return CompletableFuture.completedFuture(
                Page.of(List.copyOf(bulkJobs.values()), row -> new Cursor(row.begunMs(), row.id()), false));
    }

    @Override
    public CompletableFuture<Optional<BulkJobRow>> bulkJob(UUID orgId, UUID jobId) {
        lastOrg = orgId;
        return CompletableFuture.completedFuture(Optional.ofNullable(bulkJobs.get(jobId)));
    }

    @Override
    public CompletableFuture<List<BulkJobRow>> openBulkJobs() {
        return CompletableFuture.completedFuture(openBulkJobs);
    }

    @Override
    public CompletableFuture<Page<BulkItem>> bulkItems(
            UUID orgId, UUID jobId, @Nullable String result, PageRequest page) {
        lastOrg = orgId;
        lastPage = page;
        return CompletableFuture.completedFuture(Page.of(
                bulkItems.stream()
                        .filter(item -> result == null || item.result().equals(result))
                        .toList(),
                item -> new Cursor(item.atMs(), item.id()),
                false));
    }

    @Override
    public CompletableFuture<BulkCounts> bulkCounts(UUID orgId, UUID jobId, Subject subject, @Nullable Cursor after) {
        return CompletableFuture.completedFuture(bulkCounts.apply(after));
    }

    @Override
    public CompletableFuture<Set<UUID>> bulkAsked(UUID orgId, UUID jobId, List<UUID> ids) {
        return CompletableFuture.completedFuture(
                ids.stream().filter(bulkAsked::contains).collect(Collectors.toSet()));
    }

    @Override
    public CompletableFuture<Optional<Approval>> approval(UUID orgId, UUID id) {
        return found(approvals, orgId, id);
    }

    @Override
    public CompletableFuture<Boolean> isBroken(UUID orgId, UUID executionId) {
        return CompletableFuture.completedFuture(broken.contains(new MemoryReads.Key(orgId, executionId)));
    }

    @Override
    public CompletableFuture<List<LogBreak>> breaks() {
        return CompletableFuture.completedFuture(List.of(new LogBreak(1, 7, "COMMAND")));
    }

    @Override
    public CompletableFuture<Long> taken() {
        long now = taken;
        return now >= 0
                ? CompletableFuture.completedFuture(now)
                : CompletableFuture.failedFuture(
                        new QueriesUnavailableException("nobody has set what is taken in", null));
    }

    @Override
    public CompletableFuture<ReadModelLag> lag() {
        return CompletableFuture.completedFuture(new ReadModelLag(3, 40, 2, 1));
    }

    private static <T> CompletableFuture<Optional<T>> found(Map<MemoryReads.Key, T> map, UUID orgId, UUID id) {
        return CompletableFuture.completedFuture(Optional.ofNullable(map.get(new MemoryReads.Key(orgId, id))));
    }
}
