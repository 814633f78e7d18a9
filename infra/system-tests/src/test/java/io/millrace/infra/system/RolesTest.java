package io.millrace.infra.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.CallOptions;
import io.grpc.MethodDescriptor;
import io.grpc.ServiceDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import io.millrace.infra.testing.TestClient;
import io.millrace.ingest.contract.ApiDocument;
import io.millrace.proto.Shards;
import io.millrace.proto.auth.Role;
import io.millrace.proto.flovyn.v1.TaskExecutionGrpc;
import io.millrace.proto.flovyn.v1.WorkerLifecycleGrpc;
import io.millrace.proto.flovyn.v1.WorkerRegistrationRequest;
import io.millrace.proto.flovyn.v1.WorkflowCapability;
import io.millrace.proto.flovyn.v1.WorkflowDispatchGrpc;
import io.millrace.proto.flovyn.v1.WorkflowQueryGrpc;
import io.millrace.proto.v1.ExecutionResultsGrpc;
import io.millrace.proto.v1.WorkflowRunsGrpc;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Every call with every role, on a whole server, held against docs/roles.md. */
class RolesTest {

    private static final String DEV = "550e8400-e29b-41d4-a716-446655440000";
    private static final List<ServiceDescriptor> API = List.of(
            WorkflowDispatchGrpc.getServiceDescriptor(),
            WorkflowQueryGrpc.getServiceDescriptor(),
            TaskExecutionGrpc.getServiceDescriptor(),
            WorkerLifecycleGrpc.getServiceDescriptor(),
            ExecutionResultsGrpc.getServiceDescriptor(),
            WorkflowRunsGrpc.getServiceDescriptor());

    @TempDir
    private static Path folder;

    private static TestServer server;
    private static final Map<Role, TestClient> GRPC = new HashMap<>();
    private static final Map<Role, TestHttp> HTTP = new HashMap<>();

    @BeforeAll
    static void start() throws IOException {
        String keys = Arrays.stream(Role.values())
                .map(role ->
                        "{ key = \"%s\", org_id = \"%s\", principal_type = \"%s\", principal_id = \"p-%s\", role = \"%s\" }"
                                .formatted(role, DEV, role == Role.WORKER ? "Worker" : "User", role, role))
                .collect(Collectors.joining(",\n"));
        Path access = Files.writeString(
                folder.resolve("access.toml"),
                "[[orgs]]\nid = \"%s\"\nslug = \"dev\"\n[auth.static_api_key]\nkeys = [\n%s\n]\n".formatted(DEV, keys));
        server = TestServer.start(
                Map.of("server.access_file", access.toString(), "audit.require_reason", "true"), false);
        for (Role role : Role.values()) {
            GRPC.put(role, server.client(TestServer.FIRST, role.name()));
            HTTP.put(role, new TestHttp(role.name()));
        }
    }

    @AfterAll
    static void stop() {
        GRPC.values().forEach(TestClient::close);
        HTTP.values().forEach(TestHttp::close);
        server.close();
    }

    @TestFactory
    Stream<DynamicTest> everyMethodAsThePageSays() throws IOException {
        Page page = Page.read();
        return API.stream()
                .flatMap(service -> service.getMethods().stream())
                .map(method -> DynamicTest.dynamicTest(method.getFullMethodName(), () -> {
                    for (Role role : Role.values()) {
                        Status status = call(GRPC.get(role), method);

                        String what = role + " calls " + method.getFullMethodName() + ": " + status;
                        boolean forbidden = status.getCode() == Status.Code.PERMISSION_DENIED
                                && status.getDescription().startsWith("expected a key with the role");
                        assertEquals(page.allows(role, method.getFullMethodName()), !forbidden, what);
                    }
                }));
    }

    @TestFactory
    Stream<DynamicTest> everyHttpOperationAsThePageSays() throws IOException {
        Page page = Page.read();
        return ApiDocument.operations().stream()
                .filter(operation -> operation.path().contains("{slug}"))
                .map(operation -> DynamicTest.dynamicTest(operation.toString(), () -> {
                    for (Role role : Role.values()) {
                        String path = operation
                                .path()
                                .replace("{slug}", "dev")
                                .replaceAll("\\{.*?}", Shards.newId().toString());
                        TestHttp client = HTTP.get(role);
                        TestHttp.Answer answer = operation.method().equals("GET")
                                ? client.get(server.http(path))
                                : client.post(server.http(path), "{\"no such field\":1}");

                        String what = role + " asks " + operation + ": " + answer.status();
                        assertEquals(page.allows(role, operation.toString()), answer.status() != 403, what);
                    }
                }));
    }

    @Test
    void aWorkersKeyCancelsNothingAndTheAttemptStandsOnTheLog() {
        String id = GRPC.get(Role.WORKER).start("echo", "not-cancelled");
        String path = "/api/orgs/dev/workflow-executions/" + id;

        TestHttp.Answer answer = HTTP.get(Role.WORKER).post(server.http(path + "/cancel"), "{}");

        assertEquals(403, answer.status());
        assertEquals("PERMISSION_DENIED", answer.body().at("/error/code").asText());
        assertTrue(answer.body().at("/error/message").asText().contains("OWNER, ADMIN or OPERATOR"));
        assertEquals(
                "PENDING",
                HTTP.get(Role.AUDITOR)
                        .get(server.http(path))
                        .body()
                        .path("status")
                        .asText());
        try (Outcomes outcomes = new Outcomes(server.kafka())) {
            outcomes.await(
                    "the refused request",
                    outcome -> outcome.getPrincipal().getId().equals("p-WORKER")
                            && outcome.getPrincipal().getRole().equals("WORKER")
                            && outcome.getRefusal().getText().contains("/cancel"));
        }
        assertEquals(
                200,
                HTTP.get(Role.OPERATOR)
                        .post(server.http(path + "/cancel"), "{\"reason\":\"tried out\"}")
                        .status());
    }

