package io.millrace.infra.protocol;

import static java.util.stream.Collectors.toMap;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.millrace.infra.protocol.Calls.Call;
import io.millrace.infra.system.TestHttp;
import io.millrace.ingest.contract.ApiDocument;
import io.millrace.ingest.contract.ApiDocument.Operation;
import io.millrace.proto.flovyn.v1.CreatePromiseCommand;
import io.millrace.proto.flovyn.v1.PollRequest;
import io.millrace.proto.flovyn.v1.ReportProgressRequest;
import io.millrace.proto.flovyn.v1.ScheduleTaskCommand;
import io.millrace.proto.flovyn.v1.WorkflowCommand;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** What no call may do, whichever it is: sections 1.2 and 1.3 of the contract. A refusal changes nothing. */
class BadInputRulesTest extends Protocol {

    @TestFactory
    Stream<DynamicTest> aMalformedIdIsAnInvalidArgument() {
        return Stream.concat(of(Calls.ofWorkflows()), of(Calls.ofTasks()))
                .flatMap(call -> Stream.of(
                        dynamicTest(
                                call.getKey(),
                                () -> assertRefused(
                                        Status.Code.INVALID_ARGUMENT,
                                        "UUID",
                                        () -> call.getValue().make(place.admin(), orgId, "no-id"))),
                        dynamicTest(call.getKey() + " with nothing", () -> {
                            // StartWorkflow without a parent is a start like any other.
                            if (!call.getKey().equals("StartWorkflow")) {
                                assertRefused(
                                        Status.Code.INVALID_ARGUMENT,
                                        "UUID",
                                        () -> call.getValue().make(place.admin(), orgId, ""));
                            }
                        })));
    }

    @TestFactory
    Stream<DynamicTest> anUnknownIdIsNotFound() {
        return Stream.concat(of(Calls.ofWorkflows()), of(Calls.ofTasks()))
                .map(call -> dynamicTest(call.getKey(), () -> {
                    String unknown = newId();
                    assertRefused(
                            Status.Code.NOT_FOUND,
                            unknown,
                            () -> call.getValue().make(place.admin(), orgId, unknown));
                }));
    }

    @TestFactory
    Stream<DynamicTest> theIdOfAnotherOrganisationIsNotFoundAndNothingHappensToIt() {
        Running ours = new Running(this);

        return Stream.concat(
                foreign(ours, Calls.ofWorkflows(), ours.workflow), foreign(ours, Calls.ofTasks(), ours.task));
    }

    private Stream<DynamicTest> foreign(Running ours, Map<String, Call<String>> calls, String id) {
        return of(calls)
                .map(call -> dynamicTest(
                        call.getKey(),
                        () -> ours.unchangedBy(() -> assertRefused(
                                Status.Code.NOT_FOUND,
                                id,
                                () -> call.getValue().make(place.stranger(), SharedServers.OTHER_ORG, id)))));
    }

    @TestFactory
    Stream<DynamicTest> aWorkflowIdIsNoTaskIdAndTheOtherWayRound() {
        Running ours = new Running(this);

        return Stream.concat(
                of(Calls.ofTasks())
                        .map(call -> dynamicTest(
                                call.getKey(),
                                () -> ours.unchangedBy(() -> assertRefused(
                                        Status.Code.NOT_FOUND,
                                        ours.workflow,
                                        () -> call.getValue().make(place.admin(), orgId, ours.workflow))))),
                of(Calls.ofWorkflows())
                        .map(call -> dynamicTest(
                                call.getKey(),
                                () -> ours.unchangedBy(() -> assertRefused(
                                        Status.Code.NOT_FOUND,
                                        ours.task,
                                        () -> call.getValue().make(place.admin(), orgId, ours.task))))));
    }

    @TestFactory
    Stream<DynamicTest> anotherOrganisationIsForbidden() {
        return of(Calls.ofOrganisations())
                .flatMap(call -> Stream.of(
                        dynamicTest(
                                call.getKey(),
                                () -> assertRefused(
                                        Status.Code.PERMISSION_DENIED,
                                        SharedServers.ORG,
                                        () -> call.getValue().make(worker, SharedServers.OTHER_ORG, queue))),
                        dynamicTest(
                                call.getKey() + " malformed",
                                () -> assertRefused(
                                        Status.Code.INVALID_ARGUMENT,
                                        "org_id",
                                        () -> call.getValue().make(worker, "dev", queue)))));
    }

