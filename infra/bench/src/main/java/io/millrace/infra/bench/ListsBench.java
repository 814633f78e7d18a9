package io.millrace.infra.bench;

import io.millrace.infra.config.DatabaseSettings;
import io.millrace.infra.embedded.DevServer;
import io.millrace.ingest.config.Access;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * How long lists, counts and completions take with many executions, over HTTP, from the request to the whole answer. The rows are
 * written straight into the read model: it only has to look as if so much had happened.
 */
public final class ListsBench implements ProcessBench {

    private static final int ROUNDS_OF_EACH = 10;

    /** Fields are spread as in a server of some age: most have completed, few are open, and some values are rare. */
    private static final String WORKFLOWS = """
            INSERT INTO workflow_executions (id, org_id, kind, queue, status, workflow_version, metadata, idempotency_key,
                parent_execution_id, priority_seconds, input, error, created_at_ms, closed_at_ms, history_length, worker_id,
                started_at_ms, deliveries, terminated_by, reset_from, reset_to)
            SELECT md5('workflow ' || i)::uuid, '%1$s', 'kind-' || i %% 40, 'queue-' || i %% 7, status, 'v' || i %% 5,
                jsonb_build_object('customer', 'c-' || i %% 10000, 'region', 'r-' || i %% 12),
                CASE WHEN i %% 5 = 0 THEN 'key-' || i END,
                CASE WHEN i %% 10 = 0 THEN md5('workflow ' || i / 100)::uuid END, 0, '',
                CASE WHEN status = 5 THEN 'error ' || i %% 300 || ': the ' || CASE WHEN i %% 3 = 0 THEN 'bank timed out' ELSE 'stock is empty' END
                     WHEN status = 6 THEN 'changed my mind' END,
                created, CASE WHEN status > 3 THEN created + 200 + i %% 90000 ELSE 0 END, 2 + (i::bigint * 7919 %% 61)::int,
                CASE WHEN status > 1 THEN 'worker-' || i %% 60 END, CASE WHEN status > 1 THEN created + i %% 5000 ELSE 0 END,
                CASE WHEN i %% 900 = 0 THEN 2 + i %% 4 ELSE 1 END,
                CASE WHEN status = 6 AND i %% 50 = 0 THEN 'ann' END,
                CASE WHEN i %% 5000 = 0 THEN md5('workflow ' || i - 1)::uuid END,
                CASE WHEN i %% 5000 = 4999 THEN md5('workflow ' || i + 1)::uuid END
            FROM (SELECT i, %2$d - 2592000000 + i * (2592000000.0 / %3$d)::bigint AS created,
                         CASE WHEN i %% 500 = 0 THEN 1 WHEN i %% 500 = 1 THEN 2 WHEN i %% 200 = 2 THEN 3
                              WHEN i %% 20 = 3 THEN 5 WHEN i %% 100 = 4 THEN 6 ELSE 4 END AS status
                  FROM generate_series(1, %3$d) AS i) AS made
            """;

    private static final String TASKS = """
            INSERT INTO task_executions (id, org_id, execution_id, kind, queue, status, execution_count, max_retries, worker_id,
                metadata, input, error, created_at_ms, started_at_ms, completed_at_ms, idempotency_key)
            SELECT md5('task ' || i)::uuid, '%1$s', md5('workflow ' || i)::uuid, 'task-' || i %% 40, 'queue-' || i %% 7, status,
                CASE WHEN i %% 50 = 0 THEN 3 ELSE 1 END, 3, 'worker-' || i %% 60,
                jsonb_build_object('customer', 'c-' || i %% 10000), '',
                CASE WHEN status = 5 THEN 'error ' || i %% 300 || ': the bank timed out' END,
                created, created + 50, CASE WHEN status > 3 THEN created + 100 + i %% 60000 ELSE 0 END,
                CASE WHEN i %% 5 = 0 THEN 'key-' || i END
            FROM (SELECT i, %2$d - 2592000000 + i * (2592000000.0 / %3$d)::bigint AS created,
                         CASE WHEN i %% 500 = 0 THEN 1 WHEN i %% 500 = 1 THEN 2 WHEN i %% 20 = 3 THEN 5
                              WHEN i %% 100 = 4 THEN 6 ELSE 4 END AS status
                  FROM generate_series(1, %3$d) AS i) AS made
            """;

