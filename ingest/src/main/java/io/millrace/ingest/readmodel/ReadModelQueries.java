package io.millrace.ingest.readmodel;

import com.google.protobuf.ByteString;
import io.millrace.ingest.approvals.Approval;
import io.millrace.ingest.audit.trail.Asked;
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
import io.millrace.proto.Shards;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Answers from PostgreSQL, each on a virtual thread. */
public final class ReadModelQueries implements ExecutionQueries {

    /** The projector looks every second or so, between records. */
    private static final long LOOK_MILLIS = 5_000;
    /** How long a question for what is there now waits for the read model, and how often it looks meanwhile. */
    private static final long SOON_NANOS = TimeUnit.SECONDS.toNanos(3);

    private static final long AGAIN_MILLIS = 250;

    private static final int BREAKS_SHOWN = 20;
    private static final UUID NOBODY = new UUID(0, 0);

    private final ReadModelProjector projector;
    private final Executor threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Executor later = CompletableFuture.delayedExecutor(AGAIN_MILLIS, TimeUnit.MILLISECONDS, threads);
    private final Questions questions;

    /** @param projector tells how far the answers are behind */
    public ReadModelQueries(ReadModelDatabase database, ReadModelProjector projector) {
        questions = new Questions(database, threads);
        this.projector = projector;
    }

    @Override
    public CompletableFuture<Page<ExecutionRow>> executions(UUID orgId, ExecutionFilter filter, PageRequest page) {
        return questions.ask(
                orgId,
                connection -> Select.list(
                        connection,
                        ExecutionReader.COLUMNS,
                        SearchColumns.WORKFLOWS,
                        ExecutionReader.where(orgId, filter),
                        filter.search().order(),
                        page,
                        ExecutionReader::execution));
    }

    @Override
    public CompletableFuture<Holdings> holdings(UUID orgId, long mostWorkflows, long mostSchedules) {
        String sql =
                "SELECT (SELECT count(*) FROM (SELECT FROM workflow_executions WHERE org_id = ? AND closed_at_ms = 0"
                        + " LIMIT ?) AS open), (SELECT count(*) FROM (SELECT FROM schedules WHERE org_id = ? AND deleted_at_ms = 0"
                        + " LIMIT ?) AS kept)";
        return questions.ask(orgId, connection -> {
            try (PreparedStatement select = connection.prepareStatement(sql)) {
                select.setQueryTimeout(Questions.LIMIT_SECONDS);
                select.setObject(1, orgId);
                select.setLong(2, mostWorkflows);
                select.setObject(3, orgId);
                select.setLong(4, mostSchedules);
                return Select.all(select, row -> new Holdings(row.getLong(1), row.getLong(2)))
                        .getFirst();
            }
        });
    }

    @Override
    public CompletableFuture<Counts> executionCounts(UUID orgId, ExecutionFilter filter, Grouping by) {
        return questions.ask(
                orgId,
                connection -> GroupReader.counts(
                        connection, SearchColumns.WORKFLOWS, ExecutionReader.where(orgId, filter), by));
    }

    @Override
    public CompletableFuture<Counts> taskCounts(UUID orgId, TaskFilter filter, Grouping by) {
        return questions.ask(
                orgId,
                connection -> GroupReader.counts(connection, SearchColumns.TASKS, TaskReader.where(orgId, filter), by));
    }

    @Override
    public CompletableFuture<List<String>> values(UUID orgId, Subject subject, Grouping field, String begin) {
        return questions.ask(orgId, connection -> GroupReader.values(connection, orgId, subject, field, begin));
    }

    @Override
    public CompletableFuture<Optional<ExecutionDetail>> execution(UUID orgId, UUID executionId) {
        Where where = new Where("org_id = ?", orgId).and("id = ?", executionId);
        return questions.ask(
                orgId,
                connection -> Select.one(
                        connection, ExecutionReader.ONE, ExecutionReader.TABLE, where, ExecutionReader::detail));
    }

