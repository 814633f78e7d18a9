package io.millrace.infra.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.millrace.ingest.config.Access;
import io.millrace.proto.Ids;
import io.millrace.proto.v1.EventRecord;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.function.IntToLongFunction;

/**
 * How late schedules start their workflows: many that are due in the same second, and some at each rate. Each is due once. A
 * workflow that starts twice, or never, ends the benchmark.
 */
public final class SchedulesBench implements Bench {

    /** Until it is known what this machine makes in a second. */
    private static final double SLOWLY_PER_SECOND = 30;

    /** All are made before the first is due, also if this goes only so fast. */
    private static final double PART_OF_THE_SPEED = 0.6;

    private static final int UNDER_WAY = 64;
    private static final long LEAD_MS = 15_000;
    private static final long PATIENCE_NANOS = 120_000_000_000L;

    private static final ObjectMapper JSON = new ObjectMapper();

    private final HttpClient http = HttpClient.newHttpClient();
    private volatile Round round = new Round();

    /** As many were made in a second when some were made last. */
    private double madePerSecond = SLOWLY_PER_SECOND;

    /** What was seen of the schedules of a round. Filled by one thread. */
    private static final class Round {
        private final Map<String, Long> dueMs = new HashMap<>();
        private final Map<String, Long> startedMs = new HashMap<>();
        private final Latencies late = new Latencies();
        private volatile long lastMs;

        /** Which of the two is read first says nothing: they stand in different partitions. */
        private void look(String runId) {
            Long due = dueMs.get(runId);
            Long started = startedMs.get(runId);
            if (due != null && started != null) {
                lastMs = Math.max(lastMs, started - due);
                late.record((started - due) * 1_000_000);
            }
        }
    }

    @Override
    public String name() {
        return "schedules";
    }

    @Override
    public Report run(BenchOptions options, BenchTarget target) throws Exception {
        Report report =
                new Report(name(), "due → WORKFLOW_STARTED stands on Kafka, for schedules due together and at a rate");
        URI address = URI.create("http://127.0.0.1:" + target.httpPort() + "/api/orgs/dev/schedules");
        try (EventWatch watch = new EventWatch(target.kafka(), this::seen)) {
            for (int number = 0; number <= options.rounds(); number++) {
                boolean measured = number > 0;
                int together = measured ? options.count() : Math.min(options.count(), 1_000);
                await(watch, make(address, together, index -> 0), together);
                if (measured) {
                    String row = options.count() + " in the same second";
                    report.add(row, "all started after ms", round.lastMs);
                    round.late.report(report, row);
                }
                for (int rate : options.rates()) {
                    int count = rate * options.seconds();
                    await(watch, make(address, count, index -> index * 1_000L / rate), count);
                    if (measured) {
                        round.late.report(report, rate + "/s");
                    }
                }
            }
        } finally {
            http.close();
        }
        return report;
    }

    /** @return when the last of them is due, milliseconds since the epoch */
    private long make(URI address, int count, IntToLongFunction afterMs) throws InterruptedException {
        round = new Round();
        String name = "bench-" + System.nanoTime() + "-";
        long beginMs = System.currentTimeMillis();
        long firstMs = beginMs + LEAD_MS + (long) (count * 1_000L / (madePerSecond * PART_OF_THE_SPEED));
        Semaphore room = new Semaphore(UNDER_WAY);
        List<CompletableFuture<?>> all = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            room.acquire();
            all.add(make(address, name + i, firstMs + afterMs.applyAsLong(i))
                    .whenComplete((done, failure) -> room.release()));
        }
        CompletableFuture.allOf(all.toArray(CompletableFuture[]::new)).join();
        long madeMs = System.currentTimeMillis();
        if (madeMs >= firstMs) {
            throw new IllegalStateException("expected " + count + " schedules to be made before the first is due, at "
                    + Math.round(madePerSecond * PART_OF_THE_SPEED) + " a second, but this machine is slower");
        }
        madePerSecond = count * 1_000.0 / Math.max(1, madeMs - beginMs);
        return firstMs + afterMs.applyAsLong(count - 1);
    }

    private CompletableFuture<?> make(URI address, String name, long atMs) {
        String body = JSON.createObjectNode()
                .put("name", name)
                .put("kind", "bench-schedules")
                .put("at", Instant.ofEpochMilli(atMs).toString())
                .toString();
        HttpRequest request = HttpRequest.newBuilder(address)
                .header("Authorization", "Bearer " + Access.DEV_USER_KEY)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
        return http.sendAsync(request, BodyHandlers.ofString()).thenAccept(answer -> {
            if (answer.statusCode() != 201) {
                throw new IllegalStateException("expected a schedule to be made, but got " + answer.body());
            }
        });
    }

    private void seen(EventRecord event) {
        Round now = round;
        String runId;
        switch (event.getType()) {
            case "SCHEDULE_RUN_STARTED" -> {
                JsonNode data = json(event);
                runId = data.get("runId").textValue();
                now.dueMs.put(runId, data.get("dueMs").longValue());
            }
            case "WORKFLOW_STARTED" -> {
                runId = Ids.fromBytes(event.getExecutionId()).toString();
                if (now.startedMs.put(runId, System.currentTimeMillis()) != null) {
                    throw new IllegalStateException(
                            "expected each workflow to start once, but " + runId + " did twice");
                }
            }
            default -> {
                return;
            }
        }
        now.look(runId);
    }

    private static JsonNode json(EventRecord event) {
        try {
            return JSON.readTree(event.getData().toByteArray());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void await(EventWatch watch, long lastDueMs, int count) throws InterruptedException {
        long end = System.nanoTime() + (lastDueMs - System.currentTimeMillis()) * 1_000_000 + PATIENCE_NANOS;
        while (round.late.count() < count) {
            watch.check();
            if (System.nanoTime() > end) {
                throw new IllegalStateException(
                        "expected " + count + " schedules to start, but " + round.late.count() + " did");
            }
            Thread.sleep(50);
        }
        // Whatever started twice would be seen by now.
        Thread.sleep(1_000);
        watch.check();
        if (round.late.count() != count) {
            throw new IllegalStateException(
                    "expected " + count + " schedules to start, but " + round.late.count() + " did");
        }
    }
}
