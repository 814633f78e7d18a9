package io.millrace.infra.protocol;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.infra.testing.Await;
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
