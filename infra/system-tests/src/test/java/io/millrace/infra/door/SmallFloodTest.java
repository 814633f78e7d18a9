package io.millrace.infra.door;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.millrace.infra.system.ServerProcess;
import io.millrace.infra.system.TestHttp;
import io.millrace.infra.testing.Await;
import io.millrace.infra.testing.RawHttp2;
import io.millrace.infra.testing.TempFolder;
import io.millrace.infra.testing.TestClient;
import io.millrace.ingest.config.Access;
import io.millrace.proto.flovyn.v1.CommandType;
import io.millrace.proto.flovyn.v1.FailTaskRequest;
import io.millrace.proto.flovyn.v1.GetEventsRequest;
import io.millrace.proto.flovyn.v1.GetStateRequest;
import io.millrace.proto.flovyn.v1.PollTaskRequest;
import io.millrace.proto.flovyn.v1.ScheduleTaskCommand;
import io.millrace.proto.flovyn.v1.SetStateRequest;
import io.millrace.proto.flovyn.v1.SignalWorkflowRequest;
import io.millrace.proto.flovyn.v1.StartWorkflowRequest;
import io.millrace.proto.flovyn.v1.StreamEventType;
import io.millrace.proto.flovyn.v1.StreamTaskDataRequest;
import io.millrace.proto.flovyn.v1.SubmitTaskRequest;
import io.millrace.proto.flovyn.v1.SubmitWorkflowCommandsRequest;
import io.millrace.proto.flovyn.v1.TaskExecutionGrpc;
import io.millrace.proto.flovyn.v1.WorkflowCommand;
import io.millrace.proto.flovyn.v1.WorkflowDispatchGrpc;
import io.millrace.proto.flovyn.v1.WorkflowStatus;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.function.IntConsumer;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/**
 * Answers that nobody takes, of each kind that may be large, against `millrace dev` with so little heap that they would not fit
 * into it together. A server that lacks memory ends, and the test fails. {@link FloodTest} is the same in full size.
 */
@Order(1)
class SmallFloodTest {

    private static final int FILES = 2_000;
    /** Of a server with its own Kafka, whose patrol reads again what the floods have left on the log. */
    private static final int HEAP_MB = 512;

    private static final int CALLS = 300;
    /** Of answers of 4 MB and more: as many as fill the heap by themselves. Each costs the database much, whether taken or not. */
    private static final int LARGER_CALLS = 120;

    private static final int PAYLOAD_BYTES = 1_000_000;
    private static final int STATE_BYTES = 250_000;
    private static final int SIGNALS = 3;
    private static final int WORK = 120;
    private static final int FAILURES = 80;
    /** Those whose texts the database searches in each call of a flood: enough for a large answer. */
    private static final int SEARCHED = 24;

    private static final String FAILED =
            "status%20%3D%20FAILED%20AND%20queue%20IN%20(flood-failures,%20flood-searched)";
    private static final int ATTEMPTS = 40;
    /** Requests of a megabyte that the preparations of a flood make at the same time: each takes until it is committed. */
    private static final int AT_ONCE = 4;

    private static final long OTHERS_WAIT_S = 60;

    private static TempFolder folder;
    private static ServerProcess server;
    private static TestClient other;
    private static String history;
    private static String task;

    @BeforeAll
    static void start() {
        folder = new TempFolder();
        server = ServerProcess.startSmall(
                folder.path(),
                FILES,
                HEAP_MB,
                Map.of(
                        "MILLRACE_GRPC_PATIENCE", "3s",
                        "MILLRACE_DISPATCHER_MEMORY_MB", "64",
                        "MILLRACE_AUDIT_PATROL_RATE", "5"));
        other = new TestClient(server.grpcPort(), Access.DEV_WORKER_KEY);
        history = longHistory();
        task = largeTask();
    }

    /** It stops in order, or this fails. */
    @AfterAll
    static void stop() throws IOException {
        if (other != null) {
            other.close();
        }
        if (server != null) {
            server.close();
        }
        folder.close();
    }

