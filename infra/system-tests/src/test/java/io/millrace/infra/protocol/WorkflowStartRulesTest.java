package io.millrace.infra.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.Status;
import io.millrace.infra.testing.Await;
import io.millrace.infra.testing.TestClient;
import io.millrace.proto.Shards;
import io.millrace.proto.flovyn.v1.StartWorkflowRequest;
import io.millrace.proto.flovyn.v1.StartWorkflowResponse;
import io.millrace.proto.flovyn.v1.WorkflowExecution;
import io.millrace.proto.flovyn.v1.WorkflowStatus;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** StartWorkflow and what polls say of the execution: sections 2.1.1, 2.1.3 and 7.1 of the contract. */
class WorkflowStartRulesTest extends Protocol {

    @Test
    void workflowStartedIsTheFirstEventAndTheExecutionIsPending() {
        String id = start();

        Seen started = only(id, "WORKFLOW_STARTED");
        assertEquals(1, started.sequence());
        assertEquals(parse("{\"n\":1}"), started.data().get("input"));
        assertEquals(List.of("WORKFLOW_STARTED"), types(id));
        assertEquals("PENDING", status(id));
    }

    @Test
    void aPollSaysAllThatWorkersRead() {
        String id = worker.workflows()
                .startWorkflow(startRequest()
                        .setWorkflowVersion("1.0.0")
                        .setPrioritySeconds(7)
                        .build())
                .getWorkflowExecutionId();

        WorkflowExecution work = claim();

        assertEquals(id, work.getId());
        assertEquals(work.getId(), UUID.fromString(work.getId()).toString());
        assertEquals("flow", work.getKind());
        assertEquals(SharedServers.ORG, work.getOrgId());
        assertEquals("{\"n\":1}", work.getInput().toStringUtf8());
        assertEquals(queue, work.getQueue());
        assertEquals("1.0.0", work.getWorkflowVersion());
        assertEquals(7_000, work.getPriorityMs());
        assertEquals(1, work.getCurrentSequence());
        assertTrue(work.getCreatedAtMs() > 0);
        assertTrue(work.getWorkflowTaskTimeMillis() > 0, "the workflow's clock is never 0");
        assertEquals("RUNNING", status(id));
    }

    @Test
    void theClockOfAnActivationDoesNotRunBackwards() {
        String id = start();
        long first = claim().getWorkflowTaskTimeMillis();
        suspend(id);
        signal(id, "go", "1");

        assertTrue(claim().getWorkflowTaskTimeMillis() >= first);
    }

    @Test
    void workComesInOrderOfCreationLessPriority() {
        Iterator<String> keys = keysOfOnePartition();
        String early = startWith(keys.next(), 0);
        String urgent = startWith(keys.next(), 60);
        String late = startWith(keys.next(), 0);

        assertEquals(List.of(urgent, early, late), List.of(claim().getId(), claim().getId(), claim().getId()));
    }

    @Test
    void workOfOtherPartitionsComesInThatOrderToo() {
        List<String> urgent = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            start();
            urgent.add(startWith(queue + i, 60));
            start();
        }

