package io.millrace.infra.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.grpc.Status;
import io.millrace.proto.flovyn.v1.StreamEventType;
import io.millrace.proto.flovyn.v1.StreamTaskDataRequest;
import io.millrace.proto.flovyn.v1.SubmitTaskRequest;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What tasks stream out, as server-sent events: section 2.3 and the last point of 7A of the contract. */
class StreamRulesTest extends Protocol {

    private static final String TOKEN = "{\"type\":\"token\",\"text\":\"hel\\nlo\"}";
    private static final String PROGRESS = "{\"type\":\"progress\",\"progress\":0.5}";
    private static final String DATA = "{\"type\":\"data\",\"data\":{\"a\":1}}";
    private static final String ERROR = "{\"type\":\"error\",\"message\":\"oh\"}";

    private final String task = newId();

    @Test
    void eachTypeHasItsEventNameAndLifecycleEventsAreData() throws Exception {
        String id = waiting(Commands.task(task, "t"));
        claimTask();
        List<Sent> sent;
        try (HttpClient client = HttpClient.newHttpClient();
                BufferedReader stream = open(client, "workflow-executions", id, null)) {
            stream(id, StreamEventType.STREAM_EVENT_TYPE_TOKEN, TOKEN);
            stream(id, StreamEventType.STREAM_EVENT_TYPE_PROGRESS, PROGRESS);
            stream(id, StreamEventType.STREAM_EVENT_TYPE_DATA, DATA);
            stream(id, StreamEventType.STREAM_EVENT_TYPE_ERROR, ERROR);
            completeTask(task, "1");
            claim();
            complete(id);
            sent = rest(stream);
        }

        List<Sent> items = sent.stream().filter(event -> !event.lifecycle()).toList();
        assertEquals(
                List.of("token", "progress", "data", "error"),
                items.stream().map(Sent::name).toList());
        assertEquals(
                List.of(parse(TOKEN), parse(PROGRESS), parse(DATA), parse(ERROR)),
                items.stream().map(Sent::payload).toList());
        assertTrue(items.stream()
                .allMatch(event -> event.data().path("taskExecutionId").asText().equals(task)));
        List<Sent> lifecycle = sent.stream().filter(Sent::lifecycle).toList();
        assertEquals(types(id), lifecycle.stream().map(Sent::eventType).toList());
        assertTrue(lifecycle.stream().allMatch(event -> event.name().equals("data")));
    }

    @Test
    void theStreamOfAStandaloneTaskIsKeyedByTheTask() throws Exception {
        String id = worker.tasks()
                .submitTask(SubmitTaskRequest.newBuilder()
                        .setOrgId(orgId)
                        .setKind("t")
                        .setQueue(queue)
                        .build())
                .getTaskExecutionId();
        claimTask();
        List<Sent> sent;
        try (HttpClient client = HttpClient.newHttpClient();
                BufferedReader stream = open(client, "task-executions", id, null)) {
            worker.tasks().streamTaskData(request(id, "", StreamEventType.STREAM_EVENT_TYPE_TOKEN, TOKEN));
            completeTask(id, "1");
            sent = rest(stream);
        }

        assertEquals(
                1, sent.stream().filter(event -> event.name().equals("token")).count());
        List<Sent> lifecycle = sent.stream().filter(Sent::lifecycle).toList();
        assertEquals(
                List.of("TASK_PENDING", "TASK_RUNNING", "TASK_COMPLETED"),
                lifecycle.stream().map(Sent::eventType).toList());
        assertEquals(1, lifecycle.get(2).data().at("/event/attempt").asInt());
        assertEquals(1, lifecycle.get(2).data().at("/event/output").asInt());
    }

    @Test
    void lastEventIdResumesBehindIt() throws Exception {
        String id = waiting(Commands.task(task, "t"));
        claimTask();
        stream(id, StreamEventType.STREAM_EVENT_TYPE_TOKEN, TOKEN);
        List<Sent> first = new ArrayList<>();
        try (HttpClient client = HttpClient.newHttpClient();
                BufferedReader stream = open(client, "workflow-executions", id, "-1.0")) {
            stream(id, StreamEventType.STREAM_EVENT_TYPE_PROGRESS, PROGRESS);
            // Three of the history and the one streamed out meanwhile, whatever came before it.
            while (first.stream().noneMatch(event -> event.name().equals("progress"))
                    || first.stream().filter(Sent::lifecycle).count() < 3) {
                first.add(next(stream));
            }
        }
        stream(id, StreamEventType.STREAM_EVENT_TYPE_DATA, DATA);
        cancelWorkflow(id, "enough");
        List<Sent> second;
        try (HttpClient client = HttpClient.newHttpClient();
                BufferedReader stream = open(
                        client,
                        "workflow-executions",
                        id,
                        first.get(first.size() - 1).id())) {
            second = rest(stream);
        }

        assertEquals(
                List.of("CANCELLATION_REQUESTED", "WORKFLOW_CANCELLED", "WORKFLOW_EXECUTION_FAILED"),
                second.stream().filter(Sent::lifecycle).map(Sent::eventType).toList());
        assertEquals(
                List.of(parse(DATA)),
                second.stream()
                        .filter(event -> !event.lifecycle())
                        .map(Sent::payload)
                        .toList());
    }