    @AfterEach
    void itLives() {
        server.expectAlive();
        assertServed();
        try (TestHttp http = new TestHttp(null)) {
            Await.until(
                    "the server to be ready",
                    () -> letIn(() -> http.get(server.http("/_/ready")).status() == 200));
        }
    }

    @Test
    void historiesThatNobodyTakes() throws IOException {
        try (RawHttp2 greedy = new RawHttp2(server.grpcPort(), Access.DEV_USER_KEY, 0)) {
            for (int i = 0; i < CALLS; i++) {
                greedy.call(WorkflowDispatchGrpc.getGetEventsMethod(), eventsRequest());
            }
            assertServed();
            awaitCutOff(greedy);
        }
    }

    @Test
    void historiesThatAreGivenUpAsSoonAsTheyAreAskedFor() throws IOException {
        try (RawHttp2 hasty = new RawHttp2(server.grpcPort(), Access.DEV_USER_KEY, 0)) {
            for (int i = 0; i < CALLS; i++) {
                hasty.cancel(hasty.call(WorkflowDispatchGrpc.getGetEventsMethod(), eventsRequest()));
            }
            assertServed();

            int last = hasty.call(
                    WorkflowDispatchGrpc.getGetEventsMethod(),
                    GetEventsRequest.newBuilder()
                            .setWorkflowExecutionId("00000000-0000-4000-8000-000000000000")
                            .build());

            assertTrue(hasty.awaitStatus(last).isPresent(), "the places of what was given up are free again");
        }
    }

    @Test
    void historiesOfConnectionsThatEnd() throws IOException {
        for (int i = 0; i < 4; i++) {
            try (RawHttp2 leaving = new RawHttp2(server.grpcPort(), Access.DEV_USER_KEY, 0)) {
                for (int call = 0; call < CALLS / 2; call++) {
                    leaving.call(WorkflowDispatchGrpc.getGetEventsMethod(), eventsRequest());
                }
            }
        }
    }

    @Test
    void statesOfATaskThatNobodyTakes() throws IOException {
        try (RawHttp2 greedy = new RawHttp2(server.grpcPort(), Access.DEV_WORKER_KEY, 0)) {
            GetStateRequest state = GetStateRequest.newBuilder()
                    .setTaskExecutionId(task)
                    .setKey("large")
                    .build();
            for (int i = 0; i < 8 * CALLS; i++) {
                greedy.call(TaskExecutionGrpc.getGetStateMethod(), state);
            }
            assertServed();
            awaitCutOff(greedy);
        }
    }

    @Test
    void workThatIsHandedOutAndNotTaken() throws IOException {
        PollTaskRequest poll = PollTaskRequest.newBuilder()
                .setOrgId(Access.DEV_ORG.toString())
                .setWorkerId("greedy")
                .setQueue("large-work")
                .setTimeoutSeconds(30)
                .build();
        forEach(WORK, i -> submit("large-work"));
        try (RawHttp2 greedy = new RawHttp2(server.grpcPort(), Access.DEV_WORKER_KEY, 0)) {
            for (int i = 0; i < WORK; i++) {
                greedy.call(TaskExecutionGrpc.getPollTaskMethod(), poll);
            }
            assertServed();
            awaitCutOff(greedy);
        }

        Await.until("the work to have gone back", () -> isHandedOut(poll));
    }

    /** Whoever is refused for what others do not take is to try again. */
    private static boolean isHandedOut(PollTaskRequest poll) {
        try {
            return other.tasks().pollTask(poll).hasTask();
        } catch (StatusRuntimeException refused) {
            assertEquals(Status.Code.RESOURCE_EXHAUSTED, refused.getStatus().getCode());
            return false;
        }
    }

    @Test
    void historiesOverHttpThatNobodyTakes() throws IOException {
        flood("/workflow-executions/" + history + "/events", CALLS);
    }

    @Test
    void executionsOverHttpThatNobodyTakes() throws IOException {
        flood("/workflow-executions/" + history, CALLS);
        flood("/task-executions/" + task, CALLS);
    }

