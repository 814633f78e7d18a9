package io.millrace.infra.readmodel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.infra.embedded.EmbeddedDatabase;
import io.millrace.infra.server.CloseStack;
import io.millrace.infra.testing.TempFolder;
import io.millrace.ingest.queries.Counts;
import io.millrace.ingest.queries.Cursor;
import io.millrace.ingest.queries.ExecutionFilter;
import io.millrace.ingest.queries.ExecutionRow;
import io.millrace.ingest.queries.Grouping;
import io.millrace.ingest.queries.Page;
import io.millrace.ingest.queries.PageRequest;
import io.millrace.ingest.queries.TaskFilter;
import io.millrace.ingest.queries.TaskRow;
import io.millrace.ingest.readmodel.ReadModelConfig;
import io.millrace.ingest.readmodel.ReadModelDatabase;
import io.millrace.ingest.readmodel.ReadModelQueries;
import io.millrace.ingest.search.Comparison;
import io.millrace.ingest.search.Condition;
import io.millrace.ingest.search.Field;
import io.millrace.ingest.search.FieldType;
import io.millrace.ingest.search.RandomSearches;
import io.millrace.ingest.search.Search;
import io.millrace.ingest.search.Subject;
import io.millrace.ingest.search.Value;
import io.millrace.proto.kafka.ClientSettings;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Queries on a real PostgreSQL: what they find is what somebody finds who goes through all rows one by one. */
class SearchTest {

    private static final UUID ORG = UUID.randomUUID();
    private static final int ROWS = 300;
    private static final int RETRIES = 3;
    private static final CloseStack PARTS = new CloseStack();

    private static Connection connection;
    private static ReadModelQueries queries;
    private static final List<Row> WORKFLOWS = new ArrayList<>();
    private static final List<Row> TASKS = new ArrayList<>();

    /** A row by its fields; what is not there has no value. */
    private record Row(UUID id, Map<String, Object> fields, Map<String, String> metadata) {}

    @BeforeAll
    static void fill() throws Exception {
        TempFolder folder = PARTS.push("test folder", new TempFolder());
        EmbeddedDatabase postgres =
                PARTS.push("PostgreSQL", EmbeddedDatabase.start(folder.path().resolve("postgres")));
        ReadModelConfig config = new ReadModelConfig(
                postgres.jdbcUrl(),
                postgres.user(),
                postgres.password(),
                4,
                new ClientSettings("127.0.0.1:1", Map.of()));
        ReadModelDatabase database = PARTS.push("read model", new ReadModelDatabase(config));
        queries = new ReadModelQueries(database, null);
        connection = PARTS.push(
                "connection", DriverManager.getConnection(postgres.jdbcUrl(), postgres.user(), postgres.password()));
        Random random = new Random(7);
        for (int i = 0; i < ROWS; i++) {
            WORKFLOWS.add(row(random, i, Subject.WORKFLOWS));
            TASKS.add(row(random, i, Subject.TASKS));
        }
        TASKS.forEach(SearchTest::addWhatItsWorkflowSays);
        WORKFLOWS.forEach(row -> insertWorkflow(ORG, row));
        TASKS.forEach(SearchTest::insertTask);
        // What belongs to others is never found.
        insertWorkflow(UUID.randomUUID(), WORKFLOWS.getFirst());
    }

    @AfterAll
    static void stop() {
        PARTS.close();
    }

    private static void addWhatItsWorkflowSays(Row task) {
        WORKFLOWS.stream()
                .filter(row -> row.id().equals(task.fields().get("workflow")))
                .forEach(row -> List.of("status", "successor")
                        .forEach(field -> task.fields()
                                .put("workflow." + field, row.fields().get(field))));
    }

