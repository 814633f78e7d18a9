package io.millrace.infra.readmodel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.infra.embedded.EmbeddedDatabase;
import io.millrace.infra.server.CloseStack;
import io.millrace.infra.testing.TempFolder;
import io.millrace.ingest.approvals.Approval;
import io.millrace.ingest.audit.trail.TrailEntry;
import io.millrace.ingest.queries.Cursor;
import io.millrace.ingest.queries.ExecutionFilter;
import io.millrace.ingest.queries.Page;
import io.millrace.ingest.queries.PageRequest;
import io.millrace.ingest.queries.TaskFilter;
import io.millrace.ingest.queries.ToldEvent;
import io.millrace.ingest.queries.ToldPart;
import io.millrace.ingest.queries.TrailFilter;
import io.millrace.ingest.readmodel.ReadModelConfig;
import io.millrace.ingest.readmodel.ReadModelDatabase;
import io.millrace.ingest.readmodel.ReadModelQueries;
import io.millrace.ingest.search.Search;
import io.millrace.ingest.search.Subject;
import io.millrace.proto.kafka.ClientSettings;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Lists of a real PostgreSQL whose rows together would not fit into the heap of any test: 500 errors of 1 MB. What is handed out at a
 * time is counted in bytes, and the parts together are the list.
 */
class LargeRowsTest {

    private static final UUID ORG = UUID.randomUUID();
    private static final int ROWS = 500;
    private static final int ERROR_BYTES = 1 << 20;
    private static final CloseStack PARTS = new CloseStack();

    private static EmbeddedDatabase postgres;
    private static ReadModelQueries queries;

    @BeforeAll
    static void fill() throws Exception {
        TempFolder folder = PARTS.push("test folder", new TempFolder());
        postgres = PARTS.push("PostgreSQL", EmbeddedDatabase.start(folder.path().resolve("postgres")));
        ReadModelConfig config = new ReadModelConfig(
                postgres.jdbcUrl(),
                postgres.user(),
                postgres.password(),
                4,
                new ClientSettings("127.0.0.1:1", Map.of()));
        queries = new ReadModelQueries(PARTS.push("read model", new ReadModelDatabase(config)), null);
        // One in ten has a long error, then the short ones come, and in the end long ones alone.
        execute(
                "INSERT INTO workflow_executions (org_id, id, kind, queue, status, workflow_version, priority_seconds, input,"
                        + " error, created_at_ms, closed_at_ms, history_length) SELECT '" + ORG
                        + "', gen_random_uuid(), 'k', 'q', 5, '', 0, '', repeat('e', CASE WHEN n % 10 = 0 OR n < 250 THEN "
                        + ERROR_BYTES + " ELSE 20 END), n / 3, 10000 - n, 3 FROM generate_series(1, " + ROWS
                        + ") AS n");
        execute(
                "INSERT INTO task_executions (org_id, id, kind, queue, status, execution_count, max_retries, input, error,"
                        + " created_at_ms, started_at_ms, completed_at_ms) SELECT org_id, id, kind, queue, status, 1, 3, '',"
                        + " error, created_at_ms, 1, closed_at_ms FROM workflow_executions");
    }

    @AfterAll
    static void stop() {
        PARTS.close();
    }