    /** All errors of one list have more bytes than the server has heap for its answer, and half of them take six times as much as JSON. */
    @Test
    void listsOfLongErrors() throws IOException {
        String[] ids = new String[FAILURES];
        IntFunction<String> queue = i -> i < SEARCHED ? "flood-searched" : "flood-failures";
        forEach(FAILURES, i -> ids[i] = submit(queue.apply(i)));
        forEach(FAILURES, i -> pollTask(queue.apply(i)));
        forEach(FAILURES, i -> fail(ids[i], (i % 2 == 0 ? "x" : "\u0001").repeat(PAYLOAD_BYTES)));
        Await.until(
                "the list to be filled",
                () -> parts("/task-executions/counts?q=" + FAILED, "groups").stream()
                                .mapToInt(group -> group.get("count").asInt())
                                .sum()
                        == FAILURES);

        flood("/task-executions?limit=500", LARGER_CALLS);
        flood(
                "/task-executions?limit=500&q=queue%20%3D%20flood-searched%20AND%20error%20~%20x%20ORDER%20BY%20ended%20ASC",
                LARGER_CALLS);

        List<JsonNode> tasks = parts("/task-executions?limit=500&q=" + FAILED, "taskExecutions");
        assertEquals(
                FAILURES,
                tasks.stream()
                        .map(task -> task.get("id").textValue())
                        .distinct()
                        .count());
        assertEquals(FAILURES, tasks.size());
    }

    /** What stands in no history has no limit. */
    @Test
    void eventsOfManyFailedAttempts() throws IOException {
        String id = other.start("long", "flood-attempts");
        other.poll("flooded", "flood-attempts", 60).orElseThrow();
        String failing = UUID.randomUUID().toString();
        other.workflows()
                .submitWorkflowCommands(SubmitWorkflowCommandsRequest.newBuilder()
                        .setWorkflowExecutionId(id)
                        .setStatus(WorkflowStatus.SUSPENDED)
                        .addCommands(WorkflowCommand.newBuilder()
                                .setCommandType(CommandType.SCHEDULE_TASK)
                                .setSequenceNumber(1)
                                .setScheduleTask(ScheduleTaskCommand.newBuilder()
                                        .setTaskExecutionId(failing)
                                        .setKind("large")
                                        .setMaxRetries(ATTEMPTS)))
                        .build());
        for (int i = 0; i < ATTEMPTS; i++) {
            pollTask("flood-attempts");
            fail(failing, "x".repeat(PAYLOAD_BYTES));
        }
        String events = "/workflow-executions/" + id + "/events?audience=";
        Await.until(
                "the read model to have all attempts", () -> attempts(parts(events + "people", "events")) == ATTEMPTS);

        flood(events + "people", LARGER_CALLS);
        flood(events + "all", LARGER_CALLS);

        assertEquals(ATTEMPTS, attempts(parts(events + "all", "events")));
        String proof = "/workflow-executions/" + id + "/proof";

        flood(proof, LARGER_CALLS);

        assertTrue(provedRecords(proof) > ATTEMPTS);
    }

    private static long provedRecords(String path) {
        try (TestHttp http = new TestHttp(Access.DEV_USER_KEY)) {
            AtomicReference<String> file = new AtomicReference<>("");
            Await.until(
                    "a file of proofs",
                    () -> letIn(() -> {
                        file.set(http.text(server.http("/api/orgs/dev" + path)));
                        return file.get().startsWith("{\"format\":");
                    }));
            return file.get().lines().count() - 1;
        }
    }

    private static long attempts(List<JsonNode> events) {
        return events.stream()
                .filter(event -> event.get("eventType").textValue().equals("TASK_ATTEMPT_FAILED"))
                .count();
    }