    private static Row row(Random random, int number, Subject subject) {
        List<String> texts =
                RandomSearches.texts().stream().filter(text -> !text.isEmpty()).toList();
        Map<String, Object> fields = new HashMap<>();
        long created = random.nextInt(50) * 20_000L + 1;
        fields.put("status", 1L + random.nextInt(6));
        fields.put("kind", texts.get(random.nextInt(3)));
        fields.put("queue", texts.get(random.nextInt(texts.size())));
        fields.put("created", created);
        fields.put("history", (long) random.nextInt(5));
        fields.put("attempt", (long) random.nextInt(4));
        if (subject == Subject.TASKS) {
            fields.put("left", 1 + RETRIES - (long) fields.get("attempt"));
        }
        for (String text : List.of("worker", "version", "error", "key", "terminator", "annotation")) {
            if (random.nextBoolean()) {
                fields.put(
                        text, texts.get(random.nextInt(texts.size())) + (random.nextInt(3) == 0 ? " and A more" : ""));
            }
        }
        long from = created;
        if (random.nextInt(3) > 0) {
            from = created + random.nextInt(5_000);
            fields.put("started", from);
        }
        if (random.nextBoolean()) {
            long ended = from + random.nextInt(10_000);
            fields.put("ended", ended);
            if (subject == Subject.WORKFLOWS) {
                fields.put("duration", ended - created);
            } else if (fields.containsKey("started")) {
                fields.put("duration", ended - from);
            }
        }
        if (random.nextInt(4) == 0) {
            fields.put(subject == Subject.WORKFLOWS ? "parent" : "workflow", RandomSearches.IDS.get(random.nextInt(3)));
        }
        if (random.nextInt(3) == 0) {
            fields.put("dismissed", 1L + random.nextInt(1_000_000));
        }
        for (String run : List.of("predecessor", "successor")) {
            if (subject == Subject.WORKFLOWS && random.nextInt(4) == 0) {
                fields.put(run, RandomSearches.IDS.get(random.nextInt(3)));
            }
        }
        Map<String, String> metadata = new LinkedHashMap<>();
        RandomSearches.METADATA.stream()
                .filter(name -> random.nextInt(3) == 0)
                .forEach(name -> metadata.put(name, texts.get(random.nextInt(texts.size()))));
        UUID id = number < 2 ? RandomSearches.IDS.get(number) : UUID.randomUUID();
        fields.put("id", id);
        return new Row(id, fields, metadata);
    }

    private static void insertWorkflow(UUID org, Row row) {
        insert(
                "INSERT INTO workflow_executions (org_id, id, kind, queue, status, workflow_version, metadata, idempotency_key,"
                        + " parent_execution_id, priority_seconds, input, error, created_at_ms, closed_at_ms,"
                        + " history_length, worker_id, started_at_ms, deliveries, terminated_by, reset_from, reset_to,"
                        + " annotation, dismissed_at_ms)"
                        + " VALUES (?, ?, ?, ?, ?, ?, ?::jsonb, ?, ?, 0, '', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                org,
                row,
                "kind queue status version? metadata key parent error created ended# history worker started# attempt"
                        + " terminator predecessor successor annotation dismissed");
    }

    private static void insertTask(Row row) {
        insert(
                "INSERT INTO task_executions (org_id, id, execution_id, kind, queue, status, execution_count, max_retries,"
                        + " worker_id, metadata, input, error, created_at_ms, started_at_ms, completed_at_ms,"
                        + " idempotency_key, dismissed_at_ms) VALUES (?, ?, ?, ?, ?, ?, ?, " + RETRIES
                        + ", ?, ?::jsonb, '', ?, ?, ?, ?, ?, ?)",
                ORG,
                row,
                "workflow kind queue status attempt worker metadata error created started# ended# key dismissed");
    }