    private static void execute(String sql) {
        try (Connection connection =
                        DriverManager.getConnection(postgres.jdbcUrl(), postgres.user(), postgres.password());
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    private static List<UUID> ids(String sql) {
        try (Connection connection =
                        DriverManager.getConnection(postgres.jdbcUrl(), postgres.user(), postgres.password());
                Statement statement = connection.createStatement();
                var row = statement.executeQuery(sql)) {
            List<UUID> ids = new ArrayList<>();
            while (row.next()) {
                ids.add(row.getObject(1, UUID.class));
            }
            return ids;
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    private static final int MOST_BYTES = PageRequest.MAX_BYTES + ERROR_BYTES;

    /** @param between runs behind each part */
    private static <T> List<UUID> walk(
            Function<PageRequest, Page<T>> list, Function<T, UUID> id, Function<T, String> error, Runnable between) {
        List<UUID> all = new ArrayList<>();
        PageRequest asked = new PageRequest(PageRequest.MAX_LIMIT, null);
        while (true) {
            Page<T> page = list.apply(asked);
            long bytes = page.items().stream()
                    .mapToLong(item -> error.apply(item).length())
                    .sum();
            assertTrue(bytes <= MOST_BYTES, bytes + " bytes at once");
            page.items().forEach(item -> all.add(id.apply(item)));
            between.run();
            if (page.next() == null) {
                return all;
            }
            assertFalse(page.rows().isEmpty());
            asked = new PageRequest(
                    PageRequest.MAX_LIMIT, Cursor.parse(page.next().encode()).orElseThrow());
        }
    }

    private static List<UUID> workflows(String query, Runnable between) {
        ExecutionFilter filter =
                new ExecutionFilter(null, null, null, Map.of(), Search.parse(Subject.WORKFLOWS, query));
        return walk(
                asked -> queries.executions(ORG, filter, asked).join(),
                row -> row.id(),
                row -> row.error() == null ? "" : row.error(),
                between);
    }

    @Test
    void listsInAnyOrderEndEarlyAndGoOnWhereTheyEnded() {
        for (String order : List.of(
                "created_at_ms DESC", "created_at_ms ASC", "closed_at_ms DESC", "closed_at_ms - created_at_ms ASC")) {
            String query = "status = FAILED ORDER BY "
                    + order.replace("closed_at_ms - created_at_ms", "duration")
                            .replace("created_at_ms", "created")
                            .replace("closed_at_ms", "ended");
            List<UUID> expected = ids("SELECT id FROM workflow_executions WHERE org_id = '" + ORG + "' ORDER BY "
                    + order + ", id " + order.substring(order.lastIndexOf(' ')));

            assertEquals(expected, workflows(query, () -> {}), query);
        }
        TaskFilter tasks = new TaskFilter(null, null, null, null, Search.all(Subject.TASKS));
        assertEquals(
                ids("SELECT id FROM task_executions WHERE org_id = '" + ORG + "' ORDER BY created_at_ms DESC, id DESC"),
                walk(asked -> queries.tasks(ORG, tasks, asked).join(), row -> row.id(), row -> row.error(), () -> {}));
    }

    @Test
    void whatIsWrittenMeanwhileNeitherDoublesARowNorHidesOne() {
        List<UUID> before = workflows("queue = q", () -> {});
        Set<UUID> late = new HashSet<>();

        List<UUID> seen = workflows("queue = q", () -> {
            UUID id = UUID.randomUUID();
            late.add(id);
            execute("INSERT INTO workflow_executions (org_id, id, kind, queue, status, workflow_version,"
                    + " priority_seconds, input, error, created_at_ms, closed_at_ms, history_length) VALUES ('" + ORG
                    + "', '" + id + "', 'k', 'q', 5, '', 0, '', repeat('l', 1000000), 999999, 0, 1)");
        });

        execute("DELETE FROM workflow_executions WHERE created_at_ms = 999999");
        assertTrue(late.size() > 30, "only " + late.size() + " parts");
        assertEquals(before, seen);
    }

    /** An entry names each event of its outcome, and a worker may submit thousands at once. */
    @Test
    void theTrailAndApprovalsEndEarlyToo() {
        UUID org = UUID.randomUUID();
        String columns = "INSERT INTO audit_trail (org_id, partition_number, event_offset, command_offset, asked_at_ms,"
                + " decided_at_ms, principal_type, principal_id, node, command, outcome, request, reason, event_types,"
                + " details) SELECT '" + org + "', n % 4, n, n, 1, n / 5, 'USER', 'ann', 'n', 'record_note', 'DONE', ";
        execute(columns + "NULL, repeat('r', 16000), (SELECT array_agg('WORKFLOW_STARTED'::text)"
                + " FROM generate_series(1, 10000)), NULL FROM generate_series(1, 60) AS n");
        TrailFilter filter = new TrailFilter(null, null, null, null, null, null, null);
        List<String> trail = new ArrayList<>();
        int parts = 0;
        Cursor after = null;
        do {
            Page<TrailEntry> page = queries.trail(org, filter, new PageRequest(PageRequest.MAX_LIMIT, after))
                    .join();
            assertTrue(page.rows().size() <= 6, page.rows().size() + " entries of 0.4 MB");
            page.items().forEach(entry -> trail.add(entry.partition() + "-" + entry.offset()));
            after = page.next();
            parts++;
        } while (after != null);
        assertEquals(60, new HashSet<>(trail).size());
        assertEquals(60, trail.size());
        assertTrue(parts >= 10, parts + " parts");

        execute(columns + "'approval_requested', repeat('r', 16000), NULL, jsonb_build_object('approval',"
                + " ('00000000-0000-4000-8000-' || lpad(n::text, 12, '0')), 'action', 'CANCEL', 'expires',"
                + " '2030-01-01T00:00:00Z') FROM generate_series(1000, 1299) AS n");
        Set<UUID> approvals = new HashSet<>();
        int seen = 0;
        do {
            Page<Approval> page = queries.approvals(org, false, new PageRequest(PageRequest.MAX_LIMIT, after))
                    .join();
            assertTrue(page.rows().size() < 140, page.rows().size() + " requests of 16 kB");
            page.items().forEach(approval -> approvals.add(approval.id()));
            seen += page.rows().size();
            after = page.next();
        } while (after != null);
        assertEquals(300, approvals.size());
        assertEquals(300, seen);
    }

    /** However often somebody decides at the same time: what was asked and decided first counts. */
    @Test
    void anApprovalIsFoundBehindManyDecisions() {
        UUID org = UUID.randomUUID();
        UUID id = UUID.randomUUID();
        String entry = "INSERT INTO audit_trail (org_id, partition_number, event_offset, command_offset, asked_at_ms,"
                + " decided_at_ms, principal_type, principal_id, node, command, outcome, request, reason, event_types,"
                + " details) SELECT '" + org + "', 0, n, n, n, n, 'USER', 'u' || n, 'n', 'record_note', 'DONE', %s,"
                + " repeat('r', 16000), NULL, jsonb_build_object('approval', '" + id + "', 'action', 'CANCEL',"
                + " 'expires', '2030-01-01T00:00:00Z') FROM generate_series(%d, %d) AS n";
        execute(entry.formatted("'approval_requested'", 1, 1));
        execute(entry.formatted("'approval_approved'", 2, 700));

        Approval found = queries.approval(org, id).join().orElseThrow();

        assertEquals("u1", found.request().principal().getId());
        assertEquals("u2", found.decision().orElseThrow().principal().getId());
    }

    /** Their table is locked, so they take as long as questions may. */
    @Test
    void anOrganisationWithSlowQuestionsLeavesConnectionsToOthers() throws Exception {
        List<CompletableFuture<?>> slow = new ArrayList<>();
        try (Connection lock = DriverManager.getConnection(postgres.jdbcUrl(), postgres.user(), postgres.password());
                Statement statement = lock.createStatement()) {
            lock.setAutoCommit(false);
            statement.execute("LOCK TABLE workflow_executions IN ACCESS EXCLUSIVE MODE");
            for (int i = 0; i < 20; i++) {
                slow.add(queries.executions(ORG, ExecutionFilter.ALL, PageRequest.first()));
            }
            TaskFilter all = TaskFilter.ALL;
            for (int i = 0; i < 20; i++) {
                assertTrue(queries.tasks(UUID.randomUUID(), all, PageRequest.first())
                        .join()
                        .items()
                        .isEmpty());
            }
            lock.rollback();
        }
        slow.forEach(CompletableFuture::join);
    }

    @Test
    void whatHappenedToAnExecutionComesInPartsHoweverItsRunsAreCut() {
        UUID id = UUID.randomUUID();
        // Runs of 1, 2, 3, … events; each third event is large.
        execute("INSERT INTO event_runs SELECT 0, '" + ORG + "', '" + id + "', run * (run - 1) / 2 + 1,"
                + " (SELECT array_agg(n) FROM generate_series(1, run) AS n),"
                + " (SELECT array_agg(gen_random_uuid()) FROM generate_series(1, run)),"
                + " (SELECT array_agg(NULL::uuid) FROM generate_series(1, run)),"
                + " (SELECT array_agg(n) FROM generate_series(1, run) AS n),"
                + " (SELECT array_agg('TASK_FAILED'::text) FROM generate_series(1, run)),"
                + " (SELECT array_agg(convert_to('{\"e\":\"' || repeat('x', CASE WHEN n % 3 = 0 THEN 700000 ELSE 5 END)"
                + " || '\"}', 'UTF8')) FROM generate_series(1, run) AS n),"
                + " (SELECT array_agg(n) FROM generate_series(1, run) AS n),"
                + " (SELECT array_agg(''::bytea) FROM generate_series(1, run)) FROM generate_series(1, 20) AS run");
        long all = 20 * 21 / 2;
        // The same id of another organisation is another execution.
        execute("INSERT INTO event_runs SELECT partition_number, gen_random_uuid(), execution_id, first_chain_sequence,"
                + " event_offsets, command_ids, task_ids, history_sequences, types, data, times_ms, hashes"
                + " FROM event_runs WHERE execution_id = '" + id + "' AND first_chain_sequence < 10");

        List<Long> told = new ArrayList<>();
        ToldPart part;
        int parts = 0;
        do {
            part = queries.told(ORG, id, told.isEmpty() ? 0 : told.getLast()).join();
            long bytes = part.events().stream()
                    .mapToLong(event -> event.event().data().size())
                    .sum();
            assertTrue(bytes < ToldPart.MAX_BYTES + 700_100, bytes + " bytes at once");
            part.events().forEach(event -> told.add(event.chainSequence()));
            parts++;
        } while (part.more());
        assertEquals(LongStream.rangeClosed(1, all).boxed().toList(), told);
        assertTrue(parts >= 10, parts + " parts");
        assertEquals(
                LongStream.rangeClosed(1, 100).boxed().toList(),
                queries.toldBefore(ORG, id, 100, Set.of("TASK_FAILED", "TASK_RETRIED")).join().stream()
                        .map(ToldEvent::chainSequence)
                        .toList());
        assertTrue(
                queries.toldBefore(ORG, id, 100, Set.of("TASK_RETRIED")).join().isEmpty());
        assertTrue(queries.told(ORG, id, all).join().events().isEmpty());
        assertTrue(queries.told(ORG, UUID.randomUUID(), 0).join().events().isEmpty());
    }

    @Test
    void manySmallEventsComeInPartsToo() {
        UUID id = UUID.randomUUID();
        int all = ToldPart.MAX_EVENTS + 5;
        execute("INSERT INTO event_runs SELECT 0, '" + ORG + "', '" + id + "', n, ARRAY[n], ARRAY[gen_random_uuid()],"
                + " ARRAY[NULL::uuid], ARRAY[n], ARRAY['TASK_FAILED'], ARRAY['{}'::bytea], ARRAY[n], ARRAY[''::bytea]"
                + " FROM generate_series(1, " + all + ") AS n");

        ToldPart first = queries.told(ORG, id, 0).join();
        ToldPart second =
                queries.told(ORG, id, first.events().getLast().chainSequence()).join();

        assertEquals(ToldPart.MAX_EVENTS, first.events().size());
        assertTrue(first.more());
        assertEquals(5, second.events().size());
        assertFalse(second.more());
    }
}
