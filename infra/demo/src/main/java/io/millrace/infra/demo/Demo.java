package io.millrace.infra.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.ByteString;
import io.millrace.infra.demo.KafkaHistory.Place;
import io.millrace.infra.demo.Timeline.What;
import io.millrace.infra.embedded.KafkaAccess;
import io.millrace.infra.worker.JsonData;
import io.millrace.infra.worker.PollStyle;
import io.millrace.infra.worker.Worker;
import io.millrace.infra.worker.WorkerClient;
import io.millrace.infra.worker.WorkerOptions;
import io.millrace.proto.Excerpt;
import io.millrace.proto.flovyn.v1.GetEventsRequest;
import io.millrace.proto.flovyn.v1.ResolvePromiseRequest;
import io.millrace.proto.flovyn.v1.SignalWorkflowRequest;
import io.millrace.proto.flovyn.v1.StartWorkflowRequest;
import io.millrace.proto.flovyn.v1.WorkflowEvent;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.function.BooleanSupplier;

/**
 * Shows a server's main job. Workflows start; a subscribed worker is told of them at once, runs and completes them; and
 * every step stands on Kafka. One run at a time; not thread-safe.
 */
public final class Demo implements AutoCloseable {

    private static final String ORG = "550e8400-e29b-41d4-a716-446655440000";
    private static final String QUEUE = "demo";
    /** The worker asks without a notification only so seldom. What happens sooner came through a notification. */
    private static final Duration UNASKED = Duration.ofSeconds(30);

    private static final int WARM_UPS = 50;
    private static final Duration LIMIT = Duration.ofSeconds(25);
    private static final int DATA_WIDTH = 58;

    private static final List<Sample> SAMPLES = List.of(
            new Sample(DemoWorkflows.ECHO, "{\"hello\":\"world\"}", "{\"hello\":\"world\"}"),
            new Sample(DemoWorkflows.DOUBLER, "{\"n\":21}", "{\"n\":42}"),
            new Sample(DemoWorkflows.STATEFUL, "{\"numbers\":[1,2,3]}", "{\"sum\":6}"));

    /** A workflow that is started, and what has to come of it. */
    private record Sample(String kind, String input, String expected) {}

    /** What one of them took, milliseconds after the call that started it. */
    private record Measured(
            String id,
            String kind,
            double accepted,
            double notified,
            double claimed,
            double completed,
            JsonNode result) {

        String line() {
            return String.format(
                    Locale.ROOT,
                    "   %-10s %10.2f %10.2f %10.2f %10.2f   %s",
                    kind,
                    accepted,
                    notified,
                    claimed,
                    completed,
                    result);
        }
    }

    private final PrintWriter out;
    private final KafkaHistory history;
    private final WorkerClient client;
    private final Timeline timeline = new Timeline();
    private final Worker worker;
    private final List<String> wrong = new ArrayList<>();

    /** @param key an API key of the development organisation */
    public Demo(PrintWriter out, String host, int port, String key, KafkaAccess kafka) {
        this.out = out;
        history = new KafkaHistory(kafka);
        client = new WorkerClient(host, port, key);
        worker = new Worker(
                client,
                DemoWorkflows.register(new WorkerOptions())
                        .name("demo-worker")
                        .queue(QUEUE)
                        .polls(PollStyle.subscribed(UNASKED))
                        .observer(timeline));
    }

    /**
     * Runs everything and prints it.
     *
     * @return what was not as it must be; empty if everything was
     */
    public List<String> run() throws InterruptedException {
        out.println("One worker subscribes to the queue \"" + QUEUE + "\". Unasked it polls only every "
                + UNASKED.toSeconds() + " s, so whatever it gets sooner, it was told of.");
        out.println(
                "Each workflow ran " + WARM_UPS
                        + " times, and was looked at in the same way, before the figures below: the first runs of a JVM are slow.");
        for (int i = 0; i < WARM_UPS; i++) {
            for (Sample sample : SAMPLES) {
                measure(sample).line();
            }
        }
        starts();
        resumes();
        out.println();
        if (wrong.isEmpty()) {
            out.println("All results are right.");
        } else {
            wrong.forEach(text -> out.println("WRONG: " + text));
        }
        out.flush();
        return List.copyOf(wrong);
    }