    /** @param fields of each place; with ? an empty text, with # a 0 where there is no value */
    private static void insert(String sql, UUID org, Row row, String fields) {
        try (PreparedStatement insert = connection.prepareStatement(sql)) {
            insert.setObject(1, org);
            insert.setObject(2, row.id());
            int place = 3;
            for (String field : fields.split(" ")) {
                String name = field.replaceAll("[?#]", "");
                Object value = name.equals("metadata")
                        ? row.metadata().isEmpty() ? null : json(row.metadata())
                        : row.fields().get(name);
                Object otherwise = field.endsWith("?") ? "" : field.endsWith("#") ? (Object) 0L : null;
                insert.setObject(place++, value == null ? otherwise : value);
            }
            insert.executeUpdate();
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    private static String json(Map<String, String> metadata) {
        return metadata.entrySet().stream()
                .map(entry -> quoted(entry.getKey()) + ":" + quoted(entry.getValue()))
                .collect(Collectors.joining(",", "{", "}"));
    }

    private static String quoted(String text) {
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }

    private static Page<ExecutionRow> workflows(Search search, PageRequest page) {
        return queries.executions(ORG, new ExecutionFilter(null, null, null, Map.of(), search), page)
                .join();
    }

    private static List<UUID> found(Subject subject, Search search) {
        PageRequest all = new PageRequest(PageRequest.MAX_LIMIT, null);
        return subject == Subject.WORKFLOWS
                ? workflows(search, all).items().stream().map(ExecutionRow::id).toList()
                : queries.tasks(ORG, new TaskFilter(null, null, null, null, search), all).join().items().stream()
                        .map(TaskRow::id)
                        .toList();
    }

    @Test
    void queriesFindWhatIsSoAndNothingElseInTheirOrder() {
        for (Subject subject : Subject.values()) {
            List<Row> rows = subject == Subject.WORKFLOWS ? WORKFLOWS : TASKS;
            RandomSearches searches = new RandomSearches(11, subject);
            int some = 0;
            for (int i = 0; i < 600; i++) {
                Search search = searches.next();
                long now = System.currentTimeMillis();

                List<UUID> found = found(subject, search);

                List<UUID> expected = rows.stream()
                        .filter(row -> search.condition() == null || holds(search.condition(), row, now))
                        .sorted(order(search))
                        .map(Row::id)
                        .toList();
                assertEquals(expected, found, search.written());
                some += found.isEmpty() || found.size() == rows.size() ? 0 : 1;
            }
            assertTrue(some > 250, "only " + some + " queries found some and not all");
        }
    }

    /** However many rows there are, the first part of a list is read in its order, and nothing is sorted for it. */
    @Test
    void eachOrderOfAListHasAnIndex() throws SQLException {
        String duration = "(CASE WHEN closed_at_ms > 0 THEN closed_at_ms - created_at_ms ELSE -1 END)";
        String ofTasks =
                "(CASE WHEN completed_at_ms > 0 AND started_at_ms > 0 THEN completed_at_ms - started_at_ms ELSE -1 END)";
        String left = "(greatest(max_retries + 1 + attempts_before - execution_count, 0))";
        Map<String, List<String>> orders = Map.of(
                "workflow_executions",
                List.of("created_at_ms", "started_at_ms", "closed_at_ms", duration, "deliveries", "history_length"),
                "task_executions",
                List.of("created_at_ms", "started_at_ms", "completed_at_ms", ofTasks, "execution_count", left));
        for (Subject subject : Subject.values()) {
            List<String> places = orders.get(subject == Subject.WORKFLOWS ? "workflow_executions" : "task_executions");
            // Of a status there are so many that they are sorted within it, some at a time.
            assertEquals(
                    subject.fields().stream()
                            .filter(field -> field.sortable() && !field.name().equals("status"))
                            .count(),
                    places.size());
        }
        try (Statement statement = connection.createStatement()) {
            // The table is so small that PostgreSQL would read it all at once.
            statement.execute("SET enable_seqscan = off");
            statement.execute("SET enable_sort = off");
            for (Map.Entry<String, List<String>> table : orders.entrySet()) {
                for (String place : table.getValue()) {
                    for (String direction : List.of("ASC", "DESC")) {
                        String plan = plan(
                                statement,
                                "SELECT id FROM " + table.getKey() + " WHERE org_id = '" + ORG + "' ORDER BY " + place
                                        + " " + direction + ", id " + direction + " LIMIT 100");
                        assertFalse(plan.contains("Sort"), table.getKey() + " by " + place + ":\n" + plan);
                    }
                }
            }
            statement.execute("RESET ALL");
        }
    }

    /** Everyday work has no place in two of the trail's indexes: what is rare among a lot of it is found by them all the same. */
    @Test
    void whatIsRareInTheTrailIsFoundByAnIndex() throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(
                    "INSERT INTO audit_trail (org_id, partition_number, event_offset, command_offset, asked_at_ms,"
                            + " decided_at_ms, principal_type, principal_id, node, command, outcome) SELECT '" + ORG
                            + "', 0, i, i, i, i, 'WORKER', 'w', 'n',"
                            + " CASE i WHEN 7 THEN 'cancel_workflow' WHEN 8 THEN 'submit_commands' ELSE 'start_workflow' END,"
                            + " CASE i WHEN 9 THEN 'NOT_FOUND' ELSE 'DONE' END FROM generate_series(1, 20000) AS i");
            statement.execute("ANALYZE audit_trail");
        }
        assertTrue(trailPlan("command", "cancel_workflow").contains("audit_trail_by_command"));
        assertTrue(trailPlan("command", "reset_workflow").contains("audit_trail_by_command"));
        assertTrue(trailPlan("outcome", "NOT_FOUND").contains("audit_trail_by_outcome"));
        assertTrue(trailPlan("outcome", "PERMISSION_DENIED").contains("audit_trail_by_outcome"));
        assertFalse(trailPlan("command", "start_workflow").contains("Sort"));
        assertFalse(trailPlan("outcome", "DONE").contains("Sort"));
    }

