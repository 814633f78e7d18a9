package io.millrace.infra.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.util.concurrent.ListenableFuture;
import io.grpc.Status;
import io.millrace.infra.system.TestHttp;
import io.millrace.infra.system.TestServer;
import io.millrace.infra.testing.Await;
import io.millrace.infra.testing.TestClient;
import io.millrace.ingest.config.Access;
import io.millrace.proto.flovyn.v1.PollResponse;
import io.millrace.proto.flovyn.v1.PollTaskResponse;
import io.millrace.proto.flovyn.v1.SubmitTaskRequest;
import io.millrace.proto.flovyn.v1.TaskCapability;
import io.millrace.proto.flovyn.v1.TaskExecutionInfo;
import io.millrace.proto.flovyn.v1.WorkerHeartbeatRequest;
import io.millrace.proto.flovyn.v1.WorkerRegistrationRequest;
import io.millrace.proto.flovyn.v1.WorkerRegistrationResponse;
import io.millrace.proto.flovyn.v1.WorkflowCapability;
import io.millrace.proto.flovyn.v1.WorkflowDispatchGrpc;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Registration, kinds, polls and leases: sections 2.1.1, 2.4, 5.6 and 7 of the contract, traps 2, 3 and 11. */
class WorkerRulesTest extends Protocol {

    @Test
    void eachRegistrationGetsAUuidOfItsOwnAndNoConflicts() {
        WorkerRegistrationResponse one = register("same", List.of("a"), List.of("t"));
        WorkerRegistrationResponse two = register("same", List.of("a"), List.of("t"));

        for (WorkerRegistrationResponse answer : List.of(one, two)) {
            assertTrue(answer.getSuccess());
            assertEquals(
                    answer.getWorkerId(), UUID.fromString(answer.getWorkerId()).toString());
            assertEquals(0, answer.getWorkflowConflictsCount() + answer.getTaskConflictsCount());
        }
        assertNotEquals(one.getWorkerId(), two.getWorkerId());
    }

    @Test
    void aWorkerThatPollsByItsUuidGetsOnlyKindsItRegistered() {
        String id = register("w", List.of("known"), List.of()).getWorkerId();

        onlyKnownKinds(id);
    }

    @Test
    void aWorkerThatPollsByItsNameGetsOnlyKindsItRegistered() {
        String name = "name-" + queue;
        register(name, List.of("known"), List.of());

        onlyKnownKinds(name);
    }

    @Test
    void theLatestRegistrationOfANameCounts() {
        String name = "name-" + queue;
        register(name, List.of("old"), List.of());
        register(name, List.of("known"), List.of());

        onlyKnownKinds(name);
    }

    @Test
    void aWorkerThatNobodyKnowsGetsWhateverThereIs() {
        String id = worker.start("anything", queue);

        assertEquals(
                id,
                worker.poll("stranger-" + queue, queue, LONG_S).orElseThrow().getId());
    }

    @Test
    void kindsCountForTasksToo() {
        String id = register("w", List.of(), List.of("known")).getWorkerId();
        String unknown = standalone("unknown");
        String known = standalone("known");

        assertEquals(
                known,
                worker.tasks().pollTask(taskPoll(id, queue, LONG_S)).getTask().getTaskExecutionId());
        assertFalse(worker.tasks().pollTask(taskPoll(id, queue, 0)).hasTask());
        assertEquals(unknown, claimTask().getTaskExecutionId());
    }

    @Test
    void aNameIsKnownInItsOwnOrganisationOnly() {
        String name = "name-" + queue;
        // By a connection of its own: on that of other tests only work of this kind would be handed out from then on.
        try (TestClient stranger = place.server().client(TestServer.FIRST, "stranger")) {
            stranger.workers()
                    .registerWorker(registration(name, List.of("theirs"), List.of()).toBuilder()
                            .setOrgId(SharedServers.OTHER_ORG)
                            .build());
            String id = worker.start("ours", queue);

            assertEquals(id, worker.poll(name, queue, LONG_S).orElseThrow().getId());
        }
    }

