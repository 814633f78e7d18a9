package io.millrace.ingest.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.ByteString;
import io.millrace.ingest.queries.Cursor;
import io.millrace.ingest.queries.EventRow;
import io.millrace.ingest.queries.Page;
import io.millrace.ingest.queries.PageRequest;
import io.millrace.ingest.queries.TaskRow;
import io.millrace.ingest.queries.ToldEvent;
import io.millrace.ingest.standin.MemoryReads;
import io.millrace.ingest.standin.OpenDoor;
import io.millrace.proto.Ids;
import io.millrace.proto.v1.EventRecord;
import io.millrace.proto.v1.ExecutionStatus;
import io.millrace.proto.v1.HistoryView;
import io.millrace.proto.v1.ListQueuesResponse;
import io.millrace.proto.v1.WorkType;
import io.millrace.proto.v1.WorkerRegistration;
import java.io.IOException;
import java.net.URLEncoder;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Lists that come in parts: no part is large, and together they are the list. */
class PartsTest {

    private static final String ORG = "/api/orgs/alpha";
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final UUID ID = UUID.fromString("33333333-3333-4333-8333-33333333abcd");
    private static final int LINE = 1_000;

    private OpenDoor door;

    @BeforeEach
    void open() throws Exception {
        door = OpenDoor.open();
    }

    @AfterEach
    void close() {
        door.close();
    }

    /** What takes one byte in the database takes six in JSON. */
    @Test
    void aPartEndsByWhatItTakesAsJson() throws Exception {
        List<TaskRow> rows = IntStream.range(0, 8)
                .mapToObj(i -> task(i, "\u0001".repeat(200_000)))
                .toList();
        door.queries.taskPage = Page.of(rows, row -> new Cursor(row.createdAtMs(), row.id()), false);

        HttpResponse<String> response = door.http("GET", ORG + "/task-executions?limit=500", null);

        JsonNode part = JSON.readTree(response.body());
        assertEquals(2, part.get("taskExecutions").size(), "1.2 MB each");
        assertEquals(
                new Cursor(1, new UUID(0, 1)).encode(), part.get("nextCursor").textValue());
    }

    @Test
    void aPartHasOneItemAtLeastAndTheLastOneSaysSo() throws Exception {
        TaskRow large = task(7, "x".repeat(PageRequest.MAX_BYTES + LINE));
        door.queries.taskPage = Page.of(List.of(large), row -> new Cursor(7, row.id()), false);

        JsonNode part =
                JSON.readTree(door.http("GET", ORG + "/task-executions", null).body());

        assertEquals(1, part.get("taskExecutions").size());
        assertTrue(part.get("nextCursor").isNull());
    }

    private static TaskRow task(int number, String error) {
        return new TaskRow(
                new UUID(0, number),
                null,
                "k",
                "q",
                ExecutionStatus.FAILED,
                1,
                0,
                null,
                error,
                number,
                0,
                number,
                null);
    }

    @Test
    void registrationsOfAnySizeComeInParts() throws Exception {
        for (int i = 1; i <= 9; i++) {
            door.directory.register(WorkerRegistration.newBuilder()
                    .setWorkerId(Ids.toByteString(new UUID(7, i)))
                    .setOrgId(Ids.toByteString(OpenDoor.ALPHA))
                    .setName("w" + i)
                    .setRegisteredAtMs(i)
                    .addAllTaskKinds(List.of("k".repeat(400_000), "l".repeat(400_000)))
                    .build());
        }

        Walked walked = walk("/workers?limit=500", "workers", "name");

        assertEquals(List.of("w9", "w8", "w7", "w6", "w5", "w4", "w3", "w2", "w1"), walked.values());
        assertEquals(3, walked.parts());
    }

    @Test
    void queuesComeInPartsWithAllThatWaitsInThem() throws Exception {
        ListQueuesResponse.Builder queues = ListQueuesResponse.newBuilder();
        List<String> expected = new ArrayList<>();
        for (int i = 0; i < 1_200; i++) {
            String name = "q/%&+ü_" + (10_000 + i);
            for (WorkType type : List.of(WorkType.WORKFLOW, WorkType.TASK)) {
                expected.add(name);
                for (int partition = 0; partition < 2; partition++) {
                    queues.addQueues(ListQueuesResponse.Queue.newBuilder()
                            .setQueue(name)
                            .setWorkType(type)
                            .setPartition(partition)
                            .setReady(2));
                }
            }
        }
        door.reads.queues = queues.build();

        Walked walked = walk("/queues", "queues", "queue");

        assertEquals(expected, walked.values());
        assertEquals(3, walked.parts());
        assertEquals(
                4,
                JSON.readTree(door.http("GET", ORG + "/queues", null).body())
                        .at("/queues/0/ready")
                        .intValue());
        for (String wrong : List.of("TASK_", "TIMER_q", "q", "TASK_%0a", "TASK_" + "x".repeat(256))) {
            assertEquals(
                    400, door.http("GET", ORG + "/queues?cursor=" + wrong, null).statusCode(), wrong);
        }
    }