    /** @return what stands in the field, of all parts */
    private static List<JsonNode> parts(String path, String field) {
        List<JsonNode> items = new ArrayList<>();
        try (TestHttp http = new TestHttp(Access.DEV_USER_KEY)) {
            String cursor = "";
            do {
                JsonNode part = answered(http, server.http("/api/orgs/dev" + path + cursor));
                part.path(field).forEach(items::add);
                JsonNode next = part.path("nextCursor");
                cursor = next.isTextual() ? "&cursor=" + next.textValue() : "";
            } while (!cursor.isEmpty());
        }
        return items;
    }

    /** While a flood is under way, others of its organisation may be asked to come again, and others of its address not let in. */
    private static JsonNode answered(TestHttp http, URI address) {
        AtomicReference<TestHttp.Answer> answer = new AtomicReference<>();
        Await.until(
                "an answer",
                () -> letIn(() -> {
                    answer.set(http.get(address));
                    return answer.get().status() != 429 && answer.get().status() != 503;
                }));
        assertEquals(200, answer.get().status(), answer.get().body().toString());
        return answer.get().body();
    }

    /**
     * The connections of a flood that is over hold their places until the server has written to them, which may be when their
     * request would have had its turn. Until then no other is let in from their address.
     *
     * @return what the question says; false where it was not let in
     */
    private static boolean letIn(BooleanSupplier question) {
        try {
            return question.getAsBoolean();
        } catch (UncheckedIOException notLetIn) {
            return false;
        }
    }

    private static void forEach(int count, IntConsumer step) {
        try (ExecutorService threads = Executors.newFixedThreadPool(AT_ONCE)) {
            IntStream.range(0, count)
                    .mapToObj(i -> CompletableFuture.runAsync(() -> step.accept(i), threads))
                    .toList()
                    .forEach(CompletableFuture::join);
        }
    }

    private static void fail(String taskId, String error) {
        other.tasks()
                .failTask(FailTaskRequest.newBuilder()
                        .setTaskExecutionId(taskId)
                        .setError(error)
                        .build());
    }

    @Test
    void eventStreamsThatNobodyReads() throws IOException {
        flood("/workflow-executions/" + history + "/stream", CALLS);
    }

    @Test
    void piecesThatATaskStreamsOutForNobody() throws IOException {
        List<Socket> readers = ask("/task-executions/" + task + "/stream", CALLS);
        try {
            for (int i = 0; i < 4; i++) {
                other.tasks()
                        .streamTaskData(StreamTaskDataRequest.newBuilder()
                                .setTaskExecutionId(task)
                                .setSequence(i)
                                .setType(StreamEventType.STREAM_EVENT_TYPE_DATA)
                                .setPayload("\"" + "x".repeat(PAYLOAD_BYTES / 2) + "\"")
                                .setTimestampMs(System.currentTimeMillis())
                                .build());
                assertServed();
            }
        } finally {
            close(readers);
        }
    }

    @Test
    void answersAtTheEndOfAnExecutionForWhichManyHaveWaited() throws IOException {
        String id = other.workflows()
                .startWorkflow(StartWorkflowRequest.newBuilder()
                        .setOrgId(Access.DEV_ORG.toString())
                        .setWorkflowKind("long")
                        .setQueue("flood")
                        .setInput(large())
                        .build())
                .getWorkflowExecutionId();
        List<Socket> waiting = ask("/workflow-executions/" + id + "?wait=30s", CALLS);
        try (TestHttp http = new TestHttp(Access.DEV_USER_KEY)) {
            // The silent connections of other tests may still be being closed, and take the places of new ones till
            // then.
            Await.until("the cancellation to be taken", () -> isCancelled(http, id));
            assertServed();
        } finally {
            close(waiting);
        }
    }

    private static boolean isCancelled(TestHttp http, String id) {
        try {
            int status = http.post(server.http("/api/orgs/dev/workflow-executions/" + id + "/cancel"), "{}")
                    .status();
            assertEquals(200, status);
            return true;
        } catch (UncheckedIOException e) {
            return false;
        }
    }