    private static String trailPlan(String column, String value) throws SQLException {
        try (PreparedStatement explain =
                connection.prepareStatement("EXPLAIN SELECT * FROM audit_trail WHERE org_id = ? AND " + column
                        + " = ? ORDER BY decided_at_ms DESC, partition_number DESC, event_offset DESC LIMIT 101")) {
            explain.setObject(1, ORG);
            explain.setObject(2, value);
            StringBuilder plan = new StringBuilder();
            try (ResultSet line = explain.executeQuery()) {
                while (line.next()) {
                    plan.append(line.getString(1)).append('\n');
                }
            }
            return plan.toString();
        }
    }

    private static String plan(Statement statement, String select) throws SQLException {
        StringBuilder plan = new StringBuilder();
        try (ResultSet line = statement.executeQuery("EXPLAIN " + select)) {
            while (line.next()) {
                plan.append(line.getString(1)).append('\n');
            }
        }
        return plan.toString();
    }

    private static Comparator<Row> order(Search search) {
        String field = search.order().field().name();
        Comparator<Row> order = Comparator.<Row>comparingLong(
                        row -> row.fields().get(field) instanceof Long value ? value : -1)
                // As PostgreSQL compares ids: by their bytes.
                .thenComparing(row -> row.id().toString());
        return search.order().descending() ? order.reversed() : order;
    }

    /** What a query means, once more and in another way. */
    private static boolean holds(Condition condition, Row row, long now) {
        return switch (condition) {
            case Condition.And and -> and.parts().stream().allMatch(part -> holds(part, row, now));
            case Condition.Or or -> or.parts().stream().anyMatch(part -> holds(part, row, now));
            case Condition.Not not -> !holds(not.part(), row, now);
            case Condition.Lacks lacks -> value(lacks.field(), row) == null;
            case Condition.In in -> in.values().stream().anyMatch(value -> same(value(in.field(), row), value));
            case Condition.Compare compare -> holds(compare, value(compare.field(), row), now);
        };
    }

    private static boolean holds(Condition.Compare compare, Object value, long now) {
        if (compare.comparison() == Comparison.EQUAL) {
            return same(value, compare.value());
        }
        if (value == null) {
            return false;
        }
        if (compare.comparison() == Comparison.CONTAINS) {
            String text = ((Value.Text) compare.value()).text().toLowerCase(Locale.ROOT);
            String pattern =
                    Arrays.stream(text.split("\\*", -1)).map(Pattern::quote).collect(Collectors.joining(".*"));
            return Pattern.compile(pattern, Pattern.DOTALL)
                    .matcher(((String) value).toLowerCase(Locale.ROOT))
                    .find();
        }
        long wanted = switch (compare.value()) {
            case Value.Whole whole -> whole.number();
            case Value.Span span -> span.millis();
            case Value.Moment moment -> moment.millis();
            case Value.Ago ago -> now - ago.millis();
            default -> throw new AssertionError(compare.value());
        };
        int compared = Long.compare((Long) value, wanted);
        return switch (compare.comparison()) {
            case MORE -> compared > 0;
            case AT_LEAST -> compared >= 0;
            case LESS -> compared < 0;
            case AT_MOST -> compared <= 0;
            default -> throw new AssertionError(compare);
        };
    }

    private static Object value(Field field, Row row) {
        return field.type() == FieldType.METADATA
                ? row.metadata().get(field.name())
                : row.fields().get(field.name());
    }

    private static boolean same(Object value, Value wanted) {
        return switch (wanted) {
            case Value.Text text -> text.text().equals(value);
            case Value.Status status ->
                Long.valueOf(status.status().getNumber()).equals(value);
            case Value.Id id -> id.id().equals(value);
            case Value.Whole whole -> Long.valueOf(whole.number()).equals(value);
            default -> throw new AssertionError(wanted);
        };
    }

