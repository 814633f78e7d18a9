package io.millrace.infra.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.millrace.proto.Ids;
import io.millrace.proto.flovyn.v1.CommandType;
import io.millrace.proto.flovyn.v1.StartTimerCommand;
import io.millrace.proto.flovyn.v1.WorkflowCommand;
import io.millrace.proto.flovyn.v1.WorkflowStatus;
import io.millrace.proto.v1.EventRecord;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;

/**
 * What pending timers cost while none is due, and how late timers fire at a given rate while all of those are pending.
 */
public final class TimersBench implements Bench {

    private static final String KIND = "bench-timers";
    private static final int PER_WORKFLOW = 100;
    private static final int FIRES_PER_SECOND = 1_000;
    /** Time to set the timers of a round before the first of them is due. */
    private static final long LEAD_MS = 5_000;

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Map<String, Long> dueMs = new ConcurrentHashMap<>();
    private volatile Latencies late = new Latencies();

    @Override
    public String name() {
        return "timers";
    }

    @Override
    public Report run(BenchOptions options, BenchTarget target) throws Exception {
        Report report = new Report(
                name(),
                options.count()
                        + " pending timers: CPU while nothing is due; then due → TIMER_FIRED stands on Kafka at "
                        + FIRES_PER_SECOND + " fires/s");
        try (BenchClient client = target.client();
                EventWatch watch = new EventWatch(target.kafka(), this::seen)) {
            String worker = client.register("bench-timers", KIND, "bench-no-task");
            idle(options, report, "no timers");
            int workflows = options.count() / PER_WORKFLOW;
            for (int i = 0; i < workflows; i += 50) {
                setTimers(
                        client,
                        worker,
                        Math.min(50, workflows - i),
                        number -> Duration.ofHours(1).toMillis());
            }
            idle(options, report, options.count() + " pending timers");
            for (int round = 0; round <= options.rounds(); round++) {
                late = new Latencies();
                int fires = FIRES_PER_SECOND * options.seconds();
                // Each timer is due a millisecond after the one before it.
                setTimers(client, worker, fires / PER_WORKFLOW, number -> LEAD_MS + number * 1_000L / FIRES_PER_SECOND);
                awaitFires(fires, options.seconds());
                watch.check();
                if (round > 0) {
                    late.report(report, "due → fired");
                }
            }
        }
        return report;
    }

    private static void idle(BenchOptions options, Report report, String row) throws InterruptedException {
        Thread.sleep(2_000); // until the effects of setting them are over
        for (int round = 0; round < options.rounds(); round++) {
            long cpu = Machine.cpuNanos();
            long begun = System.nanoTime();
            Thread.sleep(options.seconds() * 1000L / 2);
            report.add(row, "idle CPU %", 100.0 * (Machine.cpuNanos() - cpu) / (System.nanoTime() - begun));
        }
    }

    private interface Durations {
        long ofMs(int number);
    }

    /** Starts workflows on a queue of their own. Each sets its timers and waits. Nobody polls for them afterwards. */
    private static void setTimers(BenchClient client, String worker, int workflows, Durations durations)
            throws InterruptedException {
        String queue = "timers-" + System.nanoTime();
        long begun = System.nanoTime();
        Semaphore room = new Semaphore(32);
        List<CompletableFuture<?>> all = new ArrayList<>();
        for (int i = 0; i < workflows; i++) {
            int first = i * PER_WORKFLOW;
            room.acquire();
            all.add(client.start(KIND, queue)
                    .thenCompose(id -> client.pollWorkflow(worker, queue))
                    .thenCompose(response -> {
                        long elapsedMs = (System.nanoTime() - begun) / 1_000_000;
                        WorkflowCommand[] commands = new WorkflowCommand[PER_WORKFLOW];
                        for (int t = 0; t < PER_WORKFLOW; t++) {
                            commands[t] = timer(t, durations.ofMs(first + t) - elapsedMs);
                        }
                        return client.submit(
                                response.getWorkflowExecution().getId(), WorkflowStatus.SUSPENDED, commands);
                    })
                    .whenComplete((done, failure) -> room.release()));
        }
        CompletableFuture.allOf(all.toArray(CompletableFuture[]::new)).join();
    }

    private static WorkflowCommand timer(int number, long durationMs) {
        return WorkflowCommand.newBuilder()
                .setCommandType(CommandType.START_TIMER)
                .setSequenceNumber(number + 1)
                .setStartTimer(StartTimerCommand.newBuilder()
                        .setTimerId("sleep-" + (number + 1))
                        .setDurationMs(durationMs))
                .build();
    }

    private void seen(EventRecord event) {
        long nowMs = System.currentTimeMillis();
        try {
            if (event.getType().equals("TIMER_STARTED")) {
                JsonNode data = JSON.readTree(event.getData().toByteArray());
                dueMs.put(
                        id(event, data),
                        event.getTimeMs() + data.get("durationMs").asLong());
            } else if (event.getType().equals("TIMER_FIRED")) {
                JsonNode data = JSON.readTree(event.getData().toByteArray());
                late.record((nowMs - Objects.requireNonNull(dueMs.remove(id(event, data)), "start of a timer"))
                        * 1_000_000);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String id(EventRecord event, JsonNode data) {
        return Ids.fromBytes(event.getExecutionId()) + data.get("timerId").asText();
    }

    private void awaitFires(int fires, int seconds) throws InterruptedException {
        long end = System.nanoTime() + (LEAD_MS / 1_000 + seconds + 20) * 1_000_000_000L;
        while (late.count() < fires) {
            if (System.nanoTime() > end) {
                throw new IllegalStateException("expected " + fires + " timers to fire, but " + late.count() + " did");
            }
            Thread.sleep(50);
        }
    }
}