    @Override
    public CompletableFuture<Optional<List<EventRow>>> history(UUID orgId, UUID executionId) {
        return questions.ask(orgId, connection -> {
            try (PreparedStatement select = connection.prepareStatement(ExecutionReader.HISTORY)) {
                select.setQueryTimeout(Questions.LIMIT_SECONDS);
                select.setObject(1, executionId);
                select.setObject(2, orgId);
                List<EventRow> events = Select.all(select, ExecutionReader::event);
                return events.isEmpty() ? Optional.empty() : Optional.of(events);
            }
        });
    }

    @Override
    public CompletableFuture<ToldPart> told(UUID orgId, UUID executionId, long after) {
        return questions.ask(
                orgId,
                connection -> new ToldReader(connection, orgId, executionId, Questions.LIMIT_SECONDS).part(after));
    }

    @Override
    public CompletableFuture<List<ToldEvent>> toldBefore(UUID orgId, UUID executionId, long until, Set<String> types) {
        return questions.ask(
                orgId,
                connection ->
                        new ToldReader(connection, orgId, executionId, Questions.LIMIT_SECONDS).before(until, types));
    }

    @Override
    public CompletableFuture<Reach> reach(UUID orgId, Moment at, @Nullable UUID executionId) {
        CommandEnds ends = projector.commandEnds();
        Integer home = executionId == null || ends.partitions() == 0
                ? null
                : Integer.valueOf(Shards.partition(executionId, ends.partitions()));
        Moment wanted = at.equals(Moment.NOW) ? ends.now() : at;
        Questions.Question<Reach> question = connection ->
                ends.of(wanted, home, new PastReader(connection, orgId, Questions.LIMIT_SECONDS).nextCommands());
        if (at.equals(Moment.NOW)) {
            return soon(orgId, question, System.nanoTime());
        }
        return questions
                .ask(orgId, question)
                .thenComposeAsync(
                        reach -> {
                            if (reach != Reach.BEHIND_THE_LOG) {
                                return CompletableFuture.completedFuture(reach);
                            }
                            return sawTheEndAnew(ends)
                                    ? questions.ask(orgId, question)
                                    : CompletableFuture.completedFuture(Reach.NOT_YET);
                        },
                        threads);
    }

    /** The read model is about to take in what stands in the log now. */
    private CompletableFuture<Reach> soon(UUID orgId, Questions.Question<Reach> question, long begunNanos) {
        return questions.ask(orgId, question).thenCompose(reach -> {
            if (reach != Reach.NOT_YET || System.nanoTime() - begunNanos > SOON_NANOS) {
                return CompletableFuture.completedFuture(reach);
            }
            return CompletableFuture.supplyAsync(() -> null, later)
                    .thenCompose(nothing -> soon(orgId, question, begunNanos));
        });
    }

