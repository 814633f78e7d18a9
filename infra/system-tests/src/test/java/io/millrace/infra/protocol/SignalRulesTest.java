package io.millrace.infra.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.grpc.Status;
import io.millrace.infra.embedded.DevServer;
import io.millrace.infra.system.TestHttp;
import io.millrace.proto.flovyn.v1.SignalWithStartWorkflowRequest;
import io.millrace.proto.flovyn.v1.SignalWithStartWorkflowResponse;
import io.millrace.proto.flovyn.v1.WorkflowStatus;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Signals, alone and with a start: sections 2.1.7, 2.1.8 and 6 of the contract. */
class SignalRulesTest extends Protocol {

    @Test
    void eachCallAppendsOneAndSaysWhere() {
        String id = waiting();

        assertEquals(3, signal(id, "go", "{\"n\":1}"));
        assertEquals(4, signal(id, "go", "{\"n\":1}"));

        Seen first = history(id).get(2);
        assertEquals("SIGNAL_RECEIVED", first.type());
        assertEquals("go", first.text("signalName"));
        assertEquals(parse("{\"n\":1}"), first.data().get("signalValue"));
        assertEquals(4, types(id).size());
    }

    @Test
    void signalsMayComeBeforeTheWorkflowAsksAndWhileItRuns() {
        String id = start();
        signal(id, "early", "1");
        claim();
        signal(id, "running", "2");
        suspend(id);

        assertEquals(
                List.of("WORKFLOW_STARTED", "SIGNAL_RECEIVED", "SIGNAL_RECEIVED", "WORKFLOW_SUSPENDED"), types(id));
        assertEquals(id, claim().getId());
    }

    @Test
    void whatTheClaimSawAlreadyDoesNotWakeAgain() {
        String id = start();
        signal(id, "early", "1");
        claim();
        suspend(id);

        assertNothingReady();
    }

    @Test
    void signalsOfOneSenderKeepTheirOrder() {
        String id = waiting();
        for (int i = 0; i < 20; i++) {
            signal(id, "n", String.valueOf(i));
        }

        List<Integer> values = history(id).stream()
                .filter(event -> event.type().equals("SIGNAL_RECEIVED"))
                .map(event -> event.data().path("signalValue").asInt())
                .toList();
        assertEquals(List.of(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19), values);
    }

    /** Whether a signal that follows a start comes before the end or after it is chance. */
    @Test
    void aSignalToWhatHasCompletedIsTakenAndNoWorkerSeesIt() {
        String id = running();
        complete(id);

        assertEquals(0, signal(id, "late", "1"));
        JsonNode answer = place.http()
                .post(
                        place.server().http("/api/orgs/dev/workflow-executions/" + id + "/signal"),
                        "{\"signalName\":\"later\"}")
                .body();

        assertFalse(answer.path("delivered").asBoolean(true));
        assertEquals(0, answer.path("signalEventSequence").asInt());
        assertEquals(List.of("WORKFLOW_STARTED", "WORKFLOW_COMPLETED"), types(id));
        assertNothingReady();
    }

    @Test
    void whatFailedOrWasCancelledTakesNoSignals() {
        String failed = running();
        submit(failed, WorkflowStatus.FAILED, Commands.fail("broken", "ERROR"));
        String cancelled = running();
        cancelWorkflow(cancelled, "enough");

        assertRefused(Status.Code.FAILED_PRECONDITION, "FAILED", () -> signal(failed, "late", "1"));
        assertRefused(Status.Code.FAILED_PRECONDITION, "CANCELLED", () -> signal(cancelled, "late", "1"));
    }

    @Test
    void anUnknownOrForeignExecutionIsNotFound() {
        String unknown = newId();
        String ours = waiting();

        assertRefused(Status.Code.NOT_FOUND, unknown, () -> signal(unknown, "go", "1"));
        assertRefused(
                Status.Code.NOT_FOUND,
                ours,
                () -> place.stranger()
                        .workflows()
                        .signalWorkflow(signalRequest(ours, "go", "1").toBuilder()
                                .setOrgId(SharedServers.OTHER_ORG)
                                .build()));
        assertEquals(2, types(ours).size());
    }

    @Test
    void moreSignalsThanTheLimitAreRefused() {
        new FewSignals().refused();
    }

    @Test
    void theUsualLimitIsTenThousand() {
        assertEquals(
                10_000,
                DevServer.config(Path.of("unused"), Map.of("server.roles", "ingest", "server.node", "n"), Map.of())
                        .limits()
                        .signals());
    }

    @Test
    void signalWithStartMakesTheExecutionAndItsSignalAtOnce() {
        SignalWithStartWorkflowResponse made = signalWithStart("1");

        assertTrue(made.getWorkflowCreated());
        assertEquals(2, made.getSignalEventSequence());
        assertEquals(List.of("WORKFLOW_STARTED", "SIGNAL_RECEIVED"), types(made.getWorkflowExecutionId()));
        assertEquals(made.getWorkflowExecutionId(), claim().getId());
    }

