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
import io.millrace.ingest.search.Search;
import io.millrace.ingest.search.SortOrder;
import io.millrace.ingest.search.Subject;
import io.millrace.proto.Moment;
import io.millrace.proto.Shards;
import io.millrace.proto.v1.ExecutionStatus;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Answers from PostgreSQL, each on a virtual thread. */
public final class ReadModelQueries implements ExecutionQueries {

    /** What lists show: payloads may be large, and stay where they are. */
    private static final String EXECUTION = "id, kind, queue, status, workflow_version, metadata, idempotency_key,"
            + " parent_execution_id, child_execution_name, priority_seconds, error, terminated_by, reset_from, reset_to, worker_id, started_at_ms, deliveries,"
            + " created_at_ms, closed_at_ms, history_length, EXISTS (SELECT FROM broken_executions b WHERE b.org_id = workflow_executions.org_id"
            + " AND b.execution_id = workflow_executions.id) AS broken";

    private static final String TASK = "id, execution_id, kind, queue, status, execution_count, max_retries, worker_id,"
            + " error, created_at_ms, started_at_ms, completed_at_ms";
    private static final int LIMIT_SECONDS = 15;
    /** The projector looks every second or so, between records. */
    private static final long LOOK_MILLIS = 5_000;
    /** How long a question for what is there now waits for the read model, and how often it looks meanwhile. */
    private static final long SOON_NANOS = TimeUnit.SECONDS.toNanos(3);

    private static final long AGAIN_MILLIS = 250;

    private static final int BREAKS_SHOWN = 20;
    private static final int VALUES_LOOKED_AT = 1_000;
    private static final int VALUES_TOLD = 20;
    private static final String CANCELLED_FOR_TIME = "57014";
    private static final UUID NOBODY = new UUID(0, 0);

    private final ReadModelDatabase database;
    private final ReadModelProjector projector;
    private final Executor threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Executor later = CompletableFuture.delayedExecutor(AGAIN_MILLIS, TimeUnit.MILLISECONDS, threads);
    private final Map<UUID, Semaphore> turnsOf = new ConcurrentHashMap<>();

    /** @param projector tells how far the answers are behind */
    public ReadModelQueries(ReadModelDatabase database, ReadModelProjector projector) {
        this.database = database;
        this.projector = projector;
    }

    @Override
    public CompletableFuture<Page<ExecutionRow>> executions(UUID orgId, ExecutionFilter filter, PageRequest page) {
        return ask(
                orgId,
                connection -> list(
                        connection,
                        EXECUTION,
                        SearchColumns.WORKFLOWS,
                        where(orgId, filter),
                        filter.search().order(),
                        page,
                        ReadModelQueries::execution));
    }

    private static Where where(UUID orgId, ExecutionFilter filter) {
        Where where = new Where("org_id = ?", orgId);
        where.status(filter.status());
        where.equal("kind", filter.kind());
        where.equal("queue", filter.queue());
        if (!filter.metadata().isEmpty()) {
            where.and("metadata @> ?::jsonb", Texts.json(filter.metadata()));
        }
        search(where, SearchColumns.WORKFLOWS, filter.search());
        return where;
    }

    private static Where where(UUID orgId, TaskFilter filter) {
        Where where = new Where("org_id = ?", orgId);
        where.status(filter.status());
        where.equal("kind", filter.kind());
        where.equal("queue", filter.queue());
        where.equal("execution_id", filter.executionId());
        search(where, SearchColumns.TASKS, filter.search());
        return where;
    }

    private static void search(Where where, SearchColumns columns, Search search) {
        if (search.condition() != null) {
            SearchSql.and(where, columns, search.condition(), System.currentTimeMillis());
        }
    }