    private void starts() throws InterruptedException {
        out.println();
        out.println("1. Workflows start                  milliseconds after the call that starts it");
        out.printf("   %-10s %10s %10s %10s %10s   %s%n", "", "accepted", "notified", "claimed", "completed", "result");
        List<String> ids = new ArrayList<>();
        for (Sample sample : SAMPLES) {
            Measured measured = measure(sample);
            out.println(measured.line());
            ids.add(measured.id());
        }
        history(ids.get(0), DemoWorkflows.ECHO, List.of("WORKFLOW_STARTED", "WORKFLOW_COMPLETED"));
        history(
                ids.get(1),
                DemoWorkflows.DOUBLER,
                List.of("WORKFLOW_STARTED", "OPERATION_COMPLETED", "WORKFLOW_COMPLETED"));
        history(
                ids.get(2),
                DemoWorkflows.STATEFUL,
                List.of("WORKFLOW_STARTED", "STATE_SET", "STATE_SET", "STATE_SET", "WORKFLOW_COMPLETED"));
    }

    /** Starts one, waits for its end, and looks at what came of it. */
    private Measured measure(Sample sample) throws InterruptedException {
        String kind = sample.kind();
        timeline.clear();
        long begun = System.nanoTime();
        String id = start(kind, sample.input());
        long accepted = System.nanoTime();
        await(kind + " to complete", () -> ended(id));
        long notified = timeline.after(begun, What.NOTIFIED, any -> true).orElse(begun);
        long held = timeline.after(begun, What.HELD, id::equals).orElseThrow();
        long completed = timeline.after(begun, What.ENDED, id::equals).orElseThrow();
        JsonNode result = result(id);
        expect(notified > begun, kind + ": expected a notification, but none came");
        expect(
                result.equals(JsonData.of(sample.expected())),
                kind + ": expected " + sample.expected() + ", but got " + result);
        return new Measured(
                id,
                kind,
                millis(begun, accepted),
                millis(begun, notified),
                millis(begun, held),
                millis(begun, completed),
                result);
    }

    private void resumes() throws InterruptedException {
        timeline.clear();
        String id = start(DemoWorkflows.ORDER, "{\"order\":\"A-17\",\"items\":3}");
        awaitSuspended(id, "Waiting for signal " + DemoWorkflows.SIGNAL);
        long signalled = System.nanoTime();
        client.workflows()
                .signalWorkflow(SignalWorkflowRequest.newBuilder()
                        .setOrgId(ORG)
                        .setWorkflowExecutionId(id)
                        .setSignalName(DemoWorkflows.SIGNAL)
                        .setSignalValue(ByteString.copyFromUtf8("\"Ada\""))
                        .build());
        awaitSuspended(id, "Waiting for promise " + DemoWorkflows.PROMISE);
        long resolved = System.nanoTime();
        client.workflows()
                .resolvePromise(ResolvePromiseRequest.newBuilder()
                        .setPromiseId(id + ":" + DemoWorkflows.PROMISE)
                        .setValue(ByteString.copyFromUtf8("true"))
                        .build());
        await("the order to complete", () -> ended(id));

        out.println();
        out.println("2. A workflow waits, and goes on    milliseconds after the cause");
        out.printf("   %-32s %10s %10s%n", "", "notified", "claimed");
        List<Timeline.Entry> tasks = timeline.entries(What.TASK_COMPLETES);
        expect(tasks.size() == 2, "order: expected 2 completed tasks, but there are " + tasks.size());
        expect(
                timeline.entries(What.TASK_FAILS).size() == 1,
                "order: expected one failed attempt, but there are "
                        + timeline.entries(What.TASK_FAILS).size());
        resume("task \"reserve\" completed", tasks.getFirst().atNanos(), id);
        resume("task \"charge\" completed, retried", tasks.getLast().atNanos(), id);
        resume("timer fired", timerDue(id), id);
        resume("signal received", signalled, id);
        resume("promise resolved", resolved, id);
        resume("child workflow completed", childEnded(id), id);
        JsonNode result = result(id);
        out.println("   order result: " + result);
        String expected =
                "{\"reserved\":3,\"chargedAtAttempt\":2,\"approvedBy\":\"Ada\",\"delivered\":true,\"invoice\":\"A-17-1\"}";
        expect(result.equals(JsonData.of(expected)), "order: expected " + expected + ", but got " + result);
        history(
                id,
                DemoWorkflows.ORDER,
                List.of(
                        "WORKFLOW_STARTED",
                        "TASK_SCHEDULED",
                        "WORKFLOW_SUSPENDED",
                        "TASK_COMPLETED",
                        "TASK_SCHEDULED",
                        "WORKFLOW_SUSPENDED",
                        "TASK_COMPLETED",
                        "TIMER_STARTED",
                        "WORKFLOW_SUSPENDED",
                        "TIMER_FIRED",
                        "WORKFLOW_SUSPENDED",
                        "SIGNAL_RECEIVED",
                        "PROMISE_CREATED",
                        "WORKFLOW_SUSPENDED",
                        "PROMISE_RESOLVED",
                        "CHILD_WORKFLOW_INITIATED",
                        "WORKFLOW_SUSPENDED",
                        "CHILD_WORKFLOW_COMPLETED",
                        "WORKFLOW_COMPLETED"));
    }

