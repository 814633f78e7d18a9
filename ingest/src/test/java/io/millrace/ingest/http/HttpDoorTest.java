package io.millrace.ingest.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.ByteString;
import io.millrace.ingest.queries.Cursor;
import io.millrace.ingest.queries.EventRow;
import io.millrace.ingest.queries.ExecutionDetail;
import io.millrace.ingest.queries.ExecutionFilter;
import io.millrace.ingest.queries.ExecutionRow;
import io.millrace.ingest.queries.Page;
import io.millrace.ingest.queries.TaskDetail;
import io.millrace.ingest.queries.TaskFilter;
import io.millrace.ingest.queries.TaskRow;
import io.millrace.ingest.queries.ToldEvent;
import io.millrace.ingest.search.Search;
import io.millrace.ingest.search.Subject;
import io.millrace.ingest.standin.MemoryReads;
import io.millrace.ingest.standin.OpenDoor;
import io.millrace.proto.Ids;
import io.millrace.proto.Shards;
import io.millrace.proto.log.CommandLogException;
import io.millrace.proto.reads.ReadsUnavailableException;
import io.millrace.proto.v1.EventRecord;
import io.millrace.proto.v1.ExecutionStatus;
import io.millrace.proto.v1.ExecutionView;
import io.millrace.proto.v1.FindPromiseResponse;
import io.millrace.proto.v1.HistoryView;
import io.millrace.proto.v1.ListQueuesResponse;
import io.millrace.proto.v1.RefusalReason;
import io.millrace.proto.v1.ReplyRecord;
import io.millrace.proto.v1.StartWorkflow;
import io.millrace.proto.v1.TaskView;
import io.millrace.proto.v1.WorkType;
import io.millrace.proto.v1.WorkerRegistration;
import io.millrace.proto.v1.WorkflowStateView;
import java.io.IOException;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class HttpDoorTest {

    private static final UUID ID = UUID.fromString("33333333-3333-4333-8333-333333330abc");
    private static final String ORG = "/api/orgs/alpha";
    private static final String WORKFLOWS = ORG + "/workflow-executions";

    private OpenDoor door;

    @BeforeEach
    void open() throws IOException {
        door = OpenDoor.open();
    }

    @AfterEach
    void close() {
        door.close();
    }

    @Test
    void figuresAreThereForEverybodyInTheFormOfPrometheus() throws Exception {
        HttpResponse<String> response = door.send(door.request("GET", "/_/metrics", null));
        assertEquals(200, response.statusCode());
        assertEquals(
                "text/plain; version=0.0.4; charset=utf-8",
                response.headers().firstValue("content-type").orElseThrow());
        assertEquals("figures 1\n", response.body());
    }

    @Test
    void healthAndReadinessNeedNoKey() throws Exception {
        assertEquals(200, door.send(door.request("GET", "/_/health", null)).statusCode());
        assertEquals(200, door.send(door.request("GET", "/_/ready", null)).statusCode());

        door.waitingFor = "expected all partitions to be served, but 3 are not";
        HttpResponse<String> response = door.send(door.request("GET", "/_/ready", null));

        assertError(response, 503, "UNAVAILABLE", "3 are not");
        assertEquals("1", response.headers().firstValue("retry-after").orElseThrow());
        assertEquals(200, door.send(door.request("GET", "/_/health", null)).statusCode());
    }

    @Test
    void healthAndReadinessTellWhichNodeItIsAndOnlyToItsOwnMachineWhereTheDataIs() throws Exception {
        String near = "\"node\":\"node-7\",\"data\":\"/data\"}";
        String far = "\"node\":\"node-7\"}";
        for (String path : List.of("/_/health", "/_/ready")) {
            String told = door.send(door.request("GET", path, null)).body();
            String throughAProxy = door.send(door.request("GET", path, null).header("X-Forwarded-For", "192.0.2.1"))
                    .body();

            assertTrue(told.endsWith(near), told);
            assertTrue(throughAProxy.endsWith(far), throughAProxy);
            for (String header : List.of("Forwarded", "Via", "X-Real-IP", "X-Forwarded-Host", "X-Forwarded-Proto")) {
                String body = door.send(door.request("GET", path, null).header(header, "a"))
                        .body();
                assertTrue(body.endsWith(far), header + ": " + body);
            }
            // Proxies that add no header: one that speaks HTTP/1.0, and one that passes on the name it was asked by.
            assertTold(far, "GET " + path + " HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n");
            assertTold(far, "GET " + path + " HTTP/1.1\r\nHost: millrace.example\r\nConnection: close\r\n\r\n");
            assertTold(near, "GET " + path + " HTTP/1.1\r\nHost: localhost:1\r\nConnection: close\r\n\r\n");
        }
        door.waitingFor = "a partition";
        assertError(
                door.send(door.request("GET", "/_/ready", null)),
                503,
                "UNAVAILABLE",
                "node node-7 waits for a partition");
    }

    @Test
    void headIsGetWithoutTheBody() throws Exception {
        HttpResponse<String> head = door.send(door.request("HEAD", "/_/health", null));
        HttpResponse<String> get = door.send(door.request("GET", "/_/health", null));

        assertEquals(200, head.statusCode());
        assertEquals("", head.body());
        assertEquals(get.headers().firstValue("content-length"), head.headers().firstValue("content-length"));
        assertEquals(404, door.http("HEAD", "/nowhere", null).statusCode());
        assertEquals(
                405, door.http("HEAD", WORKFLOWS + "/signal-with-start", null).statusCode());
    }

    @Test
    void whatIsNoHttpIsRefusedLikeAllElse() throws Exception {
        String key = "\r\nHost: h\r\nAuthorization: Bearer " + OpenDoor.USER_KEY + "\r\n";

        assertRefused("GET * HTTP/1.1\r\nHost: h\r\n\r\n", 400, "INVALID_ARGUMENT");
        assertRefused("GET " + WORKFLOWS + "?kind=%zz HTTP/1.1" + key + "\r\n", 400, "INVALID_ARGUMENT");
        assertRefused("GET " + WORKFLOWS + "?kind=\u00e9 HTTP/1.1" + key + "\r\n", 400, "INVALID_ARGUMENT");
        assertRefused("GET /%zz HTTP/1.1\r\nHost: h\r\n\r\n", 400, "INVALID_ARGUMENT");
        assertRefused(
                "POST " + WORKFLOWS + " HTTP/1.1" + key
                        + "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n",
                400,
                "INVALID_ARGUMENT");
        assertRefused(
                "GET /_/health HTTP/1.1\r\nHost: h\r\n" + "A: b\r\n".repeat(201) + "\r\n", 431, "HEADERS_TOO_LARGE");
    }

    private void assertTold(String end, String request) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", door.httpPort())) {
            socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertTrue(answer.endsWith(end), answer);
        }
    }

    private void assertRefused(String request, int status, String code) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", door.httpPort())) {
            socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            socket.shutdownOutput();
            String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertTrue(answer.startsWith("HTTP/1.1 " + status + " "), answer);
            assertTrue(
                    answer.contains("\r\n\r\n{\"error\":{\"code\":\"" + code + "\",\"message\":\"expected "), answer);
        }
    }

    @Test
    void noKeyNoService() throws Exception {
        HttpResponse<String> none = door.send(door.request("GET", WORKFLOWS, null));
        HttpResponse<String> wrong =
                door.send(door.request("GET", WORKFLOWS, null).header("Authorization", "Bearer sk-guess"));

        assertError(none, 401, "UNAUTHENTICATED", "authorization");
        assertEquals("Bearer", none.headers().firstValue("www-authenticate").orElseThrow());
        assertError(wrong, 401, "UNAUTHENTICATED", "known API key");
        assertFalse(wrong.body().contains("guess"), wrong.body());
        assertTrue(door.log.entries().isEmpty());
    }

    @Test
    void anothersOrganisationIsNotFound() throws Exception {
        HttpResponse<String> response =
                door.send(door.request("GET", WORKFLOWS, null).header("Authorization", "Bearer " + OpenDoor.BETA_KEY));

        assertError(response, 404, "NOT_FOUND", "organisation");
        assertEquals("bob", door.log.refusals().get(0).getPrincipal().getId());
        assertEquals(
                "GET /api/orgs/{slug}/workflow-executions",
                door.log.refusals().get(0).getRecordRefusal().getMethod());
    }

    @Test
    void saysWhatAPathTakes() throws Exception {
        assertError(door.http("GET", "/nowhere", null), 404, "NOT_FOUND", "path");
        assertError(door.http("GET", WORKFLOWS + "/", null), 400, "INVALID_ARGUMENT", "UUID");
        HttpResponse<String> response = door.http("DELETE", WORKFLOWS, null);
        assertError(response, 405, "METHOD_NOT_ALLOWED", "DELETE");
        assertEquals("GET, POST", response.headers().firstValue("allow").orElseThrow());
        assertError(door.http("GET", WORKFLOWS + "/signal-with-start", null), 405, "METHOD_NOT_ALLOWED", "POST");
    }

    @Test
    void takesJsonAndNotTooMuchOfIt() throws Exception {
        assertError(
                door.send(door.request("POST", WORKFLOWS, null)
                        .header("Authorization", "Bearer " + OpenDoor.USER_KEY)
                        .header("Content-Type", "text/plain")
                        .POST(HttpRequest.BodyPublishers.ofString("{}"))),
                415,
                "UNSUPPORTED_MEDIA_TYPE",
                "text/plain");
        assertError(door.http("POST", WORKFLOWS, "[]"), 400, "INVALID_ARGUMENT", "JSON object");
        assertError(door.http("POST", WORKFLOWS, "{\"kind\":"), 400, "INVALID_ARGUMENT", "JSON object");
        assertError(door.http("POST", WORKFLOWS, "{\"kind\":\"a\",\"kynd\":1}"), 400, "INVALID_ARGUMENT", "kynd");
        assertError(door.http("POST", WORKFLOWS, "{\"kind\":7}"), 400, "INVALID_ARGUMENT", "kind");
        assertError(door.http("POST", WORKFLOWS, "{}"), 400, "INVALID_ARGUMENT", "workflow_kind");
        assertError(
                door.http("POST", WORKFLOWS, "{\"kind\":\"a\",\"input\":\"" + "x".repeat(1 << 20) + "\"}"),
                413,
                "RESOURCE_EXHAUSTED",
                "input");
        assertError(
                door.http("POST", WORKFLOWS, "{\"kind\":\"" + "x".repeat(2 << 20) + "\"}"),
                413,
                "RESOURCE_EXHAUSTED",
                "body");
        assertEquals(8, door.log.refusals().size());
        assertEquals(8, door.log.entries().size());
    }

    @Test
    void takesNoBodyThatIsSaidToBeEncoded() throws Exception {
        HttpResponse<String> refusal =
                door.send(door.request("POST", "/api/orgs/alpha/workflow-executions", "{\"kind\":\"echo\"}")
                        .header("Authorization", "Bearer " + OpenDoor.USER_KEY)
                        .header("Content-Encoding", "gzip"));

        assertEquals(415, refusal.statusCode());
        assertTrue(refusal.body().contains("Content-Encoding"), refusal.body());
    }

    @Test
    void startsWorkflows() throws Exception {
        answerStarted(true, true);

        HttpResponse<String> response = door.http("POST", WORKFLOWS, """
                {"kind":"echo","input":{"n": 1.50},"queue":"fast","metadata":{"team":"red"},"prioritySeconds":5,
                 "workflowVersion":"2","idempotencyKey":"k","idempotencyKeyTtlSeconds":60}""");

        assertEquals(201, response.statusCode());
        assertEquals(ID.toString(), json(response).get("id").textValue());
        StartWorkflow start = door.log.onlyCommand().getStartWorkflow();
        assertEquals("echo", start.getKind());
        assertEquals("{\"n\": 1.50}", start.getInput().toStringUtf8());
        assertEquals("fast", start.getQueue());
        assertEquals("red", start.getMetadataOrThrow("team"));
        assertEquals(5, start.getPrioritySeconds());
        assertEquals("2", start.getWorkflowVersion());
        assertEquals(60_000, start.getIdempotencyKeyTtlMs());
        assertEquals(Shards.of(OpenDoor.ALPHA, "k"), Shards.of(Ids.fromBytes(start.getExecutionId())));

        answerStarted(true, false);
        assertEquals(
                200,
                door.http("POST", WORKFLOWS, "{\"kind\":\"echo\",\"idempotencyKey\":\"k\"}")
                        .statusCode());
    }

    @Test
    void keepsTheTraceOfTheCaller() throws Exception {
        answerStarted(false, false);
        String trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

        door.send(door.request("POST", WORKFLOWS, "{\"kind\":\"echo\"}")
                .header("Authorization", "Bearer " + OpenDoor.USER_KEY)
                .header("traceparent", trace));

        assertEquals(trace, door.log.onlyCommand().getTraceparent());
    }

    @Test
    void listsWorkflowsByFilter() throws Exception {
        Cursor cursor = new Cursor(1_000, ID);
        door.queries.executionPage = Page.of(List.of(row(ExecutionStatus.WAITING)), row -> cursor, true);

        HttpResponse<String> response = door.http(
                "GET",
                WORKFLOWS + "?status=WAITING&kind=echo%20it&queue=fast&metadata.team=red&limit=7&cursor="
                        + new Cursor(2_000, ID).encode(),
                null);

        assertEquals(200, response.statusCode());
        JsonNode item = json(response).get("workflowExecutions").get(0);
        assertEquals("WAITING", item.get("status").textValue());
        assertEquals("1970-01-01T00:00:01Z", item.get("createdAt").textValue());
        assertTrue(item.get("closedAt").isNull());
        assertEquals(cursor.encode(), json(response).get("nextCursor").textValue());
        assertEquals(
                new ExecutionFilter(
                        ExecutionStatus.WAITING,
                        "echo it",
                        "fast",
                        Map.of("team", "red"),
                        Search.all(Subject.WORKFLOWS)),
                door.queries.lastFilter);
        assertEquals(7, door.queries.lastPage.limit());
        assertEquals(new Cursor(2_000, ID), door.queries.lastPage.after());
        assertError(door.http("GET", WORKFLOWS + "?limit=0", null), 400, "INVALID_ARGUMENT", "limit");
        assertError(door.http("GET", WORKFLOWS + "?limit=x", null), 400, "INVALID_ARGUMENT", "limit");
        assertError(door.http("GET", WORKFLOWS + "?status=DONE", null), 400, "INVALID_ARGUMENT", "status");
        assertError(door.http("GET", WORKFLOWS + "?cursor=1_2", null), 400, "INVALID_ARGUMENT", "cursor");
        assertError(door.http("GET", WORKFLOWS + "?colour=red", null), 400, "INVALID_ARGUMENT", "colour");
        assertError(door.http("GET", WORKFLOWS + "?kind=a&kind=b", null), 400, "INVALID_ARGUMENT", "once");
        assertError(
                door.http("GET", WORKFLOWS + "?kind=a%00", null),
                400,
                "INVALID_ARGUMENT",
                "control characters in kind");
        assertError(door.http("GET", WORKFLOWS + "?limit=%2B5", null), 400, "INVALID_ARGUMENT", "limit");
        assertError(door.http("GET", WORKFLOWS + "?limit=%D9%A5", null), 400, "INVALID_ARGUMENT", "limit");
        assertEquals(
                200,
                door.http("GET", WORKFLOWS + "?metadata%5Bteam%5D=blue", null).statusCode());
        assertEquals(
                new ExecutionFilter(null, null, null, Map.of("team", "blue"), Search.all(Subject.WORKFLOWS)),
                door.queries.lastFilter);
    }

    @Test
    void showsOpenWorkflowsFromTheStoresAndOldOnesFromTheReadModel() throws Exception {
        door.reads.executions.put(
                new MemoryReads.Key(OpenDoor.ALPHA, ID),
                ExecutionView.newBuilder()
                        .setExecutionId(Ids.toByteString(ID))
                        .setKind("echo")
                        .setStatus(ExecutionStatus.RUNNING)
                        .setWorkerId("mill-7")
                        .setDeliveries(2)
                        .setInput(ByteString.copyFromUtf8("{\"big\":12345678901234567890}"))
                        .setCreatedAtMs(1_000)
                        .build());
        UUID old = UUID.randomUUID();
        door.queries.executions.put(
                new MemoryReads.Key(OpenDoor.ALPHA, old),
                new ExecutionDetail(row(ExecutionStatus.COMPLETED), ByteString.EMPTY, ByteString.copyFromUtf8("[1]")));

        HttpResponse<String> live = door.http("GET", WORKFLOWS + "/" + ID, null);
        HttpResponse<String> closed = door.http("GET", WORKFLOWS + "/" + old, null);

        assertEquals("RUNNING", json(live).get("status").textValue());
        assertTrue(live.body().contains("\"input\":{\"big\":12345678901234567890}"), live.body());
        assertEquals("mill-7", json(live).get("workerId").textValue());
        assertEquals(2, json(live).get("deliveries").intValue());
        assertEquals("COMPLETED", json(closed).get("status").textValue());
        assertEquals("[1]", json(closed).get("output").toString());
        assertTrue(json(closed).get("input").isNull());
        assertError(
                door.http("GET", WORKFLOWS + "/" + UUID.randomUUID(), null), 404, "NOT_FOUND", "workflow execution");
        assertError(door.http("GET", WORKFLOWS + "/7", null), 400, "INVALID_ARGUMENT", "'7'");
    }

    @Test
    void showsHistoriesInTheFormThatSdksRead() throws Exception {
        door.reads.histories.put(
                new MemoryReads.Key(OpenDoor.ALPHA, ID),
                HistoryView.newBuilder()
                        .addEvents(EventRecord.newBuilder()
                                .setHistorySequence(1)
                                .setType("WORKFLOW_STARTED")
                                .setTimeMs(1_500)
                                .setData(ByteString.copyFromUtf8("{\"input\": 1.50}")))
                        .build());
        UUID old = UUID.randomUUID();
        door.queries.histories.put(
                new MemoryReads.Key(OpenDoor.ALPHA, old),
                List.of(new EventRow(1, "WORKFLOW_STARTED", ByteString.copyFromUtf8("{\"input\":2}"), 1_500)));

        HttpResponse<String> response = door.http("GET", WORKFLOWS + "/" + ID + "/events", null);

        assertEquals(
                "{\"events\":[{\"sequence\":1,\"sequenceNumber\":1,\"eventType\":\"WORKFLOW_STARTED\","
                        + "\"timestamp\":\"1970-01-01T00:00:01.500Z\",\"createdAt\":\"1970-01-01T00:00:01.500Z\","
                        + "\"data\":{\"input\": 1.50}}],\"nextCursor\":null}",
                response.body());
        assertEquals(
                "application/json",
                response.headers().firstValue("content-type").orElseThrow());
        assertTrue(
                door.http("GET", WORKFLOWS + "/" + old + "/events", null).body().contains("{\"input\":2}"));
    }

    @Test
    void peopleAreToldOfEachThingOnceAndOfFailedAttempts() throws Exception {
        MemoryReads.Key key = new MemoryReads.Key(OpenDoor.ALPHA, ID);
        UUID task = UUID.fromString("44444444-4444-4444-8444-444444440abc");
        List<ToldEvent> all = List.of(
                new ToldEvent(1, null, new EventRow(1, "WORKFLOW_STARTED", json("{}"), 1_000)),
                new ToldEvent(2, null, new EventRow(0, "WORKFLOW_READY", json("{}"), 1_000)),
                new ToldEvent(3, task, new EventRow(2, "TASK_SCHEDULED", json("{}"), 1_000)),
                new ToldEvent(4, task, new EventRow(0, "TASK_CLAIMED", json("{}"), 1_000)),
                new ToldEvent(5, task, new EventRow(0, "TASK_ATTEMPT_FAILED", json("{\"error\":\"no\"}"), 1_000)),
                new ToldEvent(6, task, new EventRow(0, "TASK_CANCELLED", json("{}"), 1_000)),
                new ToldEvent(7, task, new EventRow(3, "TASK_FAILED", json("{}"), 1_000)),
                new ToldEvent(8, null, new EventRow(4, "WORKFLOW_CANCELLED", json("{}"), 1_000)),
                new ToldEvent(9, null, new EventRow(5, "WORKFLOW_EXECUTION_FAILED", json("{}"), 1_000)));
        door.queries.told.put(key, all.subList(0, 7));
        HistoryView.Builder live = HistoryView.newBuilder();
        for (ToldEvent event : all) {
            if (event.event().sequence() > 0) {
                live.addEvents(EventRecord.newBuilder()
                        .setChainSequence(event.chainSequence())
                        .setHistorySequence(event.event().sequence())
                        .setTaskId(event.taskId() == null ? ByteString.EMPTY : Ids.toByteString(event.taskId()))
                        .setType(event.event().type())
                        .setTimeMs(1_000)
                        .setData(event.event().data()));
            }
        }
        door.reads.histories.put(key, live.build());

        JsonNode people = json(door.http("GET", WORKFLOWS + "/" + ID + "/events?audience=people", null))
                .get("events");
        JsonNode workers = json(door.http("GET", WORKFLOWS + "/" + ID + "/events?audience=workers", null))
                .get("events");

        assertEquals(
                List.of(
                        "WORKFLOW_STARTED",
                        "TASK_SCHEDULED",
                        "TASK_ATTEMPT_FAILED",
                        "TASK_CANCELLED",
                        "WORKFLOW_CANCELLED"),
                people.findValuesAsText("eventType"));
        assertTrue(people.get(2).get("sequence").isNull());
        assertEquals(task.toString(), people.get(2).get("taskExecutionId").textValue());
        assertEquals("no", people.get(2).get("data").get("error").textValue());
        assertEquals(
                List.of(
                        "WORKFLOW_STARTED",
                        "TASK_SCHEDULED",
                        "TASK_FAILED",
                        "WORKFLOW_CANCELLED",
                        "WORKFLOW_EXECUTION_FAILED"),
                workers.findValuesAsText("eventType"));
        assertEquals(
                workers,
                json(door.http("GET", WORKFLOWS + "/" + ID + "/events", null)).get("events"));
        assertError(
                door.http("GET", WORKFLOWS + "/" + UUID.randomUUID() + "/events?audience=people", null),
                404,
                "NOT_FOUND",
                "workflow execution");
        assertEquals(
                9,
                json(door.http("GET", WORKFLOWS + "/" + ID + "/events?audience=all", null))
                        .get("events")
                        .size());
        assertError(
                door.http("GET", WORKFLOWS + "/" + ID + "/events?audience=nobody", null),
                400,
                "INVALID_ARGUMENT",
                "audience");
    }

    @Test
    void signalsAndCancels() throws Exception {
        door.log.answer(ReplyRecord.newBuilder()
                .setSignalAccepted(ReplyRecord.SignalAccepted.newBuilder().setSequence(4)));
        HttpResponse<String> signalled =
                door.http("POST", WORKFLOWS + "/" + ID + "/signal", "{\"signalName\":\"go\",\"signalValue\":[1, 2]}");
        assertEquals(4, json(signalled).get("signalEventSequence").intValue());
        assertTrue(json(signalled).get("delivered").booleanValue());
        assertEquals(
                "[1, 2]",
                door.log
                        .entries()
                        .get(0)
                        .command()
                        .getSignalWorkflow()
                        .getSignalValue()
                        .toStringUtf8());

        door.log.answer(ReplyRecord.newBuilder()
                .setAccepted(ReplyRecord.Accepted.newBuilder().setChanged(true)));
        HttpResponse<String> cancelled =
                door.http("POST", WORKFLOWS + "/" + ID + "/cancel", "{\"reason\":\"too late\"}");
        assertTrue(json(cancelled).get("cancelled").booleanValue());
        var cancel = door.log.entries().get(1).command().getCancelWorkflow();
        assertEquals("too late", cancel.getReason());
        assertEquals("ann", cancel.getRequestedBy());
        assertEquals(
                200, door.http("POST", WORKFLOWS + "/" + ID + "/cancel", null).statusCode());

        door.log.refuse(RefusalReason.FAILED_PRECONDITION, "expected an open workflow, but it is closed");
        assertError(
                door.http("POST", WORKFLOWS + "/" + ID + "/signal", "{\"signalName\":\"go\"}"),
                409,
                "FAILED_PRECONDITION",
                "closed");
        door.log.refuse(RefusalReason.RESOURCE_EXHAUSTED, "expected at most 10000 signals, but there are as many");
        assertError(
                door.http("POST", WORKFLOWS + "/" + ID + "/signal", "{\"signalName\":\"go\"}"),
                429,
                "RESOURCE_EXHAUSTED",
                "10000");
    }

    @Test
    void signalsMayHaveAKeySoThatTheyCanBeSentAgain() throws Exception {
        door.log.answer(ReplyRecord.newBuilder()
                .setSignalAccepted(ReplyRecord.SignalAccepted.newBuilder().setSequence(4)));
        door.http(
                "POST",
                WORKFLOWS + "/" + ID + "/signal",
                "{\"signalName\":\"go\",\"idempotencyKey\":\"k\",\"idempotencyKeyTtlSeconds\":60}");
        door.http("POST", WORKFLOWS + "/" + ID + "/signal", "{\"signalName\":\"go\"}");
        door.http(
                "POST",
                WORKFLOWS + "/signal-with-start",
                "{\"workflowId\":\"cart-1\",\"kind\":\"cart\",\"signalName\":\"add\",\"idempotencyKey\":\"l\"}");

        var keyed = door.log.entries().get(0).command().getSignalWorkflow();
        assertEquals("k", keyed.getIdempotencyKey());
        assertEquals(60_000, keyed.getIdempotencyKeyTtlMs());
        assertEquals("", door.log.entries().get(1).command().getSignalWorkflow().getIdempotencyKey());
        var withStart = door.log.entries().get(2).command().getSignalWithStart();
        assertEquals("l", withStart.getSignalIdempotencyKey());
        assertEquals("cart-1", withStart.getStart().getIdempotencyKey());
        assertError(
                door.http(
                        "POST",
                        WORKFLOWS + "/" + ID + "/signal",
                        "{\"signalName\":\"go\",\"idempotencyKey\":\"k\",\"idempotencyKeyTtlSeconds\":0}"),
                400,
                "INVALID_ARGUMENT",
                "idempotency_key_ttl_seconds");
    }

    @Test
    void aSignalThatCameAfterTheEndIsNotSaidToBeDelivered() throws Exception {
        door.log.answer(ReplyRecord.newBuilder().setSignalAccepted(ReplyRecord.SignalAccepted.getDefaultInstance()));
        HttpResponse<String> late = door.http("POST", WORKFLOWS + "/" + ID + "/signal", "{\"signalName\":\"go\"}");
        assertEquals(200, late.statusCode());
        assertFalse(json(late).get("delivered").booleanValue());
        assertEquals(0, json(late).get("signalEventSequence").intValue());
    }

    @Test
    void signalsWithStart() throws Exception {
        door.log.answer(ReplyRecord.newBuilder()
                .setWorkflowStarted(ReplyRecord.WorkflowStarted.newBuilder()
                        .setExecutionId(Ids.toByteString(ID))
                        .setCreated(true)
                        .setSignalSequence(2)));

        HttpResponse<String> response = door.http(
                "POST",
                WORKFLOWS + "/signal-with-start",
                "{\"workflowId\":\"cart-1\",\"kind\":\"cart\",\"signalName\":\"add\",\"signalValue\":1}");

        assertEquals(201, response.statusCode());
        assertEquals(2, json(response).get("signalEventSequence").intValue());
        assertEquals(
                "cart-1", door.log.onlyCommand().getSignalWithStart().getStart().getIdempotencyKey());
    }

    @Test
    void signalsWithStartByTheNamesOfTheMessageToo() throws Exception {
        door.log.answer(ReplyRecord.newBuilder()
                .setWorkflowStarted(ReplyRecord.WorkflowStarted.newBuilder()
                        .setExecutionId(Ids.toByteString(ID))
                        .setCreated(true)
                        .setSignalSequence(2)));

        HttpResponse<String> response = door.http(
                "POST",
                WORKFLOWS + "/signal-with-start",
                "{\"workflowId\":\"cart-1\",\"workflowKind\":\"cart\",\"workflowInput\":{\"a\":1},\"signalName\":\"add\"}");

        assertEquals(ID.toString(), json(response).get("workflowExecutionId").textValue());
        assertTrue(json(response).get("workflowCreated").booleanValue());
        StartWorkflow start = door.log.onlyCommand().getSignalWithStart().getStart();
        assertEquals("cart", start.getKind());
        assertEquals("{\"a\":1}", start.getInput().toStringUtf8());
        assertError(
                door.http(
                        "POST",
                        WORKFLOWS + "/signal-with-start",
                        "{\"workflowId\":\"c\",\"kind\":\"a\",\"workflowKind\":\"a\",\"signalName\":\"add\"}"),
                400,
                "INVALID_ARGUMENT",
                "expected kind or workflowKind, but got both");
    }

    @Test
    void aPromiseThatNobodySettledIsNotSaidToBeSettledWhenItsWorkflowHasEnded() throws Exception {
        door.log.answer(ReplyRecord.newBuilder()
                .setAccepted(ReplyRecord.Accepted.newBuilder().setEnded(true)));
        assertEquals(
                "{\"settled\":false,\"alreadySettled\":false}",
                door.http("POST", ORG + "/promises/" + ID + "/resolve", "{\"value\":1}")
                        .body());

        door.log.answer(ReplyRecord.newBuilder().setAccepted(ReplyRecord.Accepted.getDefaultInstance()));
        assertEquals(
                "{\"settled\":false,\"alreadySettled\":true}",
                door.http("POST", ORG + "/promises/" + ID + "/reject", "{\"error\":\"no\"}")
                        .body());
    }

    @Test
    void aPromiseWhoseKeyIsKnownIsSettledWhereItsWorkflowIs() throws Exception {
        door.reads.promises.put(
                "order/8",
                FindPromiseResponse.newBuilder()
                        .setPromiseId(Ids.toByteString(ID))
                        .setExecutionId(Ids.toByteString(ID))
                        .build());

        door.http("POST", ORG + "/promises/key:order%2F8/reject", "{\"error\":\"no\"}");

        var entry = door.log.entries().getFirst();
        assertEquals(ID, Ids.fromBytes(entry.command().getRejectPromise().getPromiseId()));
        assertEquals("no", entry.command().getRejectPromise().getError());
        assertEquals(Shards.partition(ID, 8), entry.partition());
    }

    @Test
    void settlesPromisesByIdKeyAndName() throws Exception {
        String promises = ORG + "/promises/";

        assertTrue(json(door.http("POST", promises + "id:" + ID + "/resolve", "{\"value\":{\"a\":1}}"))
                .get("settled")
                .booleanValue());
        door.http("POST", promises + "key:order%2F7/reject", "{\"error\":\"no\"}");
        door.http("POST", promises + ID + "%2Fapproval/resolve", null);

        var byId = door.log.entries().get(0).command().getResolvePromise();
        assertEquals(ID, Ids.fromBytes(byId.getPromiseId()));
        assertEquals("{\"a\":1}", byId.getValue().toStringUtf8());
        var byKey = door.log.entries().get(1);
        assertEquals("order/7", byKey.command().getSettlePromiseByKey().getKey());
        assertTrue(byKey.command().getSettlePromiseByKey().getReject());
        assertEquals(Shards.partition(Shards.of(OpenDoor.ALPHA, "order/7"), 8), byKey.partition());
        assertEquals(
                "approval",
                door.log.entries().get(2).command().getResolvePromise().getPromiseName());
        assertError(door.http("POST", promises + "x/resolve", null), 400, "INVALID_ARGUMENT", "promise_id");
    }

    @Test
    void aTimeLongPastMeansAtOnce() throws Exception {
        door.log.answer(ReplyRecord.newBuilder()
                .setTaskSubmitted(ReplyRecord.TaskSubmitted.newBuilder().setTaskId(Ids.toByteString(ID))));
        door.http(
                "POST",
                ORG + "/task-executions",
                "{\"kind\":\"resize\",\"scheduledAt\":\"0130-02-08T04:39:48-07:52\"}");

        assertEquals(1, door.log.onlyCommand().getSubmitTask().getScheduledAtMs());
    }

    @Test
    void submitsShowsAndCancelsTasks() throws Exception {
        String tasks = ORG + "/task-executions";
        door.log.answer(ReplyRecord.newBuilder()
                .setTaskSubmitted(ReplyRecord.TaskSubmitted.newBuilder().setTaskId(Ids.toByteString(ID))));
        HttpResponse<String> submitted = door.http(
                "POST", tasks, "{\"kind\":\"resize\",\"input\":[1],\"scheduledAt\":\"2031-05-01T12:00:00Z\"}");
        assertEquals(201, submitted.statusCode());
        assertEquals(3, door.log.onlyCommand().getSubmitTask().getMaxRetries());
        assertEquals(1_935_403_200_000L, door.log.onlyCommand().getSubmitTask().getScheduledAtMs());
        assertError(
                door.http("POST", tasks, "{\"kind\":\"resize\",\"scheduledAt\":\"soon\"}"),
                400,
                "INVALID_ARGUMENT",
                "scheduledAt");

        door.reads.tasks.put(
                new MemoryReads.Key(OpenDoor.ALPHA, ID),
                TaskView.newBuilder()
                        .setTaskId(Ids.toByteString(ID))
                        .setKind("resize")
                        .setStatus(ExecutionStatus.RUNNING)
                        .addLog(TaskView.LogLine.newBuilder().setLevel("INFO").setMessage("hello"))
                        .build());
        JsonNode task = json(door.http("GET", tasks + "/" + ID, null));
        assertEquals("RUNNING", task.get("status").textValue());
        assertTrue(task.get("workflowExecutionId").isNull());
        assertEquals("hello", task.get("log").get(0).get("message").textValue());

        door.log.answer(ReplyRecord.newBuilder()
                .setAccepted(ReplyRecord.Accepted.newBuilder().setChanged(true)));
        assertEquals(200, door.http("POST", tasks + "/" + ID + "/cancel", null).statusCode());
        assertError(door.http("POST", tasks + "/" + UUID.randomUUID() + "/cancel", null), 404, "NOT_FOUND", "task");

        assertEquals(
                200,
                door.http("GET", tasks + "?workflowExecutionId=" + ID, null).statusCode());
        assertEquals(new TaskFilter(null, null, null, ID, Search.all(Subject.TASKS)), door.queries.lastFilter);
    }

    @Test
    void aWorkerThatGaveNoSignOfLifeForLongIsOffline() throws Exception {
        door.directory.register(WorkerRegistration.newBuilder()
                .setWorkerId(Ids.toByteString(ID))
                .setOrgId(Ids.toByteString(OpenDoor.ALPHA))
                .setName("gone")
                .setRegisteredAtMs(1_000)
                .build());

        JsonNode worker =
                json(door.http("GET", ORG + "/workers", null)).get("workers").get(0);

        assertEquals("OFFLINE", worker.get("status").textValue());
        assertTrue(worker.get("lastSeenAt").isNull());
    }

    /** It would restrict nothing, and whoever asked would take all for what was asked for. */
    @Test
    void refusesAnEntryOfMetadataThatIsNotWrittenToItsEnd() throws Exception {
        for (String open : List.of("metadata%5Bteam", "metadata%5Bteam%5Dx", "metadata%5B")) {
            assertError(door.http("GET", WORKFLOWS + "?" + open + "=red", null), 400, "INVALID_ARGUMENT", "a bracket");
            assertError(
                    door.http("GET", WORKFLOWS + "/counts?" + open + "=red", null),
                    400,
                    "INVALID_ARGUMENT",
                    "a bracket");
        }
    }

    @Test
    void showsWorkersAndQueues() throws Exception {
        door.directory.register(WorkerRegistration.newBuilder()
                .setWorkerId(Ids.toByteString(ID))
                .setOrgId(Ids.toByteString(OpenDoor.ALPHA))
                .setName("w")
                .addWorkflowKinds("echo")
                .build());
        door.directory.seen(OpenDoor.ALPHA, "w");
        door.reads.queues = ListQueuesResponse.newBuilder()
                .addQueues(queue("fast", 0, 2, 9_000))
                .addQueues(queue("fast", 1, 3, 7_000))
                .addQueues(queue("empty", 1, 0, 0))
                .build();

        JsonNode worker =
                json(door.http("GET", ORG + "/workers", null)).get("workers").get(0);
        JsonNode queues = json(door.http("GET", ORG + "/queues", null)).get("queues");

        assertEquals(ID.toString(), worker.get("id").textValue());
        assertEquals("echo", worker.get("workflowKinds").get(0).textValue());
        assertFalse(worker.get("lastSeenAt").isNull());
        assertEquals("ONLINE", worker.get("status").textValue());
        assertEquals("empty", queues.get(0).get("queue").textValue());
        assertEquals(5, queues.get(1).get("ready").intValue());
        assertEquals("1970-01-01T00:00:07Z", queues.get(1).get("oldestReadyAt").textValue());
        assertTrue(queues.get(1).get("oldestAgeMs").longValue() > 0);
        assertEquals(
                "{\"lagRecords\":3,\"lagMillis\":40,\"passedOver\":2,\"breaks\":1,"
                        + "\"lastBreaks\":[{\"partition\":1,\"offset\":7,\"kind\":\"COMMAND\"}]}",
                door.http("GET", ORG + "/read-model", null).body());
    }

    @Test
    void listsWorkersInPartsTheNewestFirstAndByTheirStatus() throws Exception {
        for (int i = 1; i <= 3; i++) {
            door.directory.register(WorkerRegistration.newBuilder()
                    .setWorkerId(Ids.toByteString(new UUID(7, i)))
                    .setOrgId(Ids.toByteString(OpenDoor.ALPHA))
                    .setName("w" + i)
                    .setRegisteredAtMs(i == 3 ? 1_000 : i * 1_000)
                    .build());
        }
        door.directory.seen(OpenDoor.ALPHA, "w1");

        JsonNode first = json(door.http("GET", ORG + "/workers?limit=2", null));
        JsonNode second = json(door.http(
                "GET",
                ORG + "/workers?limit=2&cursor=" + first.get("nextCursor").textValue(),
                null));

        assertEquals(List.of("w2", "w3"), first.get("workers").findValuesAsText("name"));
        assertEquals(List.of("w1"), second.get("workers").findValuesAsText("name"));
        assertTrue(second.get("nextCursor").isNull());
        assertEquals(
                List.of("w1"),
                json(door.http("GET", ORG + "/workers?status=ONLINE", null)).findValuesAsText("name"));
        assertEquals(
                List.of("w2", "w3"),
                json(door.http("GET", ORG + "/workers?status=OFFLINE", null)).findValuesAsText("name"));
        assertError(door.http("GET", ORG + "/workers?status=BUSY", null), 400, "INVALID_ARGUMENT", "ONLINE or OFFLINE");
    }

    @Test
    void showsTheStateMapAndItsValues() throws Exception {
        door.reads.states.put(
                new MemoryReads.Key(OpenDoor.ALPHA, ID),
                WorkflowStateView.newBuilder()
                        .putValues("sum", ByteString.copyFromUtf8("1.50"))
                        .build());

        assertEquals(
                "{\"state\":{\"sum\":1.50}}",
                door.http("GET", WORKFLOWS + "/" + ID + "/state", null).body());
        assertEquals(
                "{\"key\":\"sum\",\"value\":1.50}",
                door.http("GET", WORKFLOWS + "/" + ID + "/state/sum", null).body());
        assertError(door.http("GET", WORKFLOWS + "/" + ID + "/state/total", null), 404, "NOT_FOUND", "'total'");
        assertError(
                door.http("GET", WORKFLOWS + "/" + UUID.randomUUID() + "/state", null), 404, "NOT_FOUND", "workflow");
    }

    @Test
    void whatHasLeftTheStoresIsAnsweredAsEnded() throws Exception {
        door.log.refuse(RefusalReason.NOT_FOUND, "expected a workflow execution, but there is none");
        door.queries.executions.put(
                new MemoryReads.Key(OpenDoor.ALPHA, ID),
                new ExecutionDetail(row(ExecutionStatus.COMPLETED), ByteString.EMPTY, ByteString.EMPTY));
        door.queries.tasks.put(
                new MemoryReads.Key(OpenDoor.ALPHA, ID),
                new TaskDetail(
                        new TaskRow(
                                ID,
                                null,
                                "resize",
                                "fast",
                                ExecutionStatus.FAILED,
                                1,
                                3,
                                null,
                                null,
                                1_000,
                                0,
                                2_000,
                                null),
                        ByteString.EMPTY,
                        ByteString.EMPTY,
                        Map.of()));

        HttpResponse<String> cancelled = door.http("POST", WORKFLOWS + "/" + ID + "/cancel", null);

        assertError(
                door.http("POST", WORKFLOWS + "/" + ID + "/signal", "{\"signalName\":\"go\"}"),
                409,
                "FAILED_PRECONDITION",
                ID + " is COMPLETED");
        assertEquals("{\"cancelled\":false,\"requested\":false}", cancelled.body());
        assertError(
                door.http("POST", ORG + "/task-executions/" + ID + "/cancel", null),
                409,
                "FAILED_PRECONDITION",
                ID + " is FAILED");
    }

    @Test
    void whereTheRequestMayTakeEffectNobodyIsAskedToRepeatIt() throws Exception {
        door.log.answerBy(command -> CompletableFuture.failedFuture(
                new CommandLogException("expected an answer within 10 s, but none came", true, null)));
        HttpResponse<String> unknown = door.http("POST", WORKFLOWS, "{\"kind\":\"echo\"}");
        door.log.answerBy(command -> CompletableFuture.failedFuture(
                new CommandLogException("expected Kafka to be there, but it is not", false, null)));
        HttpResponse<String> failed = door.http("POST", WORKFLOWS, "{\"kind\":\"echo\"}");

        assertError(unknown, 504, "UNKNOWN_OUTCOME", "none came");
        assertTrue(json(unknown).at("/error/mayTakeEffect").booleanValue());
        assertTrue(unknown.headers().firstValue("retry-after").isEmpty());
        assertError(failed, 503, "UNAVAILABLE", "Kafka");
        assertEquals("1", failed.headers().firstValue("retry-after").orElseThrow());
    }

    @Test
    void anOutageIsSaidToBeOne() throws Exception {
        door.reads.outage = new ReadsUnavailableException("expected an owner of partition 3, but there is none");

        assertError(door.http("GET", WORKFLOWS + "/" + ID, null), 503, "UNAVAILABLE", "partition 3");
        assertTrue(door.log.entries().isEmpty());
    }

    private void answerStarted(boolean used, boolean fresh) {
        door.log.answer(ReplyRecord.newBuilder()
                .setWorkflowStarted(ReplyRecord.WorkflowStarted.newBuilder()
                        .setExecutionId(Ids.toByteString(ID))
                        .setIdempotencyKeyUsed(used)
                        .setIdempotencyKeyNew(fresh)));
    }

    private static ListQueuesResponse.Queue queue(String name, int partition, long ready, long oldest) {
        return ListQueuesResponse.Queue.newBuilder()
                .setQueue(name)
                .setWorkType(WorkType.WORKFLOW)
                .setPartition(partition)
                .setReady(ready)
                .setOldestReadyAtMs(oldest)
                .build();
    }

    private static ExecutionRow row(ExecutionStatus status) {
        return new ExecutionRow(
                ID,
                "echo",
                "fast",
                status,
                "",
                Map.of("team", "red"),
                null,
                null,
                null,
                0,
                null,
                null,
                null,
                null,
                "w-1",
                1_500,
                2,
                1_000,
                0,
                3,
                false,
                null);
    }

    private static void assertError(HttpResponse<String> response, int status, String code, String text)
            throws IOException {
        assertEquals(status, response.statusCode(), response.body());
        JsonNode error = json(response).get("error");
        assertEquals(code, error.get("code").textValue());
        assertTrue(error.get("message").textValue().contains(text), response.body());
    }

    private static ByteString json(String text) {
        return ByteString.copyFromUtf8(text);
    }

    private static JsonNode json(HttpResponse<String> response) throws IOException {
        return new ObjectMapper().readTree(response.body());
    }
}