    @TestFactory
    Stream<DynamicTest> whatIsNotJsonIsAnInvalidArgumentAndChangesNothing() {
        List<String> wrong = List.of("{\"a\":", "text", "1 2", "{'a':1}", "[1,]", "NaN");

        return Calls.withPayloads().entrySet().stream()
                .map(call -> dynamicTest(
                        call.getKey(),
                        () -> wrong.forEach(json -> {
                            // Each on work and a queue of its own: work whose reports are refused again and again does
                            // not stay as it is, and on a slow machine it may come back and be taken for the next
                            // one's.
                            Running ours = new Running(new Usual());
                            ours.unchangedBy(() -> assertRefused(
                                    Status.Code.INVALID_ARGUMENT,
                                    "JSON",
                                    () -> call.getValue()
                                            .make(worker, ours.workflow, ours.task, ByteString.copyFromUtf8(json))));
                        })));
    }

    @TestFactory
    Stream<DynamicTest> aPayloadTooLargeIsRefusedAndChangesNothing() {
        Running strict = new Running(new Strict());
        ByteString large = Commands.json("\"" + "x".repeat(SharedServers.STRICT_PAYLOAD) + "\"");

        return Calls.withPayloads().entrySet().stream()
                .map(call -> dynamicTest(
                        call.getKey(),
                        () -> strict.unchangedBy(() -> assertRefused(
                                Status.Code.RESOURCE_EXHAUSTED,
                                "at most " + SharedServers.STRICT_PAYLOAD,
                                () -> call.getValue().make(strict.test.worker, strict.workflow, strict.task, large)))));
    }

    @TestFactory
    Stream<DynamicTest> aCommandThatMakesNoSenseRefusesItsWholeBatch() {
        Map<String, WorkflowCommand> wrong = Map.of(
                "UUID", Commands.task("no-id", "t"),
                "kind", Commands.task(newId(), ""),
                "timeout_ms", Commands.task(task().setTimeoutMs(-1)),
                "child_execution_name", Commands.child(newId(), "", "kid", ""),
                "child_workflow_execution_id", Commands.child("", "c", "kid", ""),
                "promise_id", Commands.promise(""),
                "idempotency_key_ttl_seconds",
                        Commands.promise(CreatePromiseCommand.newBuilder()
                                .setPromiseId("q")
                                .setIdempotencyKeyTtlSeconds(0)),
                "timer_id", Commands.timer("", 1),
                "duration_ms", Commands.timer("t", Long.MAX_VALUE));

        return wrong.entrySet().stream()
                .map(command -> dynamicTest(command.getKey(), () -> {
                    Running ours = new Running(new Usual());
                    ours.unchangedBy(() -> assertRefused(
                            Status.Code.INVALID_ARGUMENT,
                            command.getKey(),
                            () -> suspend(ours.workflow, Commands.operation("before", "1"), command.getValue())));
                }));
    }

    @Test
    void aWorkerMayCorrectWhatWasRefused() {
        Running ours = new Running(this);
        ours.unchangedBy(() -> {
            assertRefused(
                    Status.Code.INVALID_ARGUMENT, "JSON", () -> suspend(ours.workflow, Commands.operation("o", "NaN")));
            assertRefused(Status.Code.INVALID_ARGUMENT, "JSON", () -> completeTask(ours.task, "NaN"));
        });

        completeTask(ours.task, "42");
        complete(ours.workflow);

        assertEquals(
                42, only(ours.workflow, "TASK_COMPLETED").data().path("output").asInt());
        awaitLast(ours.workflow, "WORKFLOW_COMPLETED");
    }

    @Test
    @Execution(ExecutionMode.CONCURRENT)
    void aWorkerThatRepeatsWhatWasRefusedFailsTheWorkflowOfIt() {
        String id = start();
        for (int round = 0; round < 3; round++) {
            claim();
            assertRefused(Status.Code.INVALID_ARGUMENT, "JSON", () -> suspend(id, Commands.operation("o", "NaN")));
        }

        awaitLast(id, "WORKFLOW_EXECUTION_FAILED", "WORKFLOW_FAILED");
        Seen failure = only(id, "WORKFLOW_EXECUTION_FAILED");
        assertEquals("INVALID_SUBMISSION", failure.text("failureType"));
        assertTrue(failure.text("error").contains("command 0: expected one JSON value"), failure.text("error"));
    }

    @Test
    @Execution(ExecutionMode.CONCURRENT)
    void aTaskWhoseResultIsRefusedFailsOfIt() {
        String task = newId();
        String id = waiting(Commands.task(task().setTaskExecutionId(task).setMaxRetries(0)));
        claimTask();

        assertRefused(Status.Code.INVALID_ARGUMENT, "JSON", () -> completeTask(task, "NaN"));

        awaitLast(id, "TASK_FAILED");
        assertTrue(only(id, "TASK_FAILED").text("error").contains("expected one JSON value"));
    }