    @Override
    public CompletableFuture<Holdings> holdings(UUID orgId, long mostWorkflows, long mostSchedules) {
        String sql =
                "SELECT (SELECT count(*) FROM (SELECT FROM workflow_executions WHERE org_id = ? AND closed_at_ms = 0"
                        + " LIMIT ?) AS open), (SELECT count(*) FROM (SELECT FROM schedules WHERE org_id = ? AND deleted_at_ms = 0"
                        + " LIMIT ?) AS kept)";
        return ask(orgId, connection -> {
            try (PreparedStatement select = connection.prepareStatement(sql)) {
                select.setQueryTimeout(LIMIT_SECONDS);
                select.setObject(1, orgId);
                select.setLong(2, mostWorkflows);
                select.setObject(3, orgId);
                select.setLong(4, mostSchedules);
                return all(select, row -> new Holdings(row.getLong(1), row.getLong(2)))
                        .getFirst();
            }
        });
    }

    @Override
    public CompletableFuture<Counts> executionCounts(UUID orgId, ExecutionFilter filter, Grouping by) {
        return ask(orgId, connection -> counts(connection, SearchColumns.WORKFLOWS, where(orgId, filter), by));
    }

    @Override
    public CompletableFuture<Counts> taskCounts(UUID orgId, TaskFilter filter, Grouping by) {
        return ask(orgId, connection -> counts(connection, SearchColumns.TASKS, where(orgId, filter), by));
    }

    private static Counts counts(Connection connection, SearchColumns columns, Where where, Grouping by)
            throws SQLException {
        String column = column(by);
        // The sum of all groups, also of those that are not told.
        String sql = "SELECT " + column + ", count(*), sum(count(*)) OVER () FROM " + columns.table() + " WHERE "
                + where.sql() + " GROUP BY " + column + " ORDER BY 2 DESC, 1 LIMIT " + Counts.MAX_GROUPS;
        try (PreparedStatement select = prepare(connection, sql, where);
                ResultSet row = select.executeQuery()) {
            List<Counts.Group> groups = new ArrayList<>();
            long total = 0;
            while (row.next()) {
                String value = by == Grouping.STATUS
                        ? ExecutionStatus.forNumber(row.getInt(1)).name()
                        : row.getString(1);
                groups.add(new Counts.Group(value, row.getLong(2)));
                total = row.getLong(3);
            }
            return new Counts(total, groups);
        }
    }

    private static String column(Grouping by) {
        return switch (by) {
            case STATUS -> "status";
            case KIND -> "kind";
            case QUEUE -> "queue";
        };
    }

    @Override
    public CompletableFuture<List<String>> values(UUID orgId, Subject subject, Grouping field, String begin) {
        String table = SearchColumns.of(subject).table();
        String column = column(field);
        // From value to value by the index, for the rows of one value may be many.
        String next = "(SELECT " + column + " FROM " + table + " WHERE org_id = ?%s ORDER BY " + column + " LIMIT 1)";
        String sql = "WITH RECURSIVE every AS (" + next.formatted("") + " UNION ALL SELECT "
                + next.formatted(" AND " + column + " > every." + column) + " FROM every WHERE every." + column
                + " IS NOT NULL) SELECT " + column + " FROM (SELECT * FROM every LIMIT " + VALUES_LOOKED_AT
                + ") AS found WHERE starts_with(lower(" + column + "), lower(?)) LIMIT " + VALUES_TOLD;
        return ask(orgId, connection -> {
            try (PreparedStatement select = connection.prepareStatement(sql)) {
                select.setQueryTimeout(LIMIT_SECONDS);
                select.setObject(1, orgId);
                select.setObject(2, orgId);
                select.setString(3, Texts.clean(begin));
                return all(select, row -> row.getString(1));
            }
        });
    }

    @Override
    public CompletableFuture<Optional<ExecutionDetail>> execution(UUID orgId, UUID executionId) {
        Where where = new Where("org_id = ?", orgId).and("id = ?", executionId);
        return ask(
                orgId,
                connection -> one(
                        connection,
                        EXECUTION + ", input, output",
                        "workflow_executions",
                        where,
                        row -> new ExecutionDetail(execution(row), bytes(row, "input"), bytes(row, "output"))));
    }

