package io.millrace.infra.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.grpc.Metadata;
import io.grpc.stub.MetadataUtils;
import io.millrace.infra.system.TestServer;
import io.millrace.infra.testing.Await;
import io.millrace.infra.testing.TestClient;
import io.millrace.infra.worker.JsonData;
import io.millrace.infra.worker.Worker;
import io.millrace.infra.worker.WorkerClient;
import io.millrace.infra.worker.WorkerOptions;
import io.millrace.proto.TraceContext;
import io.millrace.proto.flovyn.v1.PollResponse;
import io.millrace.proto.flovyn.v1.SubmitTaskRequest;
import io.opentelemetry.proto.trace.v1.Span;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The trace of a caller goes by the log to the worker, and the nodes record what they do for it. W3C Trace Context. */
class TraceRulesTest extends Protocol {

    private static final Metadata.Key<String> TRACEPARENT =
            Metadata.Key.of(TraceContext.HEADER, Metadata.ASCII_STRING_MARSHALLER);
    private static final String CALLER = "b7ad6b7169203331";

    private final String trace = UUID.randomUUID().toString().replace("-", "");

    private String start(String... traceparents) {
        Metadata headers = new Metadata();
        for (String each : traceparents) {
            headers.put(TRACEPARENT, each);
        }
        return worker.workflows()
                .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers))
                .startWorkflow(startRequest().build())
                .getWorkflowExecutionId();
    }

    private String polled() {
        PollResponse response =
                worker.workflows().pollWorkflow(TestClient.pollRequest(queue + "-workflows", queue, LONG_S));
        assertTrue(response.hasWorkflowExecution());
        return response.getTraceparent();
    }

    @Test
    void aWorkflowWithATaskIsOneTreeFromTheCallerToTheWorker() {
        Map<String, String> told = new ConcurrentHashMap<>();
        try (WorkerClient client = new WorkerClient(
                        "127.0.0.1", place.server().node(TestServer.FIRST).grpcPort(), "worker");
                Worker running = new Worker(
                        client,
                        new WorkerOptions()
                                .org(UUID.fromString(orgId))
                                .queue(queue)
                                .workflow("flow", (workflow, input) -> {
                                    told.put("workflow", workflow.traceparent());
                                    return workflow.scheduleTask("look", input).await();
                                })
                                .task("look", (task, input) -> {
                                    told.put("task", task.traceparent());
                                    return JsonData.of("1");
                                }))) {
            String id = start("00-" + trace + "-" + CALLER + "-01");
            assertEquals("COMPLETED", worker.awaitEnd(id).getStatus());
        }
        Await.until(
                "the last span of the trace",
                () -> spans().stream()
                                .filter(span -> span.getName().equals("workflow held"))
                                .count()
                        == 2);
        Await.until("each parent to be there", () -> tree().values().stream().noneMatch("?"::equals));

        Map<String, String> tree = tree();
        String start = "flovyn.v1.WorkflowDispatch/StartWorkflow";
        String submit = "flovyn.v1.WorkflowDispatch/SubmitWorkflowCommands";
        String complete = "flovyn.v1.TaskExecution/CompleteTask";
        Map<String, String> expected = new HashMap<>();
        expected.put(start, "the caller");
        expected.put("command start_workflow", start);
        expected.put("workflow ready", start);
        expected.put("workflow held", start);
        expected.put("flovyn.v1.WorkflowDispatch/GetEvents", "workflow held");
        expected.put(submit, "workflow held");
        expected.put("command submit_commands", submit);
        expected.put("task ready", start);
        expected.put("task held", start);
        expected.put(complete, "task held");
        expected.put("command complete_task", complete);
        assertEquals(expected, tree);
        assertEquals(of("task held"), Set.of(told.get("task")));
        assertTrue(of("workflow held").contains(told.get("workflow")), () -> told + " of " + of("workflow held"));
        for (Span span : spans()) {
            assertTrue(span.getEndTimeUnixNano() >= span.getStartTimeUnixNano(), span::toString);
        }
    }

    @Test
    void aRequestOfHttpIsASpanAsACallOfGrpcIs() throws Exception {
        HttpRequest request = HttpRequest.newBuilder(place.server().http("/api/orgs/dev/workflow-executions"))
                .header("Authorization", "Bearer admin")
                .header("Content-Type", "application/json")
                .header(TraceContext.HEADER, "00-" + trace + "-" + CALLER + "-01")
                .POST(HttpRequest.BodyPublishers.ofString("{\"kind\":\"flow\",\"queue\":\"" + queue + "\"}"))
                .build();
        try (HttpClient http = HttpClient.newHttpClient()) {
            HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
            assertEquals(201, answer.statusCode(), answer.body());
        }
        polled();

        String start = "POST /api/orgs/{slug}/workflow-executions";
        Await.until("the spans of the start", () -> tree().size() == 3);
        assertEquals(Map.of(start, "the caller", "command start_workflow", start, "workflow ready", start), tree());
    }

    private static List<Span> spansOf(String traceId) {
        ByteString wanted = ByteString.copyFrom(HexFormat.of().parseHex(traceId));
        return SharedServers.collector().received().stream()
                .flatMap(resource -> resource.getScopeSpansList().stream())
                .flatMap(scope -> scope.getSpansList().stream())
                .filter(span -> span.getTraceId().equals(wanted))
                .toList();
    }

    private List<Span> spans() {
        return spansOf(trace);
    }

    /** @return names of the spans, each with that of what it is within; those of one name are within the like */
    private Map<String, String> tree() {
        Map<String, String> names = spans().stream().collect(Collectors.toMap(TraceRulesTest::id, Span::getName));
        names.put(CALLER, "the caller");
        Map<String, Set<String>> within = new HashMap<>();
        spans().forEach(span -> within.computeIfAbsent(span.getName(), name -> new TreeSet<>())
                .add(names.getOrDefault(
                        HexFormat.of().formatHex(span.getParentSpanId().toByteArray()), "?")));
        Map<String, String> tree = new HashMap<>();
        within.forEach((name, parents) -> tree.put(name, String.join(" and ", parents)));
        return tree;
    }

    private static String id(Span span) {
        return HexFormat.of().formatHex(span.getSpanId().toByteArray());
    }

    /** @return what workers within spans of that name are told */
    private Set<String> of(String name) {
        return spans().stream()
                .filter(span -> span.getName().equals(name))
                .map(span -> "00-" + trace + "-" + id(span) + "-01")
                .collect(Collectors.toSet());
    }

    @Test
    void whatIsNotToBeRecordedIsHandedOnAsItCame() {
        String traceparent = "00-" + trace + "-" + CALLER + "-00";
        start(traceparent);
        assertEquals(traceparent, polled());

        Metadata headers = new Metadata();
        headers.put(TRACEPARENT, traceparent);
        worker.tasks()
                .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers))
                .submitTask(SubmitTaskRequest.newBuilder()
                        .setOrgId(orgId)
                        .setKind("mail")
                        .setQueue(queue)
                        .setInput(Commands.json("1"))
                        .build());
        assertEquals(traceparent, claimTask().getTraceparent());
        assertEquals(List.of(), spans());
    }

    @Test
    void aChildAndItsTasksInheritTheTrace() {
        String traceparent = "00-" + trace + "-" + CALLER + "-00";
        String parent = start(traceparent);
        polled();
        suspend(parent, Commands.child(newId(), "c", "sub", queue));
        assertEquals(traceparent, polled());

        suspend(childOf(parent, "c"), Commands.task(newId(), "mail"));
        assertEquals(traceparent, claimTask().getTraceparent());
    }

    @Test
    void aMalformedTraceIsIgnoredAndCounted() {
        double before = malformed();
        String good = "00-" + trace + "-" + CALLER + "-01";
        List<String[]> headers = Stream.of(
                        new String[] {"00-" + trace + "-" + CALLER + "-1"},
                        new String[] {"00-" + "0".repeat(32) + "-" + CALLER + "-01"},
                        new String[] {good, good})
                .toList();

        for (String[] each : headers) {
            start(each);
            assertEquals("", polled());
        }

        Await.until("three malformed ones to be counted", () -> malformed() >= before + 3);
        assertEquals(List.of(), spans());
    }

    private double malformed() {
        return place.http()
                .text(place.server().http("/_/metrics"))
                .lines()
                .filter(line -> line.startsWith("millrace_traces_malformed_total "))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }

    @Test
    void withoutATraceThereIsNone() {
        start();
        assertEquals("", polled());
    }
}
