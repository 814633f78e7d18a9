package io.millrace.infra.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.infra.system.Figures;
import io.millrace.infra.testing.Await;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The figures that a whole server shows to Prometheus. */
class MetricsTest extends Protocol {

    @Test
    void whatIsDoneShowsInTheFigures() {
        double starts = figure("millrace_commands_total{type=\"start_workflow\"}");
        double polls = figure("millrace_polls_total{answer=\"work\"}");

        complete(running());

        Await.until(
                "the start to be counted", () -> figure("millrace_commands_total{type=\"start_workflow\"}") > starts);
        Await.until("the poll to be counted", () -> figure("millrace_polls_total{answer=\"work\"}") > polls);
        assertTrue(figure("millrace_events_total") > 0);
        assertTrue(figure("millrace_partitions") > 0);
        assertTrue(figure("jvm_memory_used_bytes") > 0);
    }

    @Test
    void tellsHowLongWorkWaitedAndTook() {
        double starts = figure("millrace_workflow_start_wait_seconds_count");
        double waits = figure("millrace_task_wait_seconds_count");
        double runs = figure("millrace_task_run_seconds_count");
        double claims = figure("millrace_work_total{event=\"task_claimed\"}");

        waiting(Commands.task(newId(), "mail"));
        completeTask(claimTask().getTaskExecutionId(), "1");

        Await.until(
                "the first claim to be counted", () -> figure("millrace_workflow_start_wait_seconds_count") > starts);
        Await.until("the task's wait to be counted", () -> figure("millrace_task_wait_seconds_count") > waits);
        Await.until("the task's run to be counted", () -> figure("millrace_task_run_seconds_count") > runs);
        assertTrue(figure("millrace_work_total{event=\"task_claimed\"}") > claims);
        assertTrue(figure("millrace_task_run_seconds_bucket{le=\"+Inf\"}") > runs);
    }

    /** Only on request, as the strict server has it. */
    @Test
    void queuesHaveFiguresOfTheirOwnWhereThatIsWanted() {
        SharedServers.Place strict = SharedServers.strict();
        String line =
                "millrace_queue_ready{org=\"" + SharedServers.ORG + "\",queue=\"" + queue + "\",work=\"workflow\"} 2.0";
        strict.worker().start("echo", queue);
        strict.worker().start("echo", queue);

        Await.until(
                "the queue to show both",
                () -> strict.http().text(strict.server().http("/_/metrics")).contains(line));
    }

    /** On request, too; and what ends without a word of the worker is told from what is reported. */
    @Test
    void kindsHaveFiguresOfTheirOwnWhereThatIsWanted() {
        SharedServers.Place strict = SharedServers.strict();
        String kind = "kind-" + queue;
        String of = "{kind=\"" + kind + "\",org=\"" + SharedServers.ORG + "\",work=\"workflow\"";
        strict.worker().start(kind, queue);
        strict.worker().poll("w", queue, LONG_S).orElseThrow();
        // Its worker says no word, and its lease is short.
        String id = strict.worker().poll("w", queue, LONG_S).orElseThrow().getId();
        strict.worker().complete(id, "1");

        Await.until("both claims to be counted", () -> kindFigure(strict, "millrace_kind_claims_total" + of) == 2);
        assertEquals(1, kindFigure(strict, "millrace_kind_lost_total" + of));
        assertEquals(1, kindFigure(strict, "millrace_kind_start_wait_seconds_count" + of));
        assertEquals(2, kindFigure(strict, "millrace_kind_ready_wait_seconds_count" + of));
    }

    private static double kindFigure(SharedServers.Place place, String name) {
        return place.http()
                .text(place.server().http("/_/metrics"))
                .lines()
                .filter(line -> line.startsWith(name))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }

    @Test
    void theNodeIsReady() {
        assertEquals(1, figure("millrace_node_ready"));
        assertTrue(figure("millrace_data_free_bytes") > 0);
    }

    @Test
    void eachAlertHasItsRunbook() throws IOException {
        Figures.expectRunbooks();
    }

    @Test
    void aWorkflowThatWaitsForAWorkerIsReady() {
        start();
        Await.until("the workflow to show as ready", () -> figure("millrace_ready_workflows") >= 1);
    }

    @Test
    void theFiguresNameEveryPartAndNobodysWork() {
        running();
        String all = text();
        for (String name : List.of(
                "millrace_refusals_total",
                "millrace_wake_ups_total",
                "millrace_polls_parked",
                "millrace_subscriptions",
                "millrace_claims_total",
                "millrace_commit_seconds_avg",
                "millrace_commands_lag",
                "millrace_histories_long_total",
                "millrace_grpc_connections",
                "millrace_grpc_connections_closed_total",
                "millrace_direct_memory_bytes")) {
            assertTrue(all.contains("\n" + name), name);
        }
        assertFalse(all.contains(queue), "a queue's name tells what an organisation does");
        assertFalse(all.contains(orgId));
    }

    private double figure(String name) {
        return text().lines()
                .filter(line -> line.startsWith(name))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .max()
                .orElseThrow(() -> new AssertionError("expected a figure " + name + ", but there is none"));
    }

    private String text() {
        return place.http().text(place.server().http("/_/metrics"));
    }
}