    /** What stands in the tables, and no test tries, would be anybody's guess. */
    @Test
    void everyCallOfThePageIsTried() throws IOException {
        Set<String> tried = Stream.concat(
                        API.stream()
                                .flatMap(service -> service.getMethods().stream())
                                .map(MethodDescriptor::getFullMethodName),
                        ApiDocument.operations().stream().map(ApiDocument.Operation::toString))
                .collect(Collectors.toSet());

        assertEquals(
                List.of(),
                Page.read().calls().keySet().stream()
                        .filter(call -> call.contains("/"))
                        .filter(call -> !tried.contains(call))
                        .toList());
    }

    @TestFactory
    Stream<DynamicTest> whatIsDestructiveAsksForAReason() {
        String worker = GRPC.get(Role.WORKER)
                .workers()
                .registerWorker(WorkerRegistrationRequest.newBuilder()
                        .setWorkerName("w")
                        .setWorkerVersion("1")
                        .setWorkerType("UNIFIED")
                        .setOrgId(DEV)
                        .addWorkflows(WorkflowCapability.newBuilder().setKind("echo"))
                        .build())
                .getWorkerId();
        return ApiDocument.operations().stream()
                .filter(operation -> operation
                        .body()
                        .at("/properties/reason/description")
                        .asText()
                        .contains("audit.require_reason"))
                .map(operation -> DynamicTest.dynamicTest(operation.toString(), () -> {
                    String path = operation
                            .path()
                            .replace("{slug}", "dev")
                            .replace("workers/{id}", "workers/" + worker)
                            .replaceAll("\\{.*?}", Shards.newId().toString());

                    TestHttp.Answer answer = HTTP.get(Role.OWNER).post(server.http(path), withoutAReason(operation));

                    assertEquals(400, answer.status(), () -> answer.body().toString());
                    assertEquals(
                            "expected a reason, which this server requires here, but there is none",
                            answer.body().at("/error/message").asText());
                }));
    }

    private static String withoutAReason(ApiDocument.Operation operation) {
        return switch (operation.path().substring(operation.path().lastIndexOf('/'))) {
            case "/reset" -> "{\"toFirst\":\"TIMER_FIRED\"}";
            case "/limit" -> "{\"inFlight\":1}";
            case "/update" -> "{\"everyMs\":60000}";
            case "/expire" -> "{\"expiresInMs\":60000}";
            default -> "{}";
        };
    }

    /** An empty message: what may be called is refused for what it lacks, if at all, and changes nothing. */
    private static <Q, A> Status call(TestClient client, MethodDescriptor<Q, A> method) {
        InputStream nothing = new ByteArrayInputStream(new byte[0]);
        CallOptions options =
                CallOptions.DEFAULT.withCallCredentials(client.key()).withDeadlineAfter(120, TimeUnit.SECONDS);
        try {
            ClientCalls.blockingServerStreamingCall(client.channel(), method, options, method.parseRequest(nothing))
                    .hasNext();
            return Status.OK;
        } catch (StatusRuntimeException e) {
            assertFalse(
                    Set.of(Status.Code.DEADLINE_EXCEEDED, Status.Code.UNAUTHENTICATED)
                            .contains(e.getStatus().getCode()),
                    () -> method.getFullMethodName() + ": " + e.getStatus());
            return e.getStatus();
        }
    }

    /** The tables of docs/roles.md. */
    private record Page(Map<String, Set<Role>> holders, Map<String, String> calls) {

        static Page read() throws IOException {
            List<List<String>> rows = Files.readAllLines(Path.of("..", "..", "docs", "roles.md")).stream()
                    .filter(line -> line.startsWith("|"))
                    .map(line -> Arrays.stream(line.substring(1).split("\\|"))
                            .map(String::strip)
                            .toList())
                    .toList();
            Map<String, Set<Role>> holders = new HashMap<>();
            Map<String, String> calls = new HashMap<>();
            List<String> head = rows.stream()
                    .filter(row -> row.get(0).equals("right"))
                    .findFirst()
                    .orElseThrow();
            for (List<String> row : rows) {
                if (row.size() == head.size()) {
                    Set<Role> having = new HashSet<>();
                    for (int i = 2; i < row.size(); i++) {
                        if (row.get(i).equals("yes")) {
                            having.add(Role.valueOf(head.get(i)));
                        }
                    }
                    holders.put(row.get(0), having);
                } else if (row.size() == 2) {
                    calls.put(row.get(0).replace("`", ""), row.get(1));
                }
            }
            return new Page(holders, calls);
        }

        boolean allows(Role role, String call) {
            assertTrue(calls.containsKey(call), () -> "expected docs/roles.md to name " + call);
            return holders.get(calls.get(call)).contains(role);
        }
    }
}