    @Test
    void heartbeatsAlwaysSucceed() {
        String id = register("w", List.of("a"), List.of()).getWorkerId();

        heartbeat(id);
        heartbeat(newId());
    }

    @Test
    void aHeartbeatWithoutKindsDoesNotTakeThemAway() {
        String id = register("w", List.of("known"), List.of()).getWorkerId();
        heartbeat(id);

        onlyKnownKinds(id);
    }

    @Test
    void theWorkOfAWorkerWhoseHeartbeatsStopIsHandedOutAgainLongBeforeItsLeasesEnd() {
        String name = "name-" + queue;
        String id = register(name, List.of("flow"), List.of("t")).getWorkerId();
        String byName = start();
        String byId = start();
        String task = standalone("t");
        heartbeat(id);
        worker.poll(name, queue, LONG_S).orElseThrow();
        worker.poll(id, queue, LONG_S).orElseThrow();
        assertEquals(
                1,
                worker.tasks().pollTask(taskPoll(name, queue, LONG_S)).getTask().getExecutionCount());

        assertEquals(Set.of(byName, byId), Set.of(claim().getId(), claim().getId()));
        TaskExecutionInfo again = claimTask();
        assertEquals(task, again.getTaskExecutionId());
        assertEquals(2, again.getExecutionCount(), "the attempt of the dead worker counts");
    }

    @Test
    void theWorkOfAWorkerThatLeavesIsHandedOutAgainLongBeforeItsLeasesEnd() {
        String workflow = start();
        String task = standalone("t");
        try (TestClient leaving = connect()) {
            leaving.poll("leaving", queue, LONG_S).orElseThrow();
            assertEquals(
                    task,
                    leaving.tasks()
                            .pollTask(taskPoll("leaving", queue, LONG_S))
                            .getTask()
                            .getTaskExecutionId());
        }

        assertEquals(workflow, claim().getId());
        TaskExecutionInfo again = claimTask();
        assertEquals(task, again.getTaskExecutionId());
        assertEquals(2, again.getExecutionCount(), "the attempt of the worker that left counts");
    }

    @Test
    void aWorkerThatPollsByANameOfItsOwnIsKnownByItsConnection() {
        String alias = "worker-" + UUID.randomUUID();
        String unknown = worker.start("unknown", queue);
        String known = worker.start("known", queue);
        String again = worker.start("known", queue);
        try (TestClient rust = connect()) {
            rust.workers().registerWorker(registration("service-" + queue, List.of("known"), List.of("t")));

            assertEquals(known, rust.poll(alias, queue, LONG_S).orElseThrow().getId());
            complete(known);
        }
        try (TestClient reconnected = connect()) {
            assertEquals(
                    again, reconnected.poll(alias, queue, LONG_S).orElseThrow().getId());
            assertTrue(reconnected.poll(alias, queue, 0).isEmpty(), "it does not register again");
        }
        assertEquals(unknown, claim().getId());
    }

    @Test
    void theWorkOfAWorkerThatPollsByANameOfItsOwnIsHandedOutAgainWhenItsHeartbeatsStop() {
        String workflow = start();
        try (TestClient rust = connect()) {
            String id = rust.workers()
                    .registerWorker(registration("service-" + queue, List.of("flow"), List.of()))
                    .getWorkerId();
            heartbeat(id);
            assertEquals(
                    workflow,
                    rust.poll("worker-" + queue, queue, LONG_S).orElseThrow().getId());

            assertEquals(workflow, claim().getId());
        }
    }

    @Test
    void workersOfOneNameGetTheKindsOfTheirOwnConnection() {
        String name = "name-" + queue;
        try (TestClient one = connect();
                TestClient two = connect()) {
            one.workers().registerWorker(registration(name, List.of("a"), List.of()));
            two.workers().registerWorker(registration(name, List.of("b"), List.of()));
            String b = worker.start("b", queue);
            String a = worker.start("a", queue);

            assertEquals(a, one.poll(name, queue, LONG_S).orElseThrow().getId());
            assertTrue(one.poll(name, queue, 0).isEmpty());
            assertEquals(b, two.poll(name, queue, LONG_S).orElseThrow().getId());
        }
    }