    /** Nearly all of it is workers' everyday work; what people did, and what was refused, is rare. */
    private static final String TRAIL = """
            INSERT INTO audit_trail (org_id, partition_number, event_offset, command_offset, command_id, asked_at_ms, decided_at_ms,
                principal_type, principal_id, principal_role, credential, node, peer, command, execution_id, task_id, queue, kind,
                reason, outcome, refusal, event_types)
            SELECT '%1$s', i %% 16, i, i, md5('command ' || i)::uuid, decided - 3, decided,
                CASE WHEN i %% 2500 = 7 THEN 'USER' ELSE 'WORKER' END,
                CASE WHEN i %% 50000 = 7 THEN 'eve' WHEN i %% 2500 = 7 THEN 'ann' ELSE 'worker-' || i %% 4 END,
                'WORKER', 'credential-' || i %% 4, 'node-1', '127.0.0.1:40000',
                CASE WHEN i %% 50000 = 7 THEN 'terminate_workflow' WHEN i %% 2500 = 7 THEN 'cancel_workflow'
                     WHEN i %% 200 = 9 THEN 'claim_work'
                     ELSE (ARRAY['start_workflow', 'submit_commands', 'complete_task', 'submit_commands'])[1 + i %% 4] END,
                md5('workflow ' || i / 4)::uuid, CASE WHEN i %% 4 = 2 THEN md5('task ' || i)::uuid END,
                CASE WHEN i %% 50000 = 8 THEN 'queue-rare' ELSE 'queue-' || i %% 7 END, 'kind-' || i %% 40,
                CASE WHEN i %% 2500 = 7 THEN 'changed my mind' END,
                CASE WHEN i %% 100000 = 11 THEN 'PERMISSION_DENIED' WHEN i %% 1000 = 11 THEN 'NOT_FOUND' ELSE 'DONE' END,
                CASE WHEN i %% 1000 = 11 THEN 'expected a known workflow, but there is none' END,
                CASE WHEN i %% 1000 <> 11 THEN ARRAY['WORKFLOW_COMPLETED', 'WORK_CLAIMED'] END
            FROM (SELECT i, %2$d - 2592000000 + i * (2592000000.0 / %3$d)::bigint AS decided
                  FROM generate_series(1, %3$d) AS i) AS made
            """;

    /** One of each field and sign, of rare values and of frequent ones, and in each order. */
    private static final List<String> WORKFLOW_QUERIES = List.of(
            "",
            "status = FAILED",
            "status = COMPLETED AND kind = kind-7",
            "status IN (FAILED, CANCELLED) AND created > -7d AND NOT error ~ \"timed out\" ORDER BY ended DESC",
            "queue = queue-3 AND ended IS NULL",
            "kind = kind-7",
            "worker = worker-17",
            "version = v3",
            "key = key-5000",
            "parent = " + id("workflow 77"),
            "id = " + id("workflow 77"),
            "error ~ \"stock is empty\"",
            "error ~ \"error 17:\"",
            "error ~ \"nowhere\"",
            "metadata.customer = c-77",
            "metadata.customer = nobody",
            "duration > 89s",
            "attempt > 4",
            "history > 60",
            "terminator = ann",
            "successor IS NOT NULL",
            "predecessor = " + id("workflow 4999"),
            "started < -29d",
            "ended < -29d",
            "NOT status = COMPLETED AND worker IS NULL",
            "kind = nothing",
            "queue = nothing",
            "version = nothing",
            "ORDER BY duration DESC",
            "ORDER BY ended DESC",
            "ORDER BY started ASC",
            "ORDER BY attempt DESC",
            "ORDER BY history DESC",
            "ORDER BY status ASC",
            "status = FAILED ORDER BY duration DESC",
            "kind = kind-7 ORDER BY history DESC",
            "kind = kind-7 ORDER BY started DESC");

    private static final List<String> TASK_QUERIES = List.of(
            "",
            "status = FAILED",
            "kind = task-7",
            "queue = queue-3 AND ended IS NULL",
            "workflow = " + id("workflow 77"),
            "error ~ \"error 17:\"",
            "attempt > 2",
            "metadata.customer = c-77",
            "kind = nothing",
            "queue = nothing",
            "ORDER BY duration DESC",
            "ORDER BY started DESC",
            "ORDER BY attempt DESC",
            "ORDER BY status ASC");

    private static final List<String> COUNTED =
            List.of("", "status = FAILED", "created > -1d", "kind = kind-7", "metadata.customer = c-77");

    private static final List<String> TRAIL_FILTERS = List.of(
            "",
            "principal=ann",
            "principal=eve",
            "principal=worker-1",
            "principal=nobody",
            "command=start_workflow",
            "command=submit_commands",
            "command=claim_work",
            "command=cancel_workflow",
            "command=terminate_workflow",
            "command=reset_workflow",
            "principal=ann&command=start_workflow",
            "outcome=DONE",
            "outcome=NOT_FOUND",
            "outcome=PERMISSION_DENIED",
            "outcome=UNCHANGED",
            "queue=queue-3",
            "queue=queue-rare",
            "queue=nothing",
            "execution=" + id("workflow 77"));