    /** The log may have grown since it was looked at. */
    private static boolean sawTheEndAnew(CommandEnds ends) {
        try {
            return ends.awaitNext(LOOK_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    @Override
    public CompletableFuture<PastEvents> past(UUID orgId, UUID executionId, Moment at) {
        return questions.ask(
                orgId, connection -> new PastReader(connection, orgId, Questions.LIMIT_SECONDS).of(executionId, at));
    }

    @Override
    public CompletableFuture<PastEvents> pastOpen(UUID orgId, long timeMs) {
        return questions.ask(
                orgId, connection -> new PastReader(connection, orgId, Questions.LIMIT_SECONDS).open(timeMs));
    }

    @Override
    public CompletableFuture<Page<TaskRow>> tasks(UUID orgId, TaskFilter filter, PageRequest page) {
        return questions.ask(
                orgId,
                connection -> Select.list(
                        connection,
                        TaskReader.COLUMNS,
                        SearchColumns.TASKS,
                        TaskReader.where(orgId, filter),
                        filter.search().order(),
                        page,
                        TaskReader::task));
    }

    @Override
    public CompletableFuture<Optional<TaskDetail>> task(UUID orgId, UUID taskId) {
        Where where = new Where("org_id = ?", orgId).and("id = ?", taskId);
        return questions.ask(
                orgId, connection -> Select.one(connection, "*", TaskReader.TABLE, where, TaskReader::detail));
    }

    @Override
    public CompletableFuture<Page<TrailEntry>> trail(UUID orgId, TrailFilter filter, PageRequest page) {
        Where where = TrailReader.where(orgId, filter, page.after());
        return questions.ask(orgId, connection -> TrailReader.part(connection, where, page.limit()));
    }

    @Override
    public CompletableFuture<Page<Approval>> approvals(UUID orgId, boolean pendingOnly, PageRequest page) {
        Where where = ApprovalReader.requests(orgId, pendingOnly, page.after());
        return questions.ask(orgId, connection -> {
            Page<TrailEntry> requests = TrailReader.part(connection, where, page.limit());
            List<Page.Row<Approval>> approvals = new ArrayList<>();
            for (Page.Row<TrailEntry> request : requests.rows()) {
                String id = Objects.requireNonNull(request.item().details().get(Asked.APPROVAL), Asked.APPROVAL);
                // Each request has its row, whatever else is found of it: a part without rows could not say where it
                // ends.
                ApprovalReader.approval(connection, orgId, id)
                        .or(() -> Approval.of(List.of(request.item())))
                        .ifPresent(approval -> approvals.add(new Page.Row<>(approval, request.place())));
            }
            return new Page<>(approvals, requests.more());
        });
    }

    @Override
    public CompletableFuture<Optional<Approval>> approval(UUID orgId, UUID id) {
        return questions.ask(orgId, connection -> ApprovalReader.approval(connection, orgId, id.toString()));
    }

    @Override
    public CompletableFuture<Page<ScheduleRow>> schedules(UUID orgId, PageRequest page) {
        Where where = ScheduleReader.all(orgId, page.after());
        String sql = ScheduleReader.list(where, page.limit());
        return questions.ask(
                orgId,
                connection -> Select.page(
                        connection,
                        sql,
                        where,
                        page.limit(),
                        ScheduleReader::schedule,
                        (row, schedule) -> ScheduleReader.cursor(schedule)));
    }

    @Override
    public CompletableFuture<Optional<ScheduleRow>> schedule(UUID orgId, String name) {
        Where where = ScheduleReader.named(orgId, name);
        return questions.ask(
                orgId,
                connection -> Select.one(connection, ScheduleReader.ONE, "schedules", where, ScheduleReader::schedule));
    }

    @Override
    public CompletableFuture<Page<ScheduleRun>> scheduleRuns(UUID orgId, UUID scheduleId, PageRequest page) {
        Where where = ScheduleReader.runsOf(orgId, scheduleId, page.after());
        String sql = ScheduleReader.runs(where, page.limit());
        return questions.ask(
                orgId,
                connection -> Select.page(
                        connection,
                        sql,
                        where,
                        page.limit(),
                        ScheduleReader::run,
                        (row, run) -> ScheduleReader.place(row)));
    }

    @Override
    public CompletableFuture<List<SavedQueryRow>> savedQueries(UUID orgId) {
        Where where = new Where("org_id = ?", orgId);
        return questions.ask(orgId, connection -> {
            try (PreparedStatement select = Select.prepare(
                    connection, "SELECT * FROM saved_queries WHERE " + where.sql() + " ORDER BY name", where)) {
                return Select.all(
                        select,
                        row -> new SavedQueryRow(
                                row.getString("name"),
                                row.getString("subject"),
                                row.getString("query"),
                                row.getString("about"),
                                row.getString("saved_by"),
                                row.getLong("saved_at_ms"),
                                row.getLong("version")));
            }
        });
    }

    @Override
    public CompletableFuture<Optional<ByteString>> annotations(UUID orgId, UUID executionId) {
        Where where = new Where("org_id = ?", orgId).and("id = ?", executionId);
        return questions.ask(
                orgId,
                connection -> Select.one(
                        connection,
                        "coalesce(annotations, '[]'::jsonb)::text AS annotations",
                        ExecutionReader.TABLE,
                        where,
                        row -> ByteString.copyFromUtf8(row.getString("annotations"))));
    }

    @Override
    public CompletableFuture<Page<BulkJobRow>> bulkJobs(UUID orgId, PageRequest page) {
        Where where = BulkReader.jobs(orgId, page.after());
        String sql = BulkReader.jobs(where, page.limit());
        return questions.ask(
                orgId,
                connection -> Select.page(
                        connection,
                        sql,
                        where,
                        page.limit(),
                        BulkReader::job,
                        (row, job) -> new Cursor(job.begunMs(), job.id())));
    }

    @Override
    public CompletableFuture<Optional<BulkJobRow>> bulkJob(UUID orgId, UUID jobId) {
        Where where = new Where("org_id = ?", orgId).and("id = ?", jobId);
        return questions.ask(orgId, connection -> Select.one(connection, "*", BulkReader.JOBS, where, BulkReader::job));
    }

    @Override
    public CompletableFuture<List<BulkJobRow>> openBulkJobs() {
        return questions.ask(NOBODY, connection -> {
            try (PreparedStatement select = connection.prepareStatement(BulkReader.OPEN)) {
                select.setQueryTimeout(Questions.LIMIT_SECONDS);
                return Select.all(select, BulkReader::job);
            }
        });
    }

    @Override
    public CompletableFuture<Page<BulkItem>> bulkItems(
            UUID orgId, UUID jobId, @Nullable String result, PageRequest page) {
        Where where = BulkReader.items(orgId, jobId, result, page.after());
        String sql = BulkReader.items(where, page.limit());
        return questions.ask(
                orgId,
                connection -> Select.page(
                        connection, sql, where, page.limit(), BulkReader::item, (row, item) -> BulkReader.place(row)));
    }

    @Override
    public CompletableFuture<BulkCounts> bulkCounts(UUID orgId, UUID jobId, Subject subject, @Nullable Cursor after) {
        Where where = BulkReader.tally(orgId, jobId, after);
        String sql = BulkReader.tally(orgId, jobId, subject, after);
        return questions.ask(orgId, connection -> {
            Map<String, Long> counts = new HashMap<>();
            try (PreparedStatement select = Select.prepare(connection, sql, where);
                    ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    counts.put(row.getString(1), row.getLong(2));
                }
            }
            return new BulkCounts(
                    counts.getOrDefault("DONE", 0L),
                    counts.getOrDefault("REFUSED", 0L),
                    counts.getOrDefault("SKIPPED", 0L));
        });
    }

    @Override
    public CompletableFuture<Set<UUID>> bulkAsked(UUID orgId, UUID jobId, List<UUID> ids) {
        if (ids.isEmpty()) {
            return CompletableFuture.completedFuture(Set.of());
        }
        Where where = BulkReader.asked(orgId, jobId, ids);
        return questions.ask(orgId, connection -> {
            try (PreparedStatement select = Select.prepare(connection, BulkReader.asked(where), where)) {
                return Set.copyOf(Select.all(select, row -> row.getObject(1, UUID.class)));
            }
        });
    }

    @Override
    public CompletableFuture<Boolean> isBroken(UUID orgId, UUID executionId) {
        Where where = new Where("org_id = ?", orgId).and("execution_id = ?", executionId);
        return questions.ask(
                orgId,
                connection -> Select.one(connection, "1", "broken_executions", where, row -> true)
                        .isPresent());
    }

    @Override
    public CompletableFuture<List<LogBreak>> breaks() {
        return questions.ask(NOBODY, connection -> {
            try (PreparedStatement select = connection.prepareStatement("SELECT partition_number, event_offset, kind"
                    + " FROM log_breaks ORDER BY event_offset DESC, partition_number LIMIT " + BREAKS_SHOWN)) {
                select.setQueryTimeout(Questions.LIMIT_SECONDS);
                return Select.all(select, row -> new LogBreak(row.getInt(1), row.getLong(2), row.getString(3)));
            }
        });
    }

    @Override
    public CompletableFuture<Long> taken() {
        return questions.ask(NOBODY, connection -> {
            try (PreparedStatement select =
                    connection.prepareStatement("SELECT coalesce(sum(list_changes), 0) FROM projector_offsets")) {
                select.setQueryTimeout(Questions.LIMIT_SECONDS);
                return Select.all(select, row -> row.getLong(1)).getFirst();
            }
        });
    }

    @Override
    public CompletableFuture<ReadModelLag> lag() {
        try {
            return CompletableFuture.completedFuture(projector.lag());
        } catch (QueriesUnavailableException e) {
            return CompletableFuture.failedFuture(e);
        }
    }
}