    @Test
    void whatComesAfterTheEndOfItsTaskDoesNoHarm() {
        String id = waiting(Commands.task(task, "t"));
        claimTask();
        completeTask(task, "1");
        List<String> before = types(id);

        stream(id, StreamEventType.STREAM_EVENT_TYPE_TOKEN, TOKEN);

        assertEquals(before, types(id));
    }

    @Test
    void whatCannotBePassedOnIsRefused() {
        String id = waiting(Commands.task(task, "t"));
        String unknown = newId();

        assertRefused(
                Status.Code.INVALID_ARGUMENT,
                "TOKEN",
                () -> stream(id, StreamEventType.STREAM_EVENT_TYPE_UNSPECIFIED, TOKEN));
        assertRefused(
                Status.Code.INVALID_ARGUMENT,
                "JSON",
                () -> stream(id, StreamEventType.STREAM_EVENT_TYPE_TOKEN, "no json"));
        assertRefused(
                Status.Code.INVALID_ARGUMENT,
                task,
                () -> stream(unknown, StreamEventType.STREAM_EVENT_TYPE_TOKEN, TOKEN));
        assertRefused(
                Status.Code.NOT_FOUND,
                task,
                () -> place.stranger()
                        .tasks()
                        .streamTaskData(request(task, id, StreamEventType.STREAM_EVENT_TYPE_TOKEN, TOKEN)));
    }

    @Test
    void theStreamOfAnUnknownOrForeignExecutionIsNotFound() {
        String id = waiting();

        assertEquals(
                404,
                place.http()
                        .get(place.server().http("/api/orgs/dev/workflow-executions/" + newId() + "/stream"))
                        .status());
        assertEquals(
                404,
                place.otherHttp()
                        .get(place.server().http("/api/orgs/other/workflow-executions/" + id + "/stream"))
                        .status());
    }

    private void stream(String workflow, StreamEventType type, String payload) {
        assertTrue(worker.tasks()
                .streamTaskData(request(task, workflow, type, payload))
                .getAcknowledged());
    }

    private static StreamTaskDataRequest request(String task, String workflow, StreamEventType type, String payload) {
        return StreamTaskDataRequest.newBuilder()
                .setTaskExecutionId(task)
                .setWorkflowExecutionId(workflow)
                .setType(type)
                .setPayload(payload)
                .setTimestampMs(1)
                .build();
    }

    /** A server-sent event. */
    private record Sent(String id, String name, JsonNode data) {

        /** @return what the task sent, without what tells where it comes from */
        JsonNode payload() {
            ObjectNode payload = data.deepCopy();
            return payload.remove(List.of("taskExecutionId", "sequence", "timestampMs"));
        }

        boolean lifecycle() {
            return data.path("type").asText().equals("Event");
        }

        String eventType() {
            return data.path("event").path("eventType").asText();
        }
    }

    /** @return the open stream, behind the line that says that it is open */
    private BufferedReader open(HttpClient client, String what, String id, String lastEventId) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(
                        place.server().http("/api/orgs/dev/" + what + "/" + id + "/stream"))
                .header("authorization", "Bearer user");
        if (lastEventId != null) {
            request.header("last-event-id", lastEventId);
        }
        HttpResponse<InputStream> response = client.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
        assertEquals(200, response.statusCode());
        BufferedReader reader = new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8));
        assertEquals(": open", reader.readLine());
        return reader;
    }

    private static List<Sent> rest(BufferedReader stream) throws IOException {
        List<Sent> all = new ArrayList<>();
        for (Sent event = next(stream); event != null; event = next(stream)) {
            all.add(event);
        }
        return all;
    }

    /** @return the next event, null at the end of the stream */
    private static Sent next(BufferedReader stream) throws IOException {
        String id = null;
        String name = null;
        StringBuilder data = new StringBuilder();
        for (String line = stream.readLine(); line != null; line = stream.readLine()) {
            if (line.startsWith("id: ")) {
                id = line.substring(4);
            } else if (line.startsWith("event: ")) {
                name = line.substring(7);
            } else if (line.startsWith("data: ")) {
                data.append(data.isEmpty() ? "" : "\n").append(line.substring(6));
            } else if (line.isEmpty() && name != null) {
                return new Sent(id, name, parse(data.toString()));
            }
        }
        return null;
    }
}