        List<String> handed = new ArrayList<>();
        for (int i = 0; i < urgent.size(); i++) {
            handed.add(claim().getId());
        }
        assertEquals(Set.copyOf(urgent), Set.copyOf(handed));
    }

    private Iterator<String> keysOfOnePartition() {
        return IntStream.iterate(0, i -> i + 1)
                .mapToObj(i -> queue + i)
                .filter(key -> Shards.of(UUID.fromString(SharedServers.ORG), key) % 16 == 0)
                .iterator();
    }

    private String startWith(String key, int prioritySeconds) {
        return worker.workflows()
                .startWorkflow(startRequest()
                        .setIdempotencyKey(key)
                        .setPrioritySeconds(prioritySeconds)
                        .build())
                .getWorkflowExecutionId();
    }

    @Test
    void anEmptyQueueIsTheDefaultOne() {
        String id = worker.workflows()
                .startWorkflow(
                        startRequest().setQueue("").setWorkflowKind(queue).build())
                .getWorkflowExecutionId();

        assertEquals("default", only(id, "WORKFLOW_STARTED").text("queue"));
        assertEquals(id, worker.poll(queue + "-d", "", LONG_S).orElseThrow().getId());
    }

    @Test
    void aKindThatNoWorkerRegisteredIsAccepted() {
        String id = worker.workflows()
                .startWorkflow(
                        startRequest().setWorkflowKind("nobody-knows-" + queue).build())
                .getWorkflowExecutionId();

        assertEquals(id, claim().getId());
    }

    @Test
    void withoutAKeyEachStartIsAnother() {
        StartWorkflowResponse first =
                worker.workflows().startWorkflow(startRequest().build());

        assertFalse(first.getIdempotencyKeyUsed());
        assertNotEquals(first.getWorkflowExecutionId(), start());
    }

    @Test
    void aKnownKeyReturnsTheExecutionWhateverElseIsAsked() {
        StartWorkflowResponse first =
                worker.workflows().startWorkflow(keyed("k").build());
        StartWorkflowResponse second = worker.workflows()
                .startWorkflow(keyed("k")
                        .setWorkflowKind("other")
                        .setInput(Commands.json("2"))
                        .build());

        assertTrue(first.getIdempotencyKeyUsed());
        assertTrue(first.getIdempotencyKeyNew());
        assertTrue(second.getIdempotencyKeyUsed());
        assertFalse(second.getIdempotencyKeyNew());
        assertEquals(first.getWorkflowExecutionId(), second.getWorkflowExecutionId());
        assertEquals(first.getWorkflowExecutionId(), claim().getId());
        assertNothingReady();
    }

    @Test
    void startsWithOneKeyAtTheSameTimeMakeOneExecution() throws Exception {
        List<Future<StartWorkflowResponse>> answers = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 24; i++) {
                answers.add(threads.submit(
                        () -> worker.workflows().startWorkflow(keyed("k").build())));
            }
            Set<String> ids = new HashSet<>();
            int news = 0;
            for (Future<StartWorkflowResponse> answer : answers) {
                StartWorkflowResponse started = answer.get(LONG_S, TimeUnit.SECONDS);
                ids.add(started.getWorkflowExecutionId());
                news += started.getIdempotencyKeyNew() ? 1 : 0;
            }

            assertEquals(1, ids.size());
            assertEquals(1, news);
        }
    }

    @Test
    void aKeyBelongsToItsOrganisation() {
        String ours = worker.workflows().startWorkflow(keyed("k").build()).getWorkflowExecutionId();
        StartWorkflowResponse theirs = place.stranger()
                .workflows()
                .startWorkflow(keyed("k").setOrgId(SharedServers.OTHER_ORG).build());

        assertTrue(theirs.getIdempotencyKeyNew());
        assertNotEquals(ours, theirs.getWorkflowExecutionId());
    }

    @Test
    void aCompletedExecutionKeepsItsKey() {
        String id = worker.workflows().startWorkflow(keyed("k").build()).getWorkflowExecutionId();
        claim();
        complete(id);

        assertEquals(id, worker.workflows().startWorkflow(keyed("k").build()).getWorkflowExecutionId());
    }

    @Test
    void aFailedExecutionGivesItsKeyBack() {
        String id = worker.workflows().startWorkflow(keyed("k").build()).getWorkflowExecutionId();
        claim();
        submit(id, WorkflowStatus.FAILED, Commands.fail("no", "ERROR"));

        assertNotEquals(id, worker.workflows().startWorkflow(keyed("k").build()).getWorkflowExecutionId());
    }

    @Test
    void aCancelledExecutionGivesItsKeyBack() {
        String id = worker.workflows().startWorkflow(keyed("k").build()).getWorkflowExecutionId();
        cancelWorkflow(id, "enough");

        assertNotEquals(id, worker.workflows().startWorkflow(keyed("k").build()).getWorkflowExecutionId());
    }

    @Test
    void aKeyLivesThirtyDaysAtTheMost() {
        assertRefused(
                Status.Code.INVALID_ARGUMENT,
                "2592000",
                () -> worker.workflows()
                        .startWorkflow(keyed("k")
                                .setIdempotencyKeyTtlSeconds(2_592_001)
                                .build()));
        worker.workflows()
                .startWorkflow(keyed("k").setIdempotencyKeyTtlSeconds(2_592_000).build());
    }

    @Test
    void aKeyEndsWithItsLife() {
        String id = worker.workflows()
                .startWorkflow(keyed("k").setIdempotencyKeyTtlSeconds(1).build())
                .getWorkflowExecutionId();

        Await.until(
                "another execution for the key",
                () -> !worker.workflows()
                        .startWorkflow(keyed("k").build())
                        .getWorkflowExecutionId()
                        .equals(id));
    }

    @Test
    void clientsStartWithEitherKindOfKey() {
        TestClient user = place.user();

        String id = user.workflows().startWorkflow(startRequest().build()).getWorkflowExecutionId();

        assertEquals(List.of("WORKFLOW_STARTED"), user.eventTypes(id));
        assertEquals(id, claim().getId());
    }

    private StartWorkflowRequest.Builder keyed(String key) {
        return startRequest().setIdempotencyKey(queue + key);
    }
}
