package io.millrace.ingest.readmodel;

import io.millrace.ingest.search.Field;
import io.millrace.ingest.search.Subject;
import java.util.Map;
import java.util.Objects;

/** Which column, or expression of columns, each field of a query stands for. */
enum SearchColumns {
    /** Workflow executions. */
    WORKFLOWS(
            Subject.WORKFLOWS,
            "workflow_executions",
            Map.ofEntries(
                    Map.entry("status", column("status")),
                    Map.entry("kind", column("kind")),
                    Map.entry("queue", column("queue")),
                    Map.entry("worker", column("worker_id")),
                    Map.entry("version", new Column("nullif(workflow_version, '')", Lack.NULL)),
                    Map.entry("created", column("created_at_ms")),
                    Map.entry("started", new Column("started_at_ms", Lack.ZERO)),
                    Map.entry("ended", new Column("closed_at_ms", Lack.ZERO)),
                    Map.entry(
                            "duration",
                            new Column(
                                    "(CASE WHEN closed_at_ms > 0 THEN closed_at_ms - created_at_ms ELSE -1 END)",
                                    Lack.NEGATIVE)),
                    Map.entry("error", column("error")),
                    Map.entry("key", column("idempotency_key")),
                    Map.entry("parent", column("parent_execution_id")),
                    Map.entry("id", column("id")),
                    Map.entry("attempt", column("deliveries")),
                    Map.entry("history", column("history_length")),
                    Map.entry("terminator", column("terminated_by")),
                    Map.entry("predecessor", column("reset_from")),
                    Map.entry("successor", column("reset_to")),
                    Map.entry("annotation", column("annotation")),
                    Map.entry("dismissed", column("dismissed_at_ms")))),
    /** Task executions. */
    TASKS(
            Subject.TASKS,
            "task_executions",
            Map.ofEntries(
                    Map.entry("status", column("status")),
                    Map.entry("kind", column("kind")),
                    Map.entry("queue", column("queue")),
                    Map.entry("worker", column("worker_id")),
                    Map.entry("created", column("created_at_ms")),
                    Map.entry("started", new Column("started_at_ms", Lack.ZERO)),
                    Map.entry("ended", new Column("completed_at_ms", Lack.ZERO)),
                    Map.entry(
                            "duration",
                            new Column(
                                    "(CASE WHEN completed_at_ms > 0 AND started_at_ms > 0"
                                            + " THEN completed_at_ms - started_at_ms ELSE -1 END)",
                                    Lack.NEGATIVE)),
                    Map.entry("error", column("error")),
                    Map.entry("key", column("idempotency_key")),
                    Map.entry("workflow", column("execution_id")),
                    Map.entry("id", column("id")),
                    Map.entry("attempt", column("execution_count")),
                    Map.entry(
                            "left",
                            new Column(
                                    "(greatest(max_retries + 1 + attempts_before - execution_count, 0))", Lack.NULL)),
                    Map.entry("dismissed", column("dismissed_at_ms")),
                    Map.entry("workflow.status", ofWorkflow("status")),
                    Map.entry("workflow.successor", ofWorkflow("reset_to"))));

    private final Subject subject;
    private final String table;
    private final Map<String, Column> columns;

    SearchColumns(Subject subject, String table, Map<String, Column> columns) {
        this.subject = subject;
        this.table = table;
        this.columns = columns;
    }

    /** How a row says that it has no value. */
    enum Lack {
        /** By null, or it always has one. */
        NULL,
        /** By 0. */
        ZERO,
        /** By a number below 0. */
        NEGATIVE
    }

    /**
     * What stands for a field.
     *
     * @param sql a column, or an expression of some
     * @param lack how a row says that it has no value
     */
    record Column(String sql, Lack lack) {}

    private static Column column(String name) {
        return new Column(name, Lack.NULL);
    }

    /** Of the workflow that a task belongs to. */
    private static Column ofWorkflow(String name) {
        return column("(SELECT w." + name + " FROM workflow_executions w WHERE w.org_id = task_executions.org_id"
                + " AND w.id = task_executions.execution_id)");
    }

    static SearchColumns of(Subject subject) {
        return subject == WORKFLOWS.subject ? WORKFLOWS : TASKS;
    }

    String table() {
        return table;
    }

    /** @return SQL: what of a row that lists show may be large, in bytes */
    String bytes() {
        return "coalesce(octet_length(error), 0) + coalesce(octet_length(metadata::text), 0)";
    }

    /** @return what stands for a field that is none of metadata */
    Column of(Field field) {
        return Objects.requireNonNull(columns.get(field.name()), field.name());
    }
}