    private static ScheduleTaskCommand.Builder task() {
        return ScheduleTaskCommand.newBuilder().setTaskExecutionId(newId()).setKind("t");
    }

    @Test
    void aSubmissionTooLargeAsAWholeIsRefused() {
        Running strict = new Running(new Strict());
        WorkflowCommand[] many = Stream.generate(() -> Commands.operation("o", "\"" + "x".repeat(15_000) + "\""))
                .limit(7)
                .toArray(WorkflowCommand[]::new);

        strict.unchangedBy(() -> assertRefused(
                Status.Code.RESOURCE_EXHAUSTED, "100000", () -> strict.test.suspend(strict.workflow, many)));
    }

    @Test
    void namesHaveALengthAndNoControlCharacters() {
        String id = waiting();

        assertRefused(Status.Code.INVALID_ARGUMENT, "signal_name", () -> signal(id, "", "1"));
        assertRefused(Status.Code.INVALID_ARGUMENT, "255", () -> signal(id, "x".repeat(256), "1"));
        assertRefused(Status.Code.INVALID_ARGUMENT, "control characters", () -> signal(id, "a\nb", "1"));
        assertRefused(Status.Code.INVALID_ARGUMENT, "workflow_kind", () -> worker.start("", queue));
        assertEquals(2, types(id).size());
    }

    @Test
    void metadataHasALimit() {
        assertRefused(
                Status.Code.RESOURCE_EXHAUSTED,
                "100 entries",
                () -> worker.workflows()
                        .startWorkflow(startRequest()
                                .putAllMetadata(IntStream.range(0, 101)
                                        .boxed()
                                        .collect(toMap(String::valueOf, String::valueOf)))
                                .build()));
        assertRefused(
                Status.Code.RESOURCE_EXHAUSTED,
                "bytes of metadata",
                () -> worker.workflows()
                        .startWorkflow(startRequest()
                                .putMetadata("k", "x".repeat(100_000))
                                .build()));
        assertNothingReady();
    }

    @Test
    void reportsOfTasksAreChecked() {
        Running ours = new Running(this);

        ours.unchangedBy(() -> assertRefused(
                Status.Code.INVALID_ARGUMENT,
                "finite",
                () -> worker.tasks()
                        .reportProgress(ReportProgressRequest.newBuilder()
                                .setTaskExecutionId(ours.task)
                                .setProgress(Double.NaN)
                                .build())));
    }

    @Test
    void aPollWithoutAWorkerIsRefused() {
        assertRefused(
                Status.Code.INVALID_ARGUMENT,
                "worker_id",
                () -> worker.workflows()
                        .pollWorkflow(PollRequest.newBuilder()
                                .setOrgId(orgId)
                                .setQueue(queue)
                                .build()));
        assertRefused(
                Status.Code.INVALID_ARGUMENT, "worker_id", () -> worker.tasks().pollTask(taskPoll("", queue, 0)));
    }

    @Test
    void membersDoNotDoTheWorkOfWorkers() {
        Running ours = new Running(this);

        ours.unchangedBy(() -> assertRefused(
                Status.Code.PERMISSION_DENIED,
                "",
                () -> Calls.ofTasks().get("CompleteTask").make(place.user(), orgId, ours.task)));
        assertRefused(Status.Code.PERMISSION_DENIED, "", () -> place.user().poll("w", queue, 0));
    }

    @Test
    void httpRefusesTheSameWithStatusesOfItsOwn() {
        Running ours = new Running(this);
        String executions = "/api/orgs/dev/workflow-executions";

        ours.unchangedBy(() -> {
            assertHttp(400, "INVALID_ARGUMENT", "UUID", get(executions + "/no-id"));
            assertHttp(404, "NOT_FOUND", "expected", get(executions + "/" + newId()));
            assertHttp(404, "NOT_FOUND", "expected", get("/api/orgs/dev/task-executions/" + newId()));
            assertHttp(400, "INVALID_ARGUMENT", "expected", post(executions, "{\"kind\":"));
            assertHttp(400, "INVALID_ARGUMENT", "expected", post(executions, "{\"kind\":\"k\",\"colour\":1}"));
            assertHttp(400, "INVALID_ARGUMENT", "expected", post(executions, "{\"input\":1}"));
            assertHttp(400, "INVALID_ARGUMENT", "expected", post(executions + "/" + ours.workflow + "/signal", "{}"));
            assertHttp(
                    404,
                    "NOT_FOUND",
                    "expected",
                    post("/api/orgs/dev/promises/" + ours.workflow + ":no/resolve", "{}"));
            assertHttp(400, "INVALID_ARGUMENT", "expected", post("/api/orgs/dev/promises/no-id/resolve", "{}"));
            assertEquals(
                    404,
                    place.otherHttp()
                            .get(place.server().http("/api/orgs/other/task-executions/" + ours.task))
                            .status());
            assertEquals(
                    404,
                    place.otherHttp()
                            .get(place.server()
                                    .http("/api/orgs/other/workflow-executions/" + ours.workflow + "/events"))
                            .status());
        });
        assertEquals(
                404,
                place.otherHttp()
                        .get(place.server().http(executions + "/" + ours.workflow))
                        .status(),
                "the slug of another organisation is no hint that it exists");
    }