    @Test
    void aNameIsOfItsNewestRegistrationThatLives() {
        String name = "name-" + queue;
        String survivor = register(name, List.of("known", "flow"), List.of()).getWorkerId();
        register(name, List.of("known"), List.of());
        long enough = System.nanoTime() + SharedServers.WORKER_SILENCE.toNanos() * 3 / 2;
        Await.until("more time than a worker may be silent", () -> {
            heartbeat(survivor);
            return System.nanoTime() - enough > 0;
        });

        String id = start();
        String held = Await.found("the work", () -> {
            heartbeat(survivor); // else it falls silent itself where the machine is slow
            return worker.poll(name, queue, 1).map(work -> work.getId());
        });
        assertEquals(id, held);
    }

    @Test
    void aWorkerThatStartsAgainUnderItsNameGetsTheOldOnesWorkBack() throws Exception {
        String name = "name-" + queue;
        String workflow = start();
        try (TestClient before = connect()) {
            before.workers().registerWorker(registration(name, List.of("flow"), List.of()));
            assertEquals(
                    workflow, before.poll(name, queue, LONG_S).orElseThrow().getId());
        }
        try (TestClient after = connect()) {
            after.workers().registerWorker(registration(name, List.of("flow"), List.of()));

            assertEquals(workflow, after.poll(name, queue, LONG_S).orElseThrow().getId());
        }
    }

    @Test
    void aWorkerThatKeepsBeatingKeepsItsWork() {
        String id = register("w-" + queue, List.of("flow"), List.of()).getWorkerId();
        String workflow = start();
        worker.poll(id, queue, LONG_S).orElseThrow();
        long enough = System.nanoTime() + SharedServers.WORKER_SILENCE.toNanos() * 3 / 2;
        Await.until("more time than a worker may be silent", () -> {
            heartbeat(id);
            return System.nanoTime() - enough > 0;
        });

        assertNothingReady();
        complete(workflow);
        awaitLast(workflow, "WORKFLOW_COMPLETED");
    }