    private void resume(String cause, long since, String id) {
        long notified = timeline.after(since, What.NOTIFIED, any -> true).orElse(since);
        long held = timeline.after(since, What.HELD, id::equals).orElse(since);
        out.printf(Locale.ROOT, "   %-32s %10.2f %10.2f%n", cause, millis(since, notified), millis(since, held));
        expect(
                notified > since && held > since,
                cause + ": expected the worker to be told and to go on, but it was not");
    }

    /**
     * The timer's due time by the server's clock, whole milliseconds. The server runs in this process, so it is the
     * same clock.
     */
    private long timerDue(String id) {
        long dueMs = history.read(id, history(id).size()).stream()
                .map(Place::event)
                .filter(event -> event.getType().equals("TIMER_STARTED"))
                .mapToLong(event -> event.getTimeMs() + DemoWorkflows.TIMER.toMillis())
                .findFirst()
                .orElseThrow();
        return System.nanoTime() - (System.currentTimeMillis() - dueMs) * 1_000_000;
    }

    private long childEnded(String id) {
        return timeline.entries(What.HELD).stream()
                .filter(entry -> !entry.id().equals(id))
                .mapToLong(Timeline.Entry::atNanos)
                .findFirst()
                .orElseThrow();
    }

    private void history(String id, String kind, List<String> expected) {
        List<Place> places = history.read(id, history(id).size());
        out.println();
        out.println("   " + kind + " " + id + " on Kafka, millrace.events partition "
                + places.getFirst().partition());
        out.printf("   %8s %4s  %-26s %-" + DATA_WIDTH + "s %s%n", "offset", "seq", "event", "data", "chain");
        for (Place place : places) {
            String data = place.event().getData().toStringUtf8();
            out.printf(
                    "   %8d %4d  %-26s %-" + DATA_WIDTH + "s %s%n",
                    place.offset(),
                    place.event().getHistorySequence(),
                    place.event().getType(),
                    data.length() <= DATA_WIDTH ? data : Excerpt.marked(data, DATA_WIDTH - 1),
                    HexFormat.of()
                            .formatHex(place.event().getHash().substring(0, 4).toByteArray()));
        }
        List<String> types =
                places.stream().map(place -> place.event().getType()).toList();
        expect(types.equals(expected), kind + ": expected the history " + expected + ", but it is " + types);
    }

    private String start(String kind, String input) {
        return client.workflows()
                .startWorkflow(StartWorkflowRequest.newBuilder()
                        .setOrgId(ORG)
                        .setWorkflowKind(kind)
                        .setQueue(QUEUE)
                        .setInput(ByteString.copyFromUtf8(input))
                        .build())
                .getWorkflowExecutionId();
    }

    private List<WorkflowEvent> history(String id) {
        return client.workflows()
                .getEvents(
                        GetEventsRequest.newBuilder().setWorkflowExecutionId(id).build())
                .getEventsList();
    }

    private JsonNode result(String id) {
        return JsonData.read(history(id).getLast().getEventData()).path("output");
    }

    private boolean ended(String id) {
        return timeline.after(Long.MIN_VALUE, What.ENDED, id::equals).isPresent();
    }

    private void awaitSuspended(String id, String reason) throws InterruptedException {
        await("the order to be " + reason, () -> {
            WorkflowEvent last = history(id).getLast();
            return last.getEventType().equals("WORKFLOW_SUSPENDED")
                    && JsonData.read(last.getEventData())
                            .path("reason")
                            .asText()
                            .equals(reason);
        });
    }

    private static void await(String what, BooleanSupplier condition) throws InterruptedException {
        long end = System.nanoTime() + LIMIT.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > end) {
                throw new IllegalStateException("expected " + what + " within " + LIMIT.toSeconds()
                        + " s, less than the worker's own interval, but it did not happen");
            }
            Thread.sleep(1);
        }
    }

    private void expect(boolean right, String otherwise) {
        if (!right) {
            wrong.add(otherwise);
        }
    }

    private static double millis(long from, long to) {
        return (to - from) / 1e6;
    }

    @Override
    public void close() {
        worker.close();
        client.close();
    }
}