    @TestFactory
    Stream<DynamicTest> overHttpTheIdOfAnotherOrganisationIsNotFoundLikeOneThatNobodyHas() {
        Running ours = new Running(this);

        return ApiDocument.operations().stream()
                .filter(operation ->
                        operation.path().contains("{id}") || operation.path().contains("{promise}"))
                // What needs the database, which this server has not, knows nothing of any id.
                .filter(operation -> !operation.path().endsWith("/proof")
                        && !operation.path().endsWith("/why")
                        && !operation.path().endsWith("/dismiss")
                        && !operation.path().contains("/approvals/")
                        // It asks for its body first.
                        && !operation.path().endsWith("/expire")
                        && !((operation.path().contains("/bulk-jobs/")
                                        || operation.path().endsWith("/annotations"))
                                && operation.method().equals("GET")))
                .map(operation -> dynamicTest(
                        operation.toString(),
                        () -> ours.unchangedBy(() -> {
                            String id = operation.path().contains("task") ? ours.task : ours.workflow;
                            String unknown = newId();
                            TestHttp.Answer foreign = asStranger(operation, id);
                            TestHttp.Answer nobodys = asStranger(operation, unknown);

                            assertHttp(404, "NOT_FOUND", "expected", foreign);
                            assertEquals(
                                    nobodys.body().toString(),
                                    foreign.body().toString().replace(id, unknown));
                        })));
    }

    private TestHttp.Answer asStranger(Operation operation, String id) {
        var address = place.server()
                .http(operation
                        .path()
                        .replace("{slug}", "other")
                        .replace("{id}", id)
                        .replace("{promise}", id + ":p")
                        .replace("{key}", "k"));
        String body = "{}";
        if (operation.path().endsWith("/signal")) {
            body = "{\"signalName\":\"s\"}";
        } else if (operation.path().endsWith("/annotations")) {
            body = "{\"text\":\"t\"}";
        } else if (operation.path().endsWith("/erase")) {
            body = "{\"reason\":\"r\"}";
        } else if (operation.path().endsWith("/reset")) {
            body = "{\"toEvent\":1}";
        }
        return operation.method().equals("GET")
                ? place.otherHttp().get(address)
                : place.otherHttp().post(address, body);
    }

    private TestHttp.Answer get(String path) {
        return place.http().get(place.server().http(path));
    }

    private TestHttp.Answer post(String path, String body) {
        return place.http().post(place.server().http(path), body);
    }

    private static void assertHttp(int status, String code, String text, TestHttp.Answer answer) {
        JsonNode error = answer.body().path("error");

        assertEquals(status, answer.status(), error::toString);
        assertEquals(code, error.path("code").asText());
        assertTrue(error.path("message").asText().contains(text), error::toString);
    }

    private static <T> Stream<Map.Entry<String, T>> of(Map<String, T> calls) {
        return calls.entrySet().stream();
    }

    /** A queue of its own on the usual server. */
    private static final class Usual extends Protocol {}

    private static final class Strict extends Protocol {

        Strict() {
            super(SharedServers.strict());
        }
    }

    /** A workflow with a promise and a task that runs; with the usual leases a worker holds it too. */
    private static final class Running {

        private final Protocol test;
        private final String workflow;
        private final String task = newId();

        Running(Protocol test) {
            this.test = test;
            boolean strict = test.place == SharedServers.strict();
            workflow = test.waiting(Commands.promise("p"), strict ? Commands.unspecified() : Commands.task(task, "t"));
            if (!strict) {
                test.claimTask();
                test.signal(workflow, "run", "1");
                test.claim();
            }
        }

        /** Nothing that a client can see of workflow or task is other than before. */
        void unchangedBy(Runnable calls) {
            List<Seen> history = test.history(workflow);
            JsonNode seen = test.task(task);

            calls.run();

            assertEquals(history, test.history(workflow));
            assertEquals(seen, test.task(task));
        }
    }
}