    /** Whatever a part holds, an end that was told before is not told again. */
    @Test
    void eventsInPartsAreThoseThatCameAtOnce() throws Exception {
        UUID task = UUID.fromString("44444444-4444-4444-8444-444444440abc");
        MemoryReads.Key key = new MemoryReads.Key(OpenDoor.ALPHA, ID);
        List<ToldEvent> all = List.of(
                told(1, null, 1, "WORKFLOW_STARTED"),
                told(2, null, 0, "WORKFLOW_READY"),
                told(3, task, 2, "TASK_SCHEDULED"),
                told(4, task, 0, "TASK_CANCELLED"),
                told(5, task, 3, "TASK_FAILED"),
                told(6, task, 0, "TASK_RETRIED"),
                told(7, task, 4, "TASK_FAILED"),
                told(8, task, 5, "TASK_CANCELLED"),
                told(9, null, 6, "WORKFLOW_CANCELLED"),
                told(10, null, 7, "WORKFLOW_EXECUTION_FAILED"));
        door.queries.told.put(key, all);
        for (boolean live : List.of(false, true)) {
            if (live) {
                door.reads.histories.put(key, history(all));
                // It lags: the end is only in the stores yet.
                door.queries.told.put(key, all.subList(0, 7));
            }
            for (String audience : List.of("people", "all")) {
                String path = "/workflow-executions/" + ID + "/events?audience=" + audience;
                door.queries.toldAtOnce = Integer.MAX_VALUE;
                Walked whole = walk(path, "events", "eventType");
                assertEquals(1, whole.parts());
                assertEquals(audience.equals("all") ? 10 : 6, whole.values().size());
                for (int size = 1; size < all.size(); size++) {
                    door.queries.toldAtOnce = size;

                    assertEquals(
                            whole.values(), walk(path, "events", "eventType").values(), audience + size);
                }
            }
        }
    }

    @Test
    void eventsOfTwoSourcesTogetherEndByTheirBytesAsWell() throws Exception {
        MemoryReads.Key key = new MemoryReads.Key(OpenDoor.ALPHA, ID);
        List<ToldEvent> all = IntStream.rangeClosed(1, 9)
                .mapToObj(i -> told(i, null, i, i == 1 ? "WORKFLOW_STARTED" : "SIGNAL_RECEIVED", 1_000_000))
                .toList();
        door.queries.told.put(key, all.subList(0, 3));
        door.reads.histories.put(key, history(all));

        Walked walked = walk("/workflow-executions/" + ID + "/events?audience=all", "events", "sequence");

        assertEquals(IntStream.rangeClosed(1, 9).mapToObj(String::valueOf).toList(), walked.values());
        assertEquals(3, walked.parts());
    }

    @Test
    void aCursorOfEventsIsOneThatAnAnswerHad() throws Exception {
        MemoryReads.Key key = new MemoryReads.Key(OpenDoor.ALPHA, ID);
        door.queries.told.put(key, List.of(told(1, null, 1, "WORKFLOW_STARTED")));
        String events = ORG + "/workflow-executions/" + ID + "/events";
        for (String wrong : List.of("0", "-1", "01", "x", "1.5", "9999999999999999999")) {
            assertEquals(
                    400,
                    door.http("GET", events + "?audience=all&cursor=" + wrong, null)
                            .statusCode(),
                    wrong);
        }
        assertEquals(400, door.http("GET", events + "?cursor=1", null).statusCode());
        HttpResponse<String> end = door.http("GET", events + "?audience=people&cursor=1", null);
        assertEquals("{\"events\":[],\"nextCursor\":null}", end.body());
        assertEquals(
                404,
                door.http(
                                "GET",
                                ORG + "/workflow-executions/" + UUID.randomUUID() + "/events?audience=all&cursor=1",
                                null)
                        .statusCode());
    }

    private static ToldEvent told(long chain, UUID task, int sequence, String type) {
        return told(chain, task, sequence, type, 2);
    }

    private static ToldEvent told(long chain, UUID task, int sequence, String type, int bytes) {
        ByteString data = ByteString.copyFromUtf8("{" + " ".repeat(bytes - 2) + "}");
        return new ToldEvent(chain, task, new EventRow(sequence, type, data, 1_000));
    }

    private static HistoryView history(List<ToldEvent> events) {
        HistoryView.Builder live = HistoryView.newBuilder();
        for (ToldEvent event : events) {
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
        return live.build();
    }

    private record Walked(List<String> values, int parts) {}

    /** Goes through all parts, none of which is much larger than it may be. */
    private Walked walk(String path, String items, String value) throws IOException, InterruptedException {
        List<String> values = new ArrayList<>();
        String cursor = null;
        int parts = 0;
        do {
            String next = cursor == null
                    ? ""
                    : (path.contains("?") ? "&" : "?") + "cursor=" + URLEncoder.encode(cursor, StandardCharsets.UTF_8);
            HttpResponse<String> response = door.http("GET", ORG + path + next, null);
            assertEquals(200, response.statusCode(), response.body());
            assertFalse(response.body().length() > 5_100_000, response.body().length() + " bytes");
            JsonNode part = JSON.readTree(response.body());
            part.get(items).forEach(item -> values.add(item.get(value).asText()));
            cursor = part.get("nextCursor").textValue();
            parts++;
        } while (cursor != null);
        return new Walked(values, parts);
    }
}