    @Test
    void silentConnectionsTakeNoFilesThatKafkaAndTheStoresNeed() throws IOException {
        List<Socket> silent = new ArrayList<>();
        try {
            for (int i = 0; i < FILES; i++) {
                silent.add(new Socket(
                        "127.0.0.1",
                        i % 2 == 0 ? server.grpcPort() : server.http("/").getPort()));
            }
            assertServed();
        } finally {
            close(silent);
        }
        try (TestClient later = new TestClient(server.grpcPort(), Access.DEV_USER_KEY)) {
            later.start("flow", "flood");
        }
    }

    private static void flood(String path, int count) throws IOException {
        List<Socket> sockets = ask(path, count);
        try {
            assertServed();
            assertServed();
        } finally {
            close(sockets);
        }
    }

    /** Asks on so many connections, and reads no answer. */
    private static List<Socket> ask(String path, int count) throws IOException {
        List<Socket> sockets = new ArrayList<>();
        byte[] request = ("GET /api/orgs/dev" + path + " HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer "
                        + Access.DEV_USER_KEY + "\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII);
        for (int i = 0; i < count; i++) {
            Socket socket = new Socket();
            socket.setReceiveBufferSize(4 << 10); // or else the machine takes the answer for us
            socket.connect(new InetSocketAddress("127.0.0.1", server.http("/").getPort()));
            sockets.add(socket);
            socket.getOutputStream().write(request);
        }
        return sockets;
    }

    private static void close(List<Socket> sockets) throws IOException {
        for (Socket socket : sockets) {
            socket.close();
        }
    }

    private static GetEventsRequest eventsRequest() {
        return GetEventsRequest.newBuilder().setWorkflowExecutionId(history).build();
    }

    private static void awaitCutOff(RawHttp2 greedy) throws IOException {
        Optional<RawHttp2.Frame> frame = greedy.next();
        while (frame.isPresent() && frame.get().type() != RawHttp2.GO_AWAY) {
            frame = greedy.next();
        }
    }

    /** Somebody else of the same organisation, who asks for little. */
    private static void assertServed() {
        long beganNanos = System.nanoTime();
        other.start("flow", "flood");
        long tookS = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - beganNanos);
        assertTrue(tookS < OTHERS_WAIT_S, "others waited " + tookS + " s");
    }

    private static ByteString large() {
        return json(PAYLOAD_BYTES);
    }

    private static ByteString json(int bytes) {
        return ByteString.copyFromUtf8("\"" + "x".repeat(bytes - 2) + "\"");
    }

    /** @return an execution with 3 MB of history */
    private static String longHistory() {
        String id = other.start("long", "flood");
        for (int i = 0; i < SIGNALS; i++) {
            other.workflows()
                    .signalWorkflow(SignalWorkflowRequest.newBuilder()
                            .setOrgId(Access.DEV_ORG.toString())
                            .setWorkflowExecutionId(id)
                            .setSignalName("long")
                            .setSignalValue(large())
                            .build());
        }
        return id;
    }

    private static void pollTask(String queue) {
        PollTaskRequest poll = PollTaskRequest.newBuilder()
                .setOrgId(Access.DEV_ORG.toString())
                .setWorkerId("flooded")
                .setQueue(queue)
                .setTimeoutSeconds(30)
                .build();
        Await.until(
                "the task to be handed out", () -> other.tasks().pollTask(poll).hasTask());
    }

    private static String submit(String queue) {
        return other.tasks()
                .submitTask(SubmitTaskRequest.newBuilder()
                        .setOrgId(Access.DEV_ORG.toString())
                        .setKind("large")
                        .setQueue(queue)
                        .setInput(large())
                        .build())
                .getTaskExecutionId();
    }

    /** @return a task that runs, with 1 MB of input and a quarter of that of state */
    private static String largeTask() {
        String id = submit("flood-tasks");
        pollTask("flood-tasks");
        other.tasks()
                .setState(SetStateRequest.newBuilder()
                        .setTaskExecutionId(id)
                        .setKey("large")
                        .setValue(json(STATE_BYTES))
                        .build());
        return id;
    }
}