    private static String id(String seed) {
        return "md5:" + seed;
    }

    @Override
    public Report run(BenchOptions options, Path data) throws Exception {
        Report report = Report.ofWholeRounds(
                "lists",
                "the first page of each query with " + options.count()
                        + " workflows, as many tasks and as many entries of the trail, over HTTP, " + ROUNDS_OF_EACH
                        + " times in a row");
        try (DevServer server = DevServer.start(
                        data, DevServer.config(data, Map.of("grpc.port", "0", "http.port", "0"), Map.of()), true);
                HttpClient http = HttpClient.newHttpClient()) {
            DatabaseSettings database = server.database().orElseThrow();
            Map<String, URI> requests = requests(server.server().httpPort(), fill(database, options.count()));
            for (int round = 0; round <= options.rounds(); round++) {
                for (Map.Entry<String, URI> request : requests.entrySet()) {
                    List<Double> millis = IntStream.range(0, ROUNDS_OF_EACH)
                            .mapToObj(i -> millis(http, request.getValue()))
                            .toList();
                    if (round > 0) {
                        Spread spread = Spread.of(millis);
                        report.add(request.getKey(), "ms", spread.median());
                        report.add(request.getKey(), "slowest ms", spread.max());
                    }
                }
            }
        }
        return report;
    }

    /** @return ids by what they were made of */
    static Map<String, String> fill(DatabaseSettings settings, int count) throws SQLException {
        Map<String, String> ids = new LinkedHashMap<>();
        try (Connection connection = DriverManager.getConnection(settings.url(), settings.user(), settings.password());
                Statement statement = connection.createStatement()) {
            for (String rows : List.of(WORKFLOWS, TASKS, TRAIL)) {
                long begun = System.nanoTime();
                statement.execute(rows.formatted(Access.DEV_ORG, System.currentTimeMillis(), count));
                System.err.printf("lists: wrote %d rows in %d s%n", count, (System.nanoTime() - begun) / 1_000_000_000);
            }
            statement.execute("VACUUM ANALYZE workflow_executions");
            statement.execute("VACUUM ANALYZE task_executions");
            statement.execute("VACUUM ANALYZE audit_trail");
            for (String seed : List.of("workflow 77", "workflow 4999")) {
                try (var row = statement.executeQuery("SELECT md5('" + seed + "')::uuid::text")) {
                    row.next();
                    ids.put(id(seed), row.getString(1));
                }
            }
        }
        return ids;
    }

    private static Map<String, URI> requests(int port, Map<String, String> ids) {
        Map<String, URI> requests = new LinkedHashMap<>();
        String base = "http://127.0.0.1:" + port + "/api/orgs/dev/";
        WORKFLOW_QUERIES.forEach(query -> requests.put(
                "workflows: " + query, URI.create(base + "workflow-executions?limit=100" + of(query, ids))));
        TASK_QUERIES.forEach(query ->
                requests.put("tasks: " + query, URI.create(base + "task-executions?limit=100" + of(query, ids))));
        TRAIL_FILTERS.forEach(filter -> requests.put(
                "trail: " + filter,
                URI.create(base + "audit?limit=100" + (filter.isEmpty() ? "" : "&" + filled(filter, ids)))));
        COUNTED.forEach(query -> requests.put(
                "count: " + query, URI.create(base + "workflow-executions/counts?by=status" + of(query, ids))));
        requests.put("count by kind", URI.create(base + "workflow-executions/counts?by=kind"));
        requests.put(
                "completions: kind = ", URI.create(base + "workflow-executions/completions?at=7" + of("kind = ", ids)));
        return requests;
    }

    private static String of(String query, Map<String, String> ids) {
        return query.isEmpty() ? "" : "&q=" + URLEncoder.encode(filled(query, ids), StandardCharsets.UTF_8);
    }

    private static String filled(String query, Map<String, String> ids) {
        String filled = query;
        for (Map.Entry<String, String> id : ids.entrySet()) {
            filled = filled.replace(id.getKey(), id.getValue());
        }
        return filled;
    }

    private static double millis(HttpClient http, URI address) {
        long begun = System.nanoTime();
        try {
            HttpResponse<String> answer = http.send(
                    HttpRequest.newBuilder(address)
                            .header("Authorization", "Bearer " + Access.DEV_USER_KEY)
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            if (answer.statusCode() != 200) {
                throw new IllegalStateException("expected an answer to " + address + ", but got " + answer.body());
            }
        } catch (IOException e) {
            throw new IllegalStateException("expected an answer to " + address + ", but got none", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
        return (System.nanoTime() - begun) / 1e6;
    }
}