    @Test
    void signalWithStartSignalsTheOpenExecutionAndIgnoresTheRest() {
        SignalWithStartWorkflowResponse made = signalWithStart("1");
        claim();
        suspend(made.getWorkflowExecutionId());
        SignalWithStartWorkflowResponse again = worker.workflows()
                .signalWithStartWorkflow(request("2")
                        .setWorkflowKind("other")
                        .setQueue("elsewhere")
                        .build());

        assertFalse(again.getWorkflowCreated());
        assertEquals(made.getWorkflowExecutionId(), again.getWorkflowExecutionId());
        assertEquals(4, again.getSignalEventSequence());
        assertEquals(made.getWorkflowExecutionId(), claim().getId());
    }

    @Test
    void signalWithStartFindsWhatWasStartedWithTheKey() {
        String id = worker.workflows()
                .startWorkflow(startRequest().setIdempotencyKey(queue).build())
                .getWorkflowExecutionId();

        SignalWithStartWorkflowResponse signalled = signalWithStart("1");

        assertEquals(id, signalled.getWorkflowExecutionId());
        assertFalse(signalled.getWorkflowCreated());
        assertEquals(2, signalled.getSignalEventSequence());
    }

    @Test
    void signalWithStartStartsAgainHoweverTheOneBeforeEndedAndTakesTheKeyOver() {
        for (WorkflowStatus end : List.of(WorkflowStatus.COMPLETED, WorkflowStatus.FAILED, WorkflowStatus.CANCELLED)) {
            String ended = signalWithStart("1").getWorkflowExecutionId();
            claim();
            submit(ended, end);

            SignalWithStartWorkflowResponse next = signalWithStart("2");

            assertTrue(next.getWorkflowCreated());
            assertNotEquals(ended, next.getWorkflowExecutionId());
            assertEquals(
                    next.getWorkflowExecutionId(),
                    worker.workflows()
                            .startWorkflow(
                                    startRequest().setIdempotencyKey(queue).build())
                            .getWorkflowExecutionId());
            claim();
            complete(next.getWorkflowExecutionId());
        }
    }

    @Test
    void signalWithStartAtTheSameTimeMakesOneExecution() throws Exception {
        int calls = 24;
        List<Future<SignalWithStartWorkflowResponse>> answers = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < calls; i++) {
                String value = String.valueOf(i);
                answers.add(threads.submit(() -> signalWithStart(value)));
            }
            List<SignalWithStartWorkflowResponse> got = new ArrayList<>();
            for (Future<SignalWithStartWorkflowResponse> answer : answers) {
                got.add(answer.get(LONG_S, TimeUnit.SECONDS));
            }
            List<String> ids = got.stream()
                    .map(SignalWithStartWorkflowResponse::getWorkflowExecutionId)
                    .distinct()
                    .toList();

            assertEquals(1, ids.size());
            assertEquals(
                    1,
                    got.stream()
                            .filter(SignalWithStartWorkflowResponse::getWorkflowCreated)
                            .count());
            assertEquals(
                    calls,
                    got.stream()
                            .map(SignalWithStartWorkflowResponse::getSignalEventSequence)
                            .distinct()
                            .count());
            assertEquals(calls + 1, types(ids.get(0)).size());
        }
    }

    @Test
    void signalsComeOverHttpToo() {
        String id = waiting();
        TestHttp.Answer signalled = place.http()
                .post(
                        place.server().http("/api/orgs/dev/workflow-executions/" + id + "/signal"),
                        "{\"signalName\":\"go\",\"signalValue\":{\"a\":[1]}}");
        TestHttp.Answer started = place.http()
                .post(
                        place.server().http("/api/orgs/dev/workflow-executions/signal-with-start"),
                        "{\"workflowId\":\"%s\",\"kind\":\"flow\",\"queue\":\"%s\",\"signalName\":\"go\"}"
                                .formatted(queue, queue + "-http"));

        assertEquals(3, signalled.body().path("signalEventSequence").asInt());
        assertTrue(signalled.body().path("delivered").asBoolean());
        assertEquals(parse("{\"a\":[1]}"), only(id, "SIGNAL_RECEIVED").data().get("signalValue"));
        assertEquals(201, started.status());
        assertTrue(started.body().path("created").asBoolean());
        assertEquals(
                List.of("WORKFLOW_STARTED", "SIGNAL_RECEIVED"),
                types(started.body().path("id").asText()));
    }

    private SignalWithStartWorkflowRequest.Builder request(String value) {
        return SignalWithStartWorkflowRequest.newBuilder()
                .setOrgId(orgId)
                .setWorkflowId(queue)
                .setWorkflowKind("flow")
                .setWorkflowInput(Commands.json("1"))
                .setQueue(queue)
                .setSignalName("go")
                .setSignalValue(Commands.json(value));
    }

    private SignalWithStartWorkflowResponse signalWithStart(String value) {
        return worker.workflows().signalWithStartWorkflow(request(value).build());
    }

    private static final class FewSignals extends Protocol {

        FewSignals() {
            super(SharedServers.strict());
        }

        void refused() {
            String id = start();
            for (int i = 0; i < SharedServers.STRICT_SIGNALS; i++) {
                signal(id, "go", "1");
            }
            List<String> before = types(id);

            assertRefused(Status.Code.RESOURCE_EXHAUSTED, "at most 5 signals", () -> signal(id, "go", "1"));

            assertEquals(before, types(id));
        }
    }
}