    @Override
    public CompletableFuture<Optional<List<EventRow>>> history(UUID orgId, UUID executionId) {
        return ask(orgId, connection -> {
            try (PreparedStatement select = connection.prepareStatement("SELECT history_sequence, type, data, time_ms"
                    + " FROM events WHERE execution_id = ? AND org_id = ? AND history_sequence > 0"
                    + " ORDER BY chain_sequence")) {
                select.setQueryTimeout(LIMIT_SECONDS);
                select.setObject(1, executionId);
                select.setObject(2, orgId);
                List<EventRow> events = new ArrayList<>();
                try (ResultSet row = select.executeQuery()) {
                    while (row.next()) {
                        events.add(new EventRow(row.getInt(1), row.getString(2), bytes(row, "data"), row.getLong(4)));
                    }
                }
                return events.isEmpty() ? Optional.empty() : Optional.of(events);
            }
        });
    }

    @Override
    public CompletableFuture<ToldPart> told(UUID orgId, UUID executionId, long after) {
        return ask(orgId, connection -> new ToldReader(connection, orgId, executionId, LIMIT_SECONDS).part(after));
    }

    @Override
    public CompletableFuture<List<ToldEvent>> toldBefore(UUID orgId, UUID executionId, long until, Set<String> types) {
        return ask(
                orgId,
                connection -> new ToldReader(connection, orgId, executionId, LIMIT_SECONDS).before(until, types));
    }

    @Override
    public CompletableFuture<Reach> reach(UUID orgId, Moment at, @Nullable UUID executionId) {
        CommandEnds ends = projector.commandEnds();
        Integer home = executionId == null || ends.partitions() == 0
                ? null
                : Integer.valueOf(Shards.partition(executionId, ends.partitions()));
        Moment wanted = at.equals(Moment.NOW) ? ends.now() : at;
        Question<Reach> question =
                connection -> ends.of(wanted, home, new PastReader(connection, orgId, LIMIT_SECONDS).nextCommands());
        if (at.equals(Moment.NOW)) {
            return soon(orgId, question, System.nanoTime());
        }
        return ask(orgId, question)
                .thenComposeAsync(
                        reach -> {
                            if (reach != Reach.BEHIND_THE_LOG) {
                                return CompletableFuture.completedFuture(reach);
                            }
                            return sawTheEndAnew(ends)
                                    ? ask(orgId, question)
                                    : CompletableFuture.completedFuture(Reach.NOT_YET);
                        },
                        threads);
    }