    @Test
    void pagesInEveryOrderHoldTogetherEachOnce() {
        for (Field field : Subject.WORKFLOWS.fields()) {
            for (String direction : List.of("ASC", "DESC")) {
                if (field.sortable()) {
                    Search search = Search.parse(Subject.WORKFLOWS, "ORDER BY " + field.name() + " " + direction);
                    assertEquals(found(Subject.WORKFLOWS, search), pages(search, page -> {}), search.written());
                }
            }
        }
    }

    @Test
    void pagesHoldWhileOthersComeAndGo() {
        Search search = Search.parse(Subject.WORKFLOWS, "ORDER BY created DESC");
        List<UUID> before = found(Subject.WORKFLOWS, search);
        List<UUID> written = new ArrayList<>();

        List<UUID> seen = pages(search, page -> {
            Row newest = row(new Random(page), ROWS, Subject.WORKFLOWS);
            newest.fields().put("created", 2_000_000L + page);
            written.add(newest.id());
            insertWorkflow(ORG, newest);
            if (page > 1) {
                execute("DELETE FROM workflow_executions WHERE id = '" + written.getFirst() + "'");
            }
        });
        written.forEach(id -> execute("DELETE FROM workflow_executions WHERE id = '" + id + "'"));

        assertEquals(before, seen);
    }

    /** @param between is called behind each page with its number */
    private static List<UUID> pages(Search search, java.util.function.IntConsumer between) {
        List<UUID> all = new ArrayList<>();
        Cursor after = null;
        int number = 0;
        do {
            Page<ExecutionRow> page = workflows(search, new PageRequest(37, after));
            page.items().forEach(row -> all.add(row.id()));
            after = page.next() == null
                    ? null
                    : Cursor.parse(page.next().encode()).orElseThrow();
            between.accept(number++);
        } while (after != null);
        return all;
    }

    private static void execute(String sql) {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void countsAreThoseOfTheRows() {
        for (String text :
                List.of("", "status IN (FAILED, WAITING)", "error ~ more AND ended IS NOT NULL", "kind = nothing")) {
            Search search = Search.parse(Subject.WORKFLOWS, text);
            for (Grouping by : Grouping.values()) {
                Counts counts = queries.executionCounts(
                                ORG, new ExecutionFilter(null, null, null, Map.of(), search), by)
                        .join();

                Function<ExecutionRow, String> group = row -> switch (by) {
                    case STATUS -> row.status().name();
                    case KIND -> row.kind();
                    case QUEUE -> row.queue();
                };
                Map<String, Long> expected =
                        workflows(search, new PageRequest(PageRequest.MAX_LIMIT, null)).items().stream()
                                .collect(Collectors.groupingBy(group, TreeMap::new, Collectors.counting()));
                Map<String, Long> told = new TreeMap<>();
                counts.groups().forEach(each -> told.put(each.value(), each.count()));
                assertEquals(expected, told, text);
                assertEquals(expected.values().stream().mapToLong(n -> n).sum(), counts.total(), text);
            }
        }
        TaskFilter failed = new TaskFilter(null, null, null, null, Search.parse(Subject.TASKS, "status = FAILED"));
        Counts tasks = queries.taskCounts(ORG, failed, Grouping.STATUS).join();
        assertEquals("FAILED", tasks.groups().getFirst().value());
        assertEquals(tasks.total(), tasks.groups().getFirst().count());
    }

    @Test
    void valuesOfTheDataAreFoundByTheirBegin() {
        Set<String> kinds = new HashSet<>();
        WORKFLOWS.forEach(row -> kinds.add((String) row.fields().get("kind")));

        List<String> all =
                queries.values(ORG, Subject.WORKFLOWS, Grouping.KIND, "").join();
        List<String> begun =
                queries.values(ORG, Subject.WORKFLOWS, Grouping.KIND, "ORD").join();
        List<String> none = queries.values(UUID.randomUUID(), Subject.TASKS, Grouping.QUEUE, "")
                .join();

        assertEquals(kinds, new HashSet<>(all));
        assertEquals(List.of("order"), begun);
        assertEquals(List.of(), none);
    }

    @Test
    void theLastPageHasNoNext() {
        assertNull(workflows(Search.all(Subject.WORKFLOWS), new PageRequest(ROWS, null))
                .next());
    }
}