    @Test
    void anEmptyPollIsOkAndWaitsItsTime() {
        long before = System.nanoTime();
        PollResponse response = worker.workflows().pollWorkflow(TestClient.pollRequest("patient-" + queue, queue, 1));

        assertFalse(response.hasWorkflowExecution());
        assertTrue(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - before) >= 900);
    }

    @Test
    void aPollReturnsWhenThereIsWork() throws Exception {
        ListenableFuture<PollResponse> poll = WorkflowDispatchGrpc.newFutureStub(worker.channel())
                .withCallCredentials(worker.key())
                .pollWorkflow(TestClient.pollRequest("patient-" + queue, queue, 60));
        String id = start();

        assertEquals(
                id, poll.get(LONG_S, TimeUnit.SECONDS).getWorkflowExecution().getId());
    }

    @Test
    void aPollThatWentAwayGivesItsWorkBack() throws Exception {
        ListenableFuture<PollResponse> gone = WorkflowDispatchGrpc.newFutureStub(worker.channel())
                .withCallCredentials(worker.key())
                .pollWorkflow(TestClient.pollRequest("gone-" + queue, queue, 60));
        gone.cancel(true);
        String id = start();

        assertEquals(id, claim().getId());
        complete(id);
    }

    @Test
    void aWorkerThatAlternatesPollsIsHeldShortly() {
        String single = "single-" + queue;
        worker.poll(single, queue, 1);
        worker.tasks().pollTask(taskPoll(single, queue, 1));

        // They ask to be held for longer than the deadline that these calls have.
        PollTaskResponse tasks = worker.tasks().pollTask(taskPoll(single, queue, 2 * LONG_S));
        boolean work = worker.poll(single, queue, 2 * LONG_S).isPresent();

        assertFalse(tasks.hasTask() || work);
    }

    @Test
    void aSerialPollersPollEndsWhenWorkOfTheOtherTypeIsReady() {
        String single = "single-" + queue;
        worker.poll(single, queue, 1);
        worker.tasks().pollTask(taskPoll(single, queue, 1));
        String id = start();

        assertFalse(worker.tasks().pollTask(taskPoll(single, queue, 2 * LONG_S)).hasTask());
        assertEquals(id, worker.poll(single, queue, 2 * LONG_S).orElseThrow().getId());
    }

    @Test
    @Execution(ExecutionMode.CONCURRENT)
    void registrationsSurviveARestart() {
        try (TestServer server = TestServer.start()) {
            String id;
            try (TestClient before = server.worker()) {
                id = before.workers()
                        .registerWorker(registration("w", List.of("known"), List.of()))
                        .getWorkerId();
            }
            server.stopNode(TestServer.FIRST);
            server.restartNode(TestServer.FIRST);
            try (TestClient after = server.worker()) {
                after.start("unknown", queue);
                String known = after.start("known", queue);

                after.workers()
                        .sendHeartbeat(WorkerHeartbeatRequest.newBuilder()
                                .setWorkerId(id)
                                .build());
                assertEquals(known, after.poll(id, queue, LONG_S).orElseThrow().getId());
                assertTrue(after.poll(id, queue, 0).isEmpty());
            }
        }
    }

    @Test
    @Execution(ExecutionMode.CONCURRENT)
    void aWorkerThatIsUnseenForLongIsForgotten() {
        try (TestServer server = TestServer.start(Map.of("leases.worker_forget", "2s"), false);
                TestClient gone = server.worker();
                TestHttp user = new TestHttp(Access.DEV_USER_KEY)) {
            URI workers = server.http("/api/orgs/dev/workers");
            gone.workers().registerWorker(registration("w", List.of("known"), List.of()));
            assertEquals(1, user.get(workers).body().path("workers").size());

            Await.until(
                    "the worker to be forgotten",
                    () -> user.get(workers).body().path("workers").isEmpty());
        }
    }

    @Test
    void anUnknownWorkerTypeIsRefused() {
        assertRefused(
                Status.Code.INVALID_ARGUMENT,
                "UNIFIED",
                () -> worker.workers()
                        .registerWorker(registration("w", List.of(), List.of()).toBuilder()
                                .setWorkerType("AGENT")
                                .build()));
    }

    private void onlyKnownKinds(String workerId) {
        String unknown = worker.start("unknown", queue);
        String known = worker.start("known", queue);

        assertEquals(known, worker.poll(workerId, queue, LONG_S).orElseThrow().getId());
        assertTrue(worker.poll(workerId, queue, 0).isEmpty());
        assertEquals(unknown, claim().getId());
    }

    private String standalone(String kind) {
        return worker.tasks()
                .submitTask(SubmitTaskRequest.newBuilder()
                        .setOrgId(orgId)
                        .setKind(kind)
                        .setQueue(queue)
                        .setMaxRetries(1)
                        .build())
                .getTaskExecutionId();
    }

    private void heartbeat(String id) {
        worker.workers()
                .sendHeartbeat(
                        WorkerHeartbeatRequest.newBuilder().setWorkerId(id).build());
    }

    /** Registers on a connection of its own: that of the tests polls for many workers. */
    private WorkerRegistrationResponse register(String name, List<String> workflows, List<String> tasks) {
        try (TestClient own = connect()) {
            return own.workers().registerWorker(registration(name, workflows, tasks));
        }
    }

    private TestClient connect() {
        return place.server().client(TestServer.FIRST, "worker");
    }

    private WorkerRegistrationRequest registration(String name, List<String> workflows, List<String> tasks) {
        return WorkerRegistrationRequest.newBuilder()
                .setWorkerName(name)
                .setWorkerVersion("1.0.0")
                .setWorkerType("UNIFIED")
                .setOrgId(orgId)
                .addAllWorkflows(workflows.stream()
                        .map(kind ->
                                WorkflowCapability.newBuilder().setKind(kind).build())
                        .toList())
                .addAllTasks(tasks.stream()
                        .map(kind -> TaskCapability.newBuilder().setKind(kind).build())
                        .toList())
                .build();
    }
}