    /** The read model is about to take in what stands in the log now. */
    private CompletableFuture<Reach> soon(UUID orgId, Question<Reach> question, long begunNanos) {
        return ask(orgId, question).thenCompose(reach -> {
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
        return ask(orgId, connection -> new PastReader(connection, orgId, LIMIT_SECONDS).of(executionId, at));
    }

    @Override
    public CompletableFuture<PastEvents> pastOpen(UUID orgId, long timeMs) {
        return ask(orgId, connection -> new PastReader(connection, orgId, LIMIT_SECONDS).open(timeMs));
    }

    @Override
    public CompletableFuture<Page<TaskRow>> tasks(UUID orgId, TaskFilter filter, PageRequest page) {
        return ask(
                orgId,
                connection -> list(
                        connection,
                        TASK,
                        SearchColumns.TASKS,
                        where(orgId, filter),
                        filter.search().order(),
                        page,
                        ReadModelQueries::task));
    }

    @Override
    public CompletableFuture<Optional<TaskDetail>> task(UUID orgId, UUID taskId) {
        Where where = new Where("org_id = ?", orgId).and("id = ?", taskId);
        return ask(
                orgId,
                connection -> one(
                        connection,
                        "*",
                        "task_executions",
                        where,
                        row -> new TaskDetail(
                                task(row),
                                bytes(row, "input"),
                                bytes(row, "output"),
                                Texts.read(row.getString("metadata")))));
    }

    @Override
    public CompletableFuture<Page<TrailEntry>> trail(UUID orgId, TrailFilter filter, PageRequest page) {
        Where where = TrailReader.where(orgId, filter, page.after());
        return ask(orgId, connection -> trail(connection, where, page));
    }

    @Override
    public CompletableFuture<Page<Approval>> approvals(UUID orgId, boolean pendingOnly, PageRequest page) {
        Where where = ApprovalReader.requests(orgId, pendingOnly, page.after());
        return ask(orgId, connection -> {
            Page<TrailEntry> requests = trail(connection, where, page);
            List<Page.Row<Approval>> approvals = new ArrayList<>();
            for (Page.Row<TrailEntry> request : requests.rows()) {
                String id = Objects.requireNonNull(request.item().details().get(Asked.APPROVAL), Asked.APPROVAL);
                // Each request has its row, whatever else is found of it: a part without rows could not say where it
                // ends.
                approval(connection, orgId, id)
                        .or(() -> Approval.of(List.of(request.item())))
                        .ifPresent(approval -> approvals.add(new Page.Row<>(approval, request.place())));
            }
            return new Page<>(approvals, requests.more());
        });
    }

    @Override
    public CompletableFuture<Optional<Approval>> approval(UUID orgId, UUID id) {
        return ask(orgId, connection -> approval(connection, orgId, id.toString()));
    }

    private static Optional<Approval> approval(Connection connection, UUID orgId, String id) throws SQLException {
        Where where = ApprovalReader.all(orgId, id);
        // What was asked and decided first is what counts, however often somebody decides again at the same time.
        String sql = TrailReader.selectOldestFirst(where, PageRequest.MAX_LIMIT);
        return Approval.of(trail(connection, sql, where, PageRequest.MAX_LIMIT).items());
    }

    private static Page<TrailEntry> trail(Connection connection, Where where, PageRequest page) throws SQLException {
        return trail(connection, TrailReader.select(where, page.limit()), where, page.limit());
    }

    private static Page<TrailEntry> trail(Connection connection, String sql, Where where, int limit)
            throws SQLException {
        return page(connection, sql, where, limit, TrailReader::read, (row, entry) -> TrailReader.cursor(entry));
    }

    @Override
    public CompletableFuture<Page<ScheduleRow>> schedules(UUID orgId, PageRequest page) {
        Where where = ScheduleReader.all(orgId, page.after());
        String sql = ScheduleReader.list(where, page.limit());
        return ask(
                orgId,
                connection -> page(
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
        return ask(
                orgId, connection -> one(connection, ScheduleReader.ONE, "schedules", where, ScheduleReader::schedule));
    }

    @Override
    public CompletableFuture<Page<ScheduleRun>> scheduleRuns(UUID orgId, UUID scheduleId, PageRequest page) {
        Where where = ScheduleReader.runsOf(orgId, scheduleId, page.after());
        String sql = ScheduleReader.runs(where, page.limit());
        return ask(
                orgId,
                connection -> page(
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
        return ask(orgId, connection -> {
            try (PreparedStatement select =
                    prepare(connection, "SELECT * FROM saved_queries WHERE " + where.sql() + " ORDER BY name", where)) {
                return all(
                        select,
                        row -> new SavedQueryRow(
                                row.getString("name"),
                                row.getString("subject"),
                                row.getString("query"),
                                row.getString("about"),
                                row.getString("saved_by"),
                                row.getLong("saved_at_ms")));
            }
        });
    }

    @Override
    public CompletableFuture<Optional<ByteString>> annotations(UUID orgId, UUID executionId) {
        Where where = new Where("org_id = ?", orgId).and("id = ?", executionId);
        return ask(
                orgId,
                connection -> one(
                        connection,
                        "coalesce(annotations, '[]'::jsonb)::text AS annotations",
                        "workflow_executions",
                        where,
                        row -> ByteString.copyFromUtf8(row.getString("annotations"))));
    }

    @Override
    public CompletableFuture<Page<BulkJobRow>> bulkJobs(UUID orgId, PageRequest page) {
        Where where = BulkReader.jobs(orgId, page.after());
        String sql = BulkReader.jobs(where, page.limit());
        return ask(
                orgId,
                connection -> page(
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
        return ask(orgId, connection -> one(connection, "*", BulkReader.JOBS, where, BulkReader::job));
    }

    @Override
    public CompletableFuture<List<BulkJobRow>> openBulkJobs() {
        return ask(NOBODY, connection -> {
            try (PreparedStatement select = connection.prepareStatement(BulkReader.OPEN)) {
                select.setQueryTimeout(LIMIT_SECONDS);
                return all(select, BulkReader::job);
            }
        });
    }

    @Override
    public CompletableFuture<Page<BulkItem>> bulkItems(
            UUID orgId, UUID jobId, @Nullable String result, PageRequest page) {
        Where where = BulkReader.items(orgId, jobId, result, page.after());
        String sql = BulkReader.items(where, page.limit());
        return ask(
                orgId,
                connection -> page(
                        connection, sql, where, page.limit(), BulkReader::item, (row, item) -> BulkReader.place(row)));
    }

    @Override
    public CompletableFuture<BulkCounts> bulkCounts(UUID orgId, UUID jobId, Subject subject, @Nullable Cursor after) {
        Where where = BulkReader.tally(orgId, jobId, after);
        String sql = BulkReader.tally(orgId, jobId, subject, after);
        return ask(orgId, connection -> {
            Map<String, Long> counts = new HashMap<>();
            try (PreparedStatement select = prepare(connection, sql, where);
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
        return ask(orgId, connection -> {
            try (PreparedStatement select = prepare(connection, BulkReader.asked(where), where)) {
                return Set.copyOf(all(select, row -> row.getObject(1, UUID.class)));
            }
        });
    }

    @Override
    public CompletableFuture<Boolean> isBroken(UUID orgId, UUID executionId) {
        Where where = new Where("org_id = ?", orgId).and("execution_id = ?", executionId);
        return ask(
                orgId,
                connection -> one(connection, "1", "broken_executions", where, row -> true)
                        .isPresent());
    }

    @Override
    public CompletableFuture<List<LogBreak>> breaks() {
        return ask(NOBODY, connection -> {
            try (PreparedStatement select = connection.prepareStatement("SELECT partition_number, event_offset, kind"
                    + " FROM log_breaks ORDER BY event_offset DESC, partition_number LIMIT " + BREAKS_SHOWN)) {
                select.setQueryTimeout(LIMIT_SECONDS);
                return all(select, row -> new LogBreak(row.getInt(1), row.getLong(2), row.getString(3)));
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

    @FunctionalInterface
    private interface Question<T> {
        T ask(Connection connection) throws SQLException;
    }

    @FunctionalInterface
    private interface RowReader<T> {
        T read(ResultSet row) throws SQLException;
    }

    /** No organisation has more than half of the connections: one with slow questions leaves the rest to others. */
    private <T> CompletableFuture<T> ask(UUID orgId, Question<T> question) {
        Semaphore turns =
                turnsOf.computeIfAbsent(orgId, org -> new Semaphore(Math.max(1, database.connections() / 2), true));
        return CompletableFuture.supplyAsync(
                () -> {
                    awaitTurn(turns);
                    try {
                        return ask(question);
                    } finally {
                        turns.release();
                    }
                },
                threads);
    }

    private static void awaitTurn(Semaphore turns) {
        try {
            if (!turns.tryAcquire(LIMIT_SECONDS, TimeUnit.SECONDS)) {
                throw new QueriesUnavailableException(
                        "expected the organisation's questions to the read model to be answered in their turn, but those"
                                + " before took more than " + LIMIT_SECONDS + " s",
                        null);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new QueriesUnavailableException("interrupted while the read model was to be asked", e);
        }
    }

    private <T> T ask(Question<T> question) {
        try (Connection connection = database.connection()) {
            connection.setReadOnly(true);
            T answer = question.ask(connection);
            connection.rollback();
            return answer;
        } catch (SQLException e) {
            if (CANCELLED_FOR_TIME.equals(e.getSQLState())) {
                throw new QueriesUnavailableException(
                        "expected the read model's database to answer within " + LIMIT_SECONDS
                                + " s, but what was asked takes longer: ask for less, for example by"
                                + " created > -7d",
                        e);
            }
            throw new QueriesUnavailableException(
                    "expected the read model's database to answer, but it did not: " + e.getMessage(), e);
        }
    }

    private static <T> Page<T> list(
            Connection connection,
            String columns,
            SearchColumns fields,
            Where where,
            SortOrder order,
            PageRequest page,
            RowReader<T> reader)
            throws SQLException {
        String place = fields.of(order.field()).sql();
        String direction = order.descending() ? " DESC" : " ASC";
        Cursor after = page.after();
        if (after != null) {
            where.and("(" + place + ", id) " + (order.descending() ? "<" : ">") + " (?, ?)", after.value(), after.id());
        }
        String sql = BoundedRows.select(
                columns + ", " + place + " AS place",
                fields.table() + " WHERE " + where.sql(),
                place + direction + ", id" + direction,
                "place" + direction + ", id" + direction,
                fields.bytes(),
                page.limit());
        String name = order.isUsual() ? "" : order.name();
        return page(
                connection,
                sql,
                where,
                page.limit(),
                reader,
                (row, item) -> new Cursor(name, row.getLong("place"), row.getObject("id", UUID.class)));
    }

    @FunctionalInterface
    private interface Place<T> {
        Cursor of(ResultSet row, T item) throws SQLException;
    }

    /** @param sql made by {@link BoundedRows} */
    private static <T> Page<T> page(
            Connection connection, String sql, Where where, int limit, RowReader<T> reader, Place<T> place)
            throws SQLException {
        try (PreparedStatement select = prepare(connection, sql, where);
                ResultSet row = select.executeQuery()) {
            List<Page.Row<T>> rows = new ArrayList<>();
            long found = 0;
            while (rows.size() < limit && row.next()) {
                T item = reader.read(row);
                rows.add(new Page.Row<>(item, place.of(row, item)));
                found = row.getLong(BoundedRows.FOUND);
            }
            return new Page<>(rows, found > rows.size());
        }
    }

    private static <T> Optional<T> one(
            Connection connection, String columns, String table, Where where, RowReader<T> reader) throws SQLException {
        try (PreparedStatement select =
                        prepare(connection, "SELECT " + columns + " FROM " + table + " WHERE " + where.sql(), where);
                ResultSet row = select.executeQuery()) {
            return row.next() ? Optional.of(reader.read(row)) : Optional.empty();
        }
    }

    private static <T> List<T> all(PreparedStatement select, RowReader<T> reader) throws SQLException {
        try (ResultSet row = select.executeQuery()) {
            List<T> all = new ArrayList<>();
            while (row.next()) {
                all.add(reader.read(row));
            }
            return all;
        }
    }

    private static PreparedStatement prepare(Connection connection, String sql, Where where) throws SQLException {
        PreparedStatement select = connection.prepareStatement(sql);
        select.setQueryTimeout(LIMIT_SECONDS);
        where.set(select);
        return select;
    }

    private static ExecutionRow execution(ResultSet row) throws SQLException {
        return new ExecutionRow(
                row.getObject("id", UUID.class),
                row.getString("kind"),
                row.getString("queue"),
                ExecutionStatus.forNumber(row.getInt("status")),
                row.getString("workflow_version"),
                Texts.read(row.getString("metadata")),
                row.getString("idempotency_key"),
                row.getObject("parent_execution_id", UUID.class),
                row.getString("child_execution_name"),
                row.getInt("priority_seconds"),
                row.getString("error"),
                row.getString("terminated_by"),
                row.getObject("reset_from", UUID.class),
                row.getObject("reset_to", UUID.class),
                row.getString("worker_id"),
                row.getLong("started_at_ms"),
                row.getInt("deliveries"),
                row.getLong("created_at_ms"),
                row.getLong("closed_at_ms"),
                row.getInt("history_length"),
                row.getBoolean("broken"));
    }

    private static TaskRow task(ResultSet row) throws SQLException {
        return new TaskRow(
                row.getObject("id", UUID.class),
                row.getObject("execution_id", UUID.class),
                row.getString("kind"),
                row.getString("queue"),
                ExecutionStatus.forNumber(row.getInt("status")),
                row.getInt("execution_count"),
                row.getInt("max_retries"),
                row.getString("worker_id"),
                row.getString("error"),
                row.getLong("created_at_ms"),
                row.getLong("started_at_ms"),
                row.getLong("completed_at_ms"));
    }

    private static ByteString bytes(ResultSet row, String column) throws SQLException {
        byte[] bytes = row.getBytes(column);
        return bytes == null ? ByteString.EMPTY : ByteString.copyFrom(bytes);
    }
}
