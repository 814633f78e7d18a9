package io.millrace.ingest.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.millrace.ingest.queries.EventRow;
import io.millrace.ingest.queries.ExecutionDetail;
import io.millrace.ingest.queries.ExecutionRow;
import io.millrace.ingest.standin.MemoryReads;
import io.millrace.ingest.standin.OpenDoor;
import io.millrace.proto.Ids;
import io.millrace.proto.flovyn.v1.StreamEventType;
import io.millrace.proto.flovyn.v1.StreamTaskDataRequest;
import io.millrace.proto.flovyn.v1.TaskExecutionGrpc;
import io.millrace.proto.reads.ReadsUnavailableException;
import io.millrace.proto.v1.EventRecord;
import io.millrace.proto.v1.ExecutionStatus;
import io.millrace.proto.v1.ExecutionView;
import io.millrace.proto.v1.HistoryView;
import io.millrace.proto.v1.TaskView;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class EventStreamTest {

    private static final UUID WORKFLOW = UUID.randomUUID();
    private static final UUID TASK = UUID.randomUUID();
    private static final UUID OTHER_TASK = UUID.randomUUID();

    private OpenDoor door;
    private TaskExecutionGrpc.TaskExecutionBlockingStub tasks;

    @BeforeEach
    void open() throws IOException {
        door = OpenDoor.open();
        tasks = OpenDoor.with(TaskExecutionGrpc.newBlockingStub(door.channel()), OpenDoor.WORKER_KEY);
        history(0, "WORKFLOW_STARTED");
        task(TASK, ExecutionStatus.RUNNING);
        task(OTHER_TASK, ExecutionStatus.RUNNING);
    }

    @AfterEach
    void close() {
        door.close();
    }

    @Test
    void showsWhatTasksSayAndWhatHappens() throws Exception {
        Watcher watcher = watch("/workflow-executions/" + WORKFLOW + "/stream", null);
        assertEquals("data", watcher.next().name());

        say(TASK, StreamEventType.STREAM_EVENT_TYPE_TOKEN, "{\"type\":\"token\",\n\"text\":\"Hel\"}");
        Event token = watcher.next();
        say(OTHER_TASK, StreamEventType.STREAM_EVENT_TYPE_PROGRESS, "{\"type\":\"progress\",\"progress\":0.5}");
        Event progress = watcher.next();
        history(9, "WORKFLOW_STARTED", "WORKFLOW_COMPLETED");
        Event completed = watcher.next();

        assertEquals("token", token.name());
        assertEquals(
                "{\"type\":\"token\",\n\"text\":\"Hel\",\"taskExecutionId\":\"" + TASK + "\",\"sequence\":0}",
                token.data());
        assertEquals("progress", progress.name());
        assertEquals("data", completed.name());
        assertTrue(completed.data().startsWith("{\"type\":\"Event\",\"event\":{\"sequence\":2,"), completed.data());
        assertTrue(watcher.ended());

        assertEquals(
                204,
                response("/workflow-executions/" + WORKFLOW + "/stream", completed.id())
                        .statusCode());
    }

    @Test
    void endsWithTheEventThatTheClientWaitsForAndKnowsNoOther() throws Exception {
        Watcher watcher = watch("/workflow-executions/" + WORKFLOW + "/stream?until=TIMER_STARTED", null);
        watcher.next();
        history(0, "WORKFLOW_STARTED", "TIMER_STARTED", "TIMER_FIRED");

        assertTrue(watcher.next().data().contains("TIMER_STARTED"));
        assertTrue(watcher.ended(), "although the execution is open, and more has happened");
        for (String path : List.of(
                "/workflow-executions/" + WORKFLOW + "/stream?until=NOPE",
                "/workflow-executions/" + WORKFLOW + "/stream?until=TASK_RUNNING",
                "/task-executions/" + TASK + "/stream?until=WORKFLOW_STARTED")) {
            assertEquals(400, response(path, null).statusCode(), path);
        }
    }

    @Test
    void knowsTheTypesOfEventsThatThePageOfThemHas() throws IOException {
        String page = Files.readString(Path.of("../docs/reference/events.md"));
        List<String> ofHistories = Pattern.compile("(?m)^\\| `([A-Z_]+)` \\|")
                .matcher(page.substring(0, page.indexOf("## Beside histories")))
                .results()
                .map(row -> row.group(1))
                .toList();

        assertEquals(ofHistories, WorkflowLifecycle.TYPES);
    }

    @Test
    void lineSeparatorsInsideTextsStayWhereTheyAre() throws Exception {
        Watcher watcher = watch("/workflow-executions/" + WORKFLOW + "/stream", null);
        watcher.next();
        String payload = "[\"a\u2028b\u2029c\u0085d\",\r\n1]";

        say(TASK, StreamEventType.STREAM_EVENT_TYPE_TOKEN, payload);

        assertEquals(payload.replace("\r\n", "\n"), watcher.next().data());
    }

    @Test
    void goesOnAfterTheLastEventReceived() throws Exception {
        say(TASK, StreamEventType.STREAM_EVENT_TYPE_TOKEN, "\"1\"");
        say(TASK, StreamEventType.STREAM_EVENT_TYPE_ERROR, "\"2\"");
        Watcher first = watch("/workflow-executions/" + WORKFLOW + "/stream", null);
        List<Event> seen = List.of(first.next(), first.next(), first.next()); // two pieces and the start
        say(TASK, StreamEventType.STREAM_EVENT_TYPE_DATA, "\"3\"");

        Watcher second = watch(
                "/workflow-executions/" + WORKFLOW + "/stream", seen.get(2).id());

        assertEquals("\"3\"", second.next().data());
    }

    @Test
    void aTaskIsShownByItself() throws Exception {
        say(OTHER_TASK, StreamEventType.STREAM_EVENT_TYPE_TOKEN, "\"other\"");
        say(TASK, StreamEventType.STREAM_EVENT_TYPE_TOKEN, "\"mine\"");

        Watcher watcher = watch("/task-executions/" + TASK + "/stream", null);
        List<String> datas = new ArrayList<>(List.of(
                watcher.next().data(), watcher.next().data(), watcher.next().data()));
        task(TASK, ExecutionStatus.COMPLETED);
        datas.add(watcher.next().data());

        assertTrue(datas.contains("\"mine\""), datas.toString());
        assertTrue(datas.get(3).contains("TASK_COMPLETED"), datas.toString());
        assertTrue(watcher.ended());
    }

    @Test
    void everyAttemptOfATaskIsShown() throws Exception {
        Watcher watcher = watch("/task-executions/" + TASK + "/stream", null);
        assertEquals(List.of("PENDING 1 ", "RUNNING 1 "), List.of(state(watcher), state(watcher)));

        task(TASK, ExecutionStatus.RUNNING, 3);

        assertEquals(
                List.of("PENDING 2 ", "RUNNING 2 ", "PENDING 3 error of 2", "RUNNING 3 "),
                List.of(state(watcher), state(watcher), state(watcher), state(watcher)));
        task(TASK, ExecutionStatus.FAILED, 4);
        assertEquals(
                List.of("PENDING 4 ", "RUNNING 4 ", "FAILED 4 error of 3"),
                List.of(state(watcher), state(watcher), state(watcher)));
        assertTrue(watcher.ended());
    }

    @Test
    void aStreamOnWhichNothingHappensAsksNothing() throws Exception {
        Watcher watcher = watch("/workflow-executions/" + WORKFLOW + "/stream", null);
        watcher.next();
        int asked = door.reads.asked.get();

        say(TASK, StreamEventType.STREAM_EVENT_TYPE_TOKEN, "1");
        watcher.next();
        int askedForThePiece = door.reads.asked.get();
        say(TASK, StreamEventType.STREAM_EVENT_TYPE_TOKEN, "2");
        watcher.next();

        assertTrue(askedForThePiece - asked <= 1, "where the task belongs is asked once");
        assertEquals(askedForThePiece, door.reads.asked.get());
        history(0, "WORKFLOW_STARTED", "TASK_SCHEDULED");
        watcher.next();
        say(TASK, StreamEventType.STREAM_EVENT_TYPE_TOKEN, "3");
        watcher.next();
        assertEquals(3, door.reads.stepsAsked.get());
        watcher.close();
        while (door.reads.watched() > 0) {
            say(TASK, StreamEventType.STREAM_EVENT_TYPE_TOKEN, "4"); // a client that left is noticed by a write
        }
    }

    @Test
    void whileNobodyServesTheExecutionTheStreamStaysOpen() throws Exception {
        Watcher watcher = watch("/workflow-executions/" + WORKFLOW + "/stream", null);
        watcher.next();

        door.reads.outage = new ReadsUnavailableException("partition on the move");
        door.reads.changed();
        history(0, "WORKFLOW_STARTED", "TASK_SCHEDULED");
        door.reads.outage = null;

        assertTrue(watcher.next().data().contains("\"sequence\":2,"));
        history(9, "WORKFLOW_STARTED", "TASK_SCHEDULED", "WORKFLOW_COMPLETED");
        assertTrue(watcher.next().data().contains("\"sequence\":3,"));
        assertTrue(watcher.ended());
    }

    @Test
    void anExecutionThatItsNewOwnerDoesNotKnowYetIsWaitedFor() throws Exception {
        Watcher watcher = watch("/workflow-executions/" + WORKFLOW + "/stream", null);
        watcher.next();

        door.reads.executions.clear();
        door.reads.histories.clear();
        door.reads.changed();
        history(0, "WORKFLOW_STARTED", "TASK_SCHEDULED");

        assertTrue(watcher.next().data().contains("\"sequence\":2,"));
    }

    @Test
    void whatHasLeftTheStoresIsShownFromTheReadModel() throws Exception {
        Watcher watcher = watch("/workflow-executions/" + WORKFLOW + "/stream", null);
        watcher.next();

        door.queries.histories.put(
                new MemoryReads.Key(OpenDoor.ALPHA, WORKFLOW),
                List.of(
                        new EventRow(1, "WORKFLOW_STARTED", ByteString.copyFromUtf8("{}"), 1),
                        new EventRow(2, "WORKFLOW_COMPLETED", ByteString.copyFromUtf8("{}"), 2)));
        door.queries.executions.put(
                new MemoryReads.Key(OpenDoor.ALPHA, WORKFLOW),
                new ExecutionDetail(
                        new ExecutionRow(
                                WORKFLOW,
                                "echo",
                                "fast",
                                ExecutionStatus.COMPLETED,
                                "",
                                Map.of(),
                                null,
                                null,
                                null,
                                0,
                                null,
                                null,
                                null,
                                null,
                                "w-1",
                                1,
                                1,
                                1,
                                2,
                                2,
                                false,
                                null),
                        ByteString.EMPTY,
                        ByteString.EMPTY));
        door.reads.histories.clear();
        door.reads.executions.clear();
        door.reads.changed();

        assertTrue(watcher.next().data().contains("\"sequence\":2,"));
        assertTrue(watcher.ended());
    }

    @Test
    void whatIsKnownAgainWhenItWasLookedForInThePastGoesOn() throws Exception {
        Watcher workflow = watch("/workflow-executions/" + WORKFLOW + "/stream", null);
        workflow.next();
        Watcher task = watch("/task-executions/" + TASK + "/stream", null);
        assertEquals(List.of("PENDING 1 ", "RUNNING 1 "), List.of(state(task), state(task)));
        int asked = door.reads.asked.get();

        door.reads.forgetful = true;
        door.reads.changed();
        while (door.reads.asked.get() < asked + 4) {
            Thread.onSpinWait(); // both have looked into the past, and again
        }
        door.reads.forgetful = false;
        history(0, "WORKFLOW_STARTED", "TASK_SCHEDULED");
        task(TASK, ExecutionStatus.RUNNING, 2);

        assertTrue(workflow.next().data().contains("\"sequence\":2,"));
        assertEquals("PENDING 2 error of 1", state(task));
        assertEquals("RUNNING 2 ", state(task));
    }

    @Test
    void aBodyThatNobodyReadsDoesNotEndAStream() throws Exception {
        var request = door.request("GET", "/api/orgs/alpha/workflow-executions/" + WORKFLOW + "/stream", "{}")
                .header("Authorization", "Bearer " + OpenDoor.USER_KEY);
        Watcher watcher =
                watcher(HttpClient.newHttpClient().send(request.build(), HttpResponse.BodyHandlers.ofInputStream()));
        watcher.next();

        say(TASK, StreamEventType.STREAM_EVENT_TYPE_TOKEN, "\"1\"");

        assertEquals("\"1\"", watcher.next().data());
    }

    @Test
    void whoHasSeenTheEndButNotAllThatWasStreamedGetsTheRest() throws Exception {
        history(9, "WORKFLOW_STARTED", "WORKFLOW_COMPLETED");
        say(TASK, StreamEventType.STREAM_EVENT_TYPE_TOKEN, "\"late\"");

        Watcher watcher = watch("/workflow-executions/" + WORKFLOW + "/stream", "-1.2");
        Event late = watcher.next();

        assertEquals("\"late\"", late.data());
        assertTrue(watcher.ended());
        assertEquals(
                204,
                response("/workflow-executions/" + WORKFLOW + "/stream", late.id())
                        .statusCode());
    }

    @Test
    void whoComesBackTooLateIsToldOfTheGap() throws Exception {
        for (int i = 0; i < 1_002; i++) {
            say(TASK, StreamEventType.STREAM_EVENT_TYPE_TOKEN, "\"" + i + "\"");
        }

        Watcher watcher = watch("/workflow-executions/" + WORKFLOW + "/stream", "0.1");
        Event gap = watcher.next();

        assertEquals("data", gap.name());
        assertEquals("{\"type\":\"Gap\",\"upTo\":1}", gap.data());
        assertEquals("1.1", gap.id());
        assertEquals("\"2\"", watcher.next().data());
    }

    @Test
    void whoSawNothingStreamedAndComesBackTooLateIsToldOfTheGap() throws Exception {
        Watcher first = watch("/workflow-executions/" + WORKFLOW + "/stream", null);
        String id = first.next().id();
        first.close();
        for (int i = 0; i < 1_002; i++) {
            say(TASK, StreamEventType.STREAM_EVENT_TYPE_TOKEN, "\"" + i + "\"");
        }

        Watcher back = watch("/workflow-executions/" + WORKFLOW + "/stream", id);
        Watcher newcomer = watch("/workflow-executions/" + WORKFLOW + "/stream", null);

        assertEquals("{\"type\":\"Gap\",\"upTo\":1}", back.next().data());
        assertEquals("\"2\"", back.next().data());
        assertEquals("\"2\"", newcomer.next().data());
    }

    /** @return the next state of a task, its attempt, and its error */
    private static String state(Watcher watcher) throws IOException {
        String data = watcher.next().data();
        Matcher state = Pattern.compile("TASK_(\\w+)\".*\"attempt\":(\\d+)(?:.*\"error\":\"(.*?)\")?")
                .matcher(data);
        assertTrue(state.find(), data);
        return state.group(1) + " " + state.group(2) + " " + (state.group(3) == null ? "" : state.group(3));
    }

    @Test
    void aClientThatReadsTooSlowlyIsCutOffAndMayComeBack() throws Exception {
        HttpResponse<InputStream> response = response("/workflow-executions/" + WORKFLOW + "/stream", null);
        String large = "\"" + "x".repeat(900_000) + "\"";

        for (int i = 0; i < 30; i++) {
            say(TASK, StreamEventType.STREAM_EVENT_TYPE_TOKEN, large);
        }

        AtomicLong read = new AtomicLong();
        byte[] piece = new byte[64 << 10];
        assertThrows(
                IOException.class,
                () -> { // breaks off: to its end the answer would look whole
                    for (int got = 0; got >= 0; got = response.body().read(piece)) {
                        read.addAndGet(got);
                    }
                });
        assertTrue(read.get() < 20_000_000, "read " + read);
        assertEquals(
                200,
                response("/workflow-executions/" + WORKFLOW + "/stream", null).statusCode());
    }

    @Test
    void saysWhenListsHaveChangedAndNothingElse() throws Exception {
        door.queries.taken = 7;
        Watcher watcher = watch("/changes", null);
        Event first = watcher.next();
        assertEquals(new Event(first.id(), "data", "{\"type\":\"Changed\"}"), first);
        assertTrue(first.id().matches("[0-9a-f]{16}"), "how much all do together is nobody's business: " + first);

        door.queries.taken = 9;
        String ninth = watcher.next().id();
        assertNotEquals(first.id(), ninth);
        watcher.close();

        Watcher back = watch("/changes", ninth);
        door.queries.taken = 10;
        String tenth = back.next().id();
        assertFalse(List.of(first.id(), ninth).contains(tenth), "nobody is told again of what he has seen");

        door.queries.taken = -1;
        assertEquals(503, response("/changes", null).statusCode());
        door.queries.taken = 11;
        assertNotEquals(tenth, back.next().id(), "it goes on when the read model answers again");
    }

    @Test
    void noMoreStreamsAreOpenThanAreAllowed() throws Exception {
        List<Watcher> open = new ArrayList<>();
        for (int i = 0; i < 10 / 2; i++) { // the other half is kept for others
            open.add(watch("/workflow-executions/" + WORKFLOW + "/stream", null));
        }

        HttpResponse<InputStream> refused = response("/workflow-executions/" + WORKFLOW + "/stream", null);

        assertEquals(429, refused.statusCode());
        assertEquals("1", refused.headers().firstValue("Retry-After").orElse("none"));
        String text = new String(refused.body().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(text.contains("expected at most 10 open streams"), text);
        history(9, "WORKFLOW_STARTED", "WORKFLOW_COMPLETED");
        for (Watcher watcher : open) {
            while (!watcher.ended()) {}
        }
        assertEquals(
                200,
                response("/workflow-executions/" + WORKFLOW + "/stream", null).statusCode());
    }

    /** It would not end by itself, and so use up the time that others have to end. */
    @Test
    void aServerThatStopsEndsStreamsBeforeItCutsRequestsOff() throws Exception {
        HttpResponse<InputStream> stream = response("/workflow-executions/" + WORKFLOW + "/stream", null);
        watcher(stream).next();
        door.log.answerBy(command -> new CompletableFuture<>());
        CompletableFuture<HttpResponse<String>> underWay = HttpClient.newHttpClient()
                .sendAsync(
                        door.request("POST", "/api/orgs/alpha/workflow-executions", "{\"kind\":\"echo\"}")
                                .header("Authorization", "Bearer " + OpenDoor.USER_KEY)
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
        while (door.log.entries().isEmpty()) {
            Thread.onSpinWait(); // it is carried out
        }
        CompletableFuture<Boolean> endedFirst = CompletableFuture.supplyAsync(() -> {
            assertThrows(IOException.class, () -> stream.body().readAllBytes());
            return !underWay.isDone();
        });

        door.close();

        assertTrue(endedFirst.get());
    }

    @Test
    void whatDoesNotBelongToTheCallerIsNotFound() throws Exception {
        assertEquals(
                404,
                response("/workflow-executions/" + UUID.randomUUID() + "/stream", null)
                        .statusCode());
        assertEquals(
                404,
                response("/task-executions/" + UUID.randomUUID() + "/stream", null)
                        .statusCode());
        door.places.put(OpenDoor.ALPHA, TASK, WORKFLOW);
        var others = OpenDoor.with(TaskExecutionGrpc.newBlockingStub(door.channel()), OpenDoor.BETA_KEY);

        StatusRuntimeException error = assertThrows(
                StatusRuntimeException.class,
                () -> others.streamTaskData(request(TASK, StreamEventType.STREAM_EVENT_TYPE_TOKEN, "1")));

        assertEquals(Status.Code.NOT_FOUND, error.getStatus().getCode());
    }

    @Test
    void badPiecesAreRefused() {
        refused("payload", request(TASK, StreamEventType.STREAM_EVENT_TYPE_TOKEN, "not json"));
        refused("type", request(TASK, StreamEventType.STREAM_EVENT_TYPE_UNSPECIFIED, "1"));
        refused(
                "workflow_execution_id",
                request(TASK, StreamEventType.STREAM_EVENT_TYPE_TOKEN, "1").toBuilder()
                        .setWorkflowExecutionId(UUID.randomUUID().toString())
                        .build());
    }

    private void refused(String named, StreamTaskDataRequest request) {
        StatusRuntimeException error = assertThrows(StatusRuntimeException.class, () -> tasks.streamTaskData(request));
        assertEquals(Status.Code.INVALID_ARGUMENT, error.getStatus().getCode());
        assertTrue(error.getMessage().contains(named), error.getMessage());
    }

    private void say(UUID task, StreamEventType type, String payload) {
        assertTrue(tasks.streamTaskData(request(task, type, payload)).getAcknowledged());
    }

    private static StreamTaskDataRequest request(UUID task, StreamEventType type, String payload) {
        return StreamTaskDataRequest.newBuilder()
                .setTaskExecutionId(task.toString())
                .setWorkflowExecutionId(WORKFLOW.toString())
                .setType(type)
                .setPayload(payload)
                .build();
    }

    private void history(long closedAtMs, String... types) {
        HistoryView.Builder history = HistoryView.newBuilder();
        for (String type : types) {
            history.addEvents(EventRecord.newBuilder()
                    .setHistorySequence(history.getEventsCount() + 1)
                    .setType(type)
                    .setData(ByteString.copyFromUtf8("{}")));
        }
        MemoryReads.Key key = new MemoryReads.Key(OpenDoor.ALPHA, WORKFLOW);
        door.reads.histories.put(key, history.build());
        door.reads.executions.put(
                key,
                ExecutionView.newBuilder()
                        .setHistoryLength(types.length)
                        .setStatus(closedAtMs == 0 ? ExecutionStatus.RUNNING : ExecutionStatus.COMPLETED)
                        .setClosedAtMs(closedAtMs)
                        .build());
        door.reads.changed();
    }

    private void task(UUID id, ExecutionStatus status) {
        task(id, status, 1);
    }

    private void task(UUID id, ExecutionStatus status, int attempts) {
        door.reads.tasks.put(
                new MemoryReads.Key(OpenDoor.ALPHA, id),
                TaskView.newBuilder()
                        .setTaskId(Ids.toByteString(id))
                        .setExecutionId(Ids.toByteString(WORKFLOW))
                        .setStatus(status)
                        .setExecutionCount(attempts)
                        .setError(attempts > 1 ? "error of " + (attempts - 1) : "")
                        .build());
        door.reads.changed();
    }

    private HttpResponse<InputStream> response(String path, String lastEventId) throws Exception {
        var request = door.request("GET", "/api/orgs/alpha" + path, null)
                .header("Authorization", "Bearer " + OpenDoor.USER_KEY);
        if (lastEventId != null) {
            request.header("Last-Event-ID", lastEventId);
        }
        return HttpClient.newHttpClient().send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
    }

    private Watcher watch(String path, String lastEventId) throws Exception {
        return watcher(response(path, lastEventId));
    }

    private static Watcher watcher(HttpResponse<InputStream> response) {
        assertEquals(200, response.statusCode());
        assertEquals(
                "text/event-stream",
                response.headers().firstValue("content-type").orElseThrow());
        return new Watcher(new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8)));
    }

    private record Event(String id, String name, String data) {}

    /** Reads events as a browser would. */
    private record Watcher(BufferedReader reader) {

        Event next() throws IOException {
            String id = null;
            String name = null;
            StringBuilder data = new StringBuilder();
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                if (line.isEmpty() && name != null) {
                    return new Event(id, name, data.toString());
                } else if (line.startsWith("id: ")) {
                    id = line.substring(4);
                } else if (line.startsWith("event: ")) {
                    name = line.substring(7);
                } else if (line.startsWith("data: ")) {
                    data.append(data.isEmpty() ? "" : "\n").append(line.substring(6));
                }
            }
            throw new AssertionError("expected another event, but the stream ended");
        }

        void close() throws IOException {
            reader.close();
        }

        boolean ended() throws IOException {
            return reader.readLine() == null;
        }
    }
}
