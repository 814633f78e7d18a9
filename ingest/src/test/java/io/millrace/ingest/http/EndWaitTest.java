package io.millrace.ingest.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.ByteString;
import io.millrace.ingest.standin.MemoryReads;
import io.millrace.ingest.standin.OpenDoor;
import io.millrace.proto.Ids;
import io.millrace.proto.reads.ReadsUnavailableException;
import io.millrace.proto.v1.EventRecord;
import io.millrace.proto.v1.ExecutionStatus;
import io.millrace.proto.v1.ExecutionView;
import io.millrace.proto.v1.HistoryView;
import io.millrace.proto.v1.TaskView;
import java.io.IOException;
import java.net.URLEncoder;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class EndWaitTest {

    private static final UUID WORKFLOW = UUID.randomUUID();
    private static final UUID TASK = UUID.randomUUID();
    private static final String OF_WORKFLOW = "/api/orgs/alpha/workflow-executions/" + WORKFLOW + "?wait=";
    private static final String OF_TASK = "/api/orgs/alpha/task-executions/" + TASK + "?wait=";

    private OpenDoor door;

    @BeforeEach
    void open() throws IOException {
        door = OpenDoor.open();
        workflow(ExecutionStatus.RUNNING, 1);
        task(ExecutionStatus.RUNNING, 1);
    }

    @AfterEach
    void close() {
        door.close();
    }

    @Test
    void anAnswerComesWithTheEndAndAsksNobodyMeanwhile() throws Exception {
        CompletableFuture<HttpResponse<String>> answer = ask(OF_WORKFLOW + "30s");
        awaitWatch();
        int asked = door.reads.asked.get();

        workflow(ExecutionStatus.WAITING, 2);
        workflow(ExecutionStatus.COMPLETED, 3);

        assertEquals("COMPLETED", body(answer.get()).get("status").textValue());
        assertEquals(asked + 1, door.reads.asked.get());
        assertEquals(0, door.reads.watched());
    }

    @Test
    void theResultAloneIsAnsweredWithTheEnd() throws Exception {
        CompletableFuture<HttpResponse<String>> answer = ask(OF_WORKFLOW.replace("?", "/result?") + "30s");
        awaitWatch();
        workflow(ExecutionStatus.FAILED, 3);
        JsonNode result = body(answer.get());
        assertEquals("FAILED", result.get("status").textValue());
        assertEquals(
                List.of("id", "status", "output", "error", "endedAt", "resetTo"),
                StreamSupport.stream(((Iterable<String>) result::fieldNames).spliterator(), false)
                        .toList());

        CompletableFuture<HttpResponse<String>> ofTask = ask(OF_TASK.replace("?", "/result?") + "30s");
        awaitWatch();
        task(ExecutionStatus.COMPLETED, 1);
        JsonNode done = body(ofTask.get());
        assertEquals(TASK.toString(), done.get("id").textValue());
        assertEquals("COMPLETED", done.get("status").textValue());
        assertTrue(done.get("resetTo").isNull());
    }

    @Test
    void aTaskIsWaitedForOverAllItsAttempts() throws Exception {
        CompletableFuture<HttpResponse<String>> answer = ask(OF_TASK + "30s");
        awaitWatch();

        task(ExecutionStatus.PENDING, 1);
        task(ExecutionStatus.RUNNING, 2);
        assertFalse(answer.isDone());
        task(ExecutionStatus.FAILED, 2);

        assertEquals("FAILED", body(answer.get()).get("status").textValue());
        assertEquals(1, door.reads.stepsAsked.get());
    }

    @Test
    void aTaskIsAnsweredThatEndedAndLeftTheStoresMeanwhile() throws Exception {
        CompletableFuture<HttpResponse<String>> answer = ask(OF_TASK + "30s");
        awaitWatch();

        door.reads.forgetful = true;
        task(ExecutionStatus.COMPLETED, 1);

        assertEquals("COMPLETED", body(answer.get()).get("status").textValue());
    }

    @Test
    void whatHasEndedIsNotWaitedFor() throws Exception {
        workflow(ExecutionStatus.FAILED, 2);

        assertEquals(
                "FAILED",
                body(door.http("GET", OF_WORKFLOW + "30s", null)).get("status").textValue());
        assertEquals(0, door.reads.stepsAsked.get());
    }

    @Test
    void whenTheTimeIsOverTheAnswerSaysHowItStands() throws Exception {
        assertEquals(
                "RUNNING",
                body(door.http("GET", OF_WORKFLOW + "5ms", null)).get("status").textValue());
        assertEquals(0, door.reads.watched());
    }

    @Test
    void theWaitGoesOnWhereThePartitionHasMoved() throws Exception {
        CompletableFuture<HttpResponse<String>> answer = ask(OF_WORKFLOW + "30s");
        awaitWatch();

        door.reads.outage = new ReadsUnavailableException("expected an owner, but the partition moves");
        door.reads.changed();
        while (door.reads.stepsAsked.get() < 3) {
            Thread.onSpinWait();
        }
        door.reads.outage = null;
        workflow(ExecutionStatus.CANCELLED, 2);

        assertEquals("CANCELLED", body(answer.get()).get("status").textValue());
    }

    @Test
    void aTimeThatIsNoneOrTooLongIsRefused() throws Exception {
        for (String time : new String[] {"30", "31s", "1m", "-1s", "30001ms", "1e3ms", "٣s"}) {
            HttpResponse<String> answer =
                    door.http("GET", OF_WORKFLOW + URLEncoder.encode(time, StandardCharsets.UTF_8), null);

            assertEquals(400, answer.statusCode(), time);
            assertTrue(answer.body().contains("expected a time such as 500ms or 30s"), answer.body());
        }
    }

    @Test
    void whoWaitsHasAPlaceAmongTheStreamsOfItsOrganisation() throws Exception {
        // Of ten, an organisation may have as many as it leaves free.
        List<CompletableFuture<HttpResponse<String>>> waiting = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            waiting.add(ask(OF_WORKFLOW + "30s"));
        }
        while (door.reads.watched() < 5) {
            Thread.onSpinWait();
        }

        HttpResponse<String> sixth = door.http("GET", OF_WORKFLOW + "30s", null);

        assertEquals(429, sixth.statusCode());
        assertTrue(sixth.body().contains("open streams and waiting requests"), sixth.body());
        assertEquals(200, door.http("GET", OF_WORKFLOW + "0s", null).statusCode());

        workflow(ExecutionStatus.COMPLETED, 2);
        for (CompletableFuture<HttpResponse<String>> each : waiting) {
            assertEquals("COMPLETED", body(each.get()).get("status").textValue());
        }
    }

    private CompletableFuture<HttpResponse<String>> ask(String path) {
        return CompletableFuture.supplyAsync(
                () -> {
                    try {
                        return door.http("GET", path, null);
                    } catch (Exception e) {
                        throw new CompletionException(e);
                    }
                },
                task -> Thread.ofPlatform().daemon(true).start(task));
    }

    private void awaitWatch() {
        while (door.reads.stepsAsked.get() == 0) {
            Thread.onSpinWait();
        }
    }

    private void workflow(ExecutionStatus status, int events) {
        MemoryReads.Key key = new MemoryReads.Key(OpenDoor.ALPHA, WORKFLOW);
        HistoryView.Builder history = HistoryView.newBuilder();
        for (int i = 1; i <= events; i++) {
            history.addEvents(EventRecord.newBuilder()
                    .setHistorySequence(i)
                    .setType("EVENT")
                    .setData(ByteString.copyFromUtf8("{}")));
        }
        door.reads.histories.put(key, history.build());
        door.reads.executions.put(
                key,
                ExecutionView.newBuilder()
                        .setExecutionId(Ids.toByteString(WORKFLOW))
                        .setKind("order")
                        .setQueue("default")
                        .setStatus(status)
                        .setHistoryLength(events)
                        .setCreatedAtMs(1)
                        .setClosedAtMs(status.getNumber() >= ExecutionStatus.COMPLETED_VALUE ? 2 : 0)
                        .build());
        door.reads.changed();
    }

    private void task(ExecutionStatus status, int attempts) {
        door.reads.tasks.put(
                new MemoryReads.Key(OpenDoor.ALPHA, TASK),
                TaskView.newBuilder()
                        .setTaskId(Ids.toByteString(TASK))
                        .setExecutionId(Ids.toByteString(WORKFLOW))
                        .setKind("reserve")
                        .setQueue("default")
                        .setStatus(status)
                        .setExecutionCount(attempts)
                        .setCreatedAtMs(1)
                        .build());
        door.reads.changed();
    }

    private static JsonNode body(HttpResponse<String> response) throws IOException {
        assertEquals(200, response.statusCode(), response.body());
        return new ObjectMapper().readTree(response.body());
    }
}
