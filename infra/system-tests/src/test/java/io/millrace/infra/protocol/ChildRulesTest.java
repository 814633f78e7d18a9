package io.millrace.infra.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.Status;
import io.millrace.infra.testing.Await;
import io.millrace.proto.flovyn.v1.StartChildWorkflowRequest;
import io.millrace.proto.flovyn.v1.WorkflowCommand;
import io.millrace.proto.flovyn.v1.WorkflowExecution;
import io.millrace.proto.flovyn.v1.WorkflowStatus;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Child workflows: section 4.4 of the contract, trap 8. */
class ChildRulesTest extends Protocol {

    @Test
    void aChildIsAnExecutionOfItsOwnUnderAnIdThatItsParentHearsOf() {
        String given = newId();
        String parent = waiting(Commands.child(given, "c", "kid", ""));
        String child = childOf(parent, "c");
        assertEquals(child, only(parent, "CHILD_WORKFLOW_INITIATED").text("childWorkflowExecutionId"));
        assertNotEquals(given, child);

        WorkflowExecution work = claim();
        assertEquals(child, work.getId());
        assertEquals("kid", work.getKind());
        assertEquals("{\"c\":1}", work.getInput().toStringUtf8());
        Seen started = only(child, "WORKFLOW_STARTED");
        assertEquals(1, started.sequence());
        assertEquals(parent, started.text("parentExecutionId"));
        assertEquals("c", started.text("childExecutionName"));
        assertEquals(List.of("WORKFLOW_STARTED", "CHILD_WORKFLOW_INITIATED", "WORKFLOW_SUSPENDED"), types(parent));
    }

    @Test
    void noQueueAndTheDefaultOneMeanTheParents() {
        for (String said : List.of("", "default")) {
            String child = childOf(waiting(Commands.child(newId(), "c", "kid", said)), "c");

            WorkflowExecution work = claim();
            assertEquals(child, work.getId());
            assertEquals(queue, work.getQueue());
        }
    }

    @Test
    void aChildMayRunOnAQueueOfItsOwn() {
        String child = childOf(waiting(Commands.child(newId(), "c", "kid", queue + "-kids")), "c");

        assertEquals(
                child,
                worker.poll(queue + "-k", queue + "-kids", LONG_S).orElseThrow().getId());
        assertNothingReady();
    }

    @Test
    void theParentHearsOfTheLargestResultToo() {
        String parent = waiting(Commands.child(newId(), "c", "kid", ""));
        String child = childOf(parent, "c");
        claim();
        String largest = '"' + "x".repeat(1024 * 1024 - 2) + '"';
        submit(child, WorkflowStatus.COMPLETED, Commands.complete(largest));

        assertEquals(parent, claim().getId());
        assertEquals(
                parse(largest), only(parent, "CHILD_WORKFLOW_COMPLETED").data().get("output"));
    }

    @Test
    void theParentHearsOfCompletionAndWakes() {
        String parent = waiting(Commands.child(newId(), "c", "kid", ""));
        String child = childOf(parent, "c");
        claim();
        submit(child, WorkflowStatus.COMPLETED, Commands.complete("{\"r\":1}"));

        assertEquals(parent, claim().getId());
        Seen completed = only(parent, "CHILD_WORKFLOW_COMPLETED");
        assertEquals("c", completed.text("childExecutionName"));
        assertEquals(child, completed.text("childExecutionId"));
        assertEquals(parse("{\"r\":1}"), completed.data().get("output"));
    }

    @Test
    void theParentHearsOfFailureAfterOneFailureAndWakes() {
        String parent = waiting(Commands.child(newId(), "c", "kid", ""));
        String child = childOf(parent, "c");
        claim();
        submit(child, WorkflowStatus.FAILED, Commands.fail("broken toy", "ERROR"));

        assertEquals(parent, claim().getId());
        Seen failed = only(parent, "CHILD_WORKFLOW_FAILED");
        assertEquals("c", failed.text("childExecutionName"));
        assertEquals(child, failed.text("childworkflowExecutionId"));
        assertEquals(child, failed.text("childExecutionId"));
        assertEquals("broken toy", failed.text("error"));
    }

    @Test
    void aCancelledChildHasFailedForItsParent() {
        String parent = waiting(Commands.child(newId(), "c", "kid", ""));
        String child = childOf(parent, "c");
        // It begins in a partition of its own, a moment after its parent has it.
        Await.until("the child to begin", () -> status(child).equals("PENDING"));
        cancelWorkflow(child, "bedtime");

        assertEquals(parent, claim().getId());
        assertTrue(only(parent, "CHILD_WORKFLOW_FAILED").text("error").contains("bedtime"));
        assertTrue(types(parent).stream().noneMatch("CHILD_WORKFLOW_CANCELLED"::equals));
    }

    @Test
    void aParentMayCancelItsChild() {
        String given = newId();
        String parent = waiting(Commands.child(given, "c", "kid", queue + "-kids"));
        String child = childOf(parent, "c");
        signal(parent, "on", "1");
        claim();
        suspend(parent, Commands.cancelChild(given, "enough"), Commands.cancelChild(newId(), "nobody"));

        assertEquals(parent, claim().getId());
        assertTrue(only(parent, "CHILD_WORKFLOW_FAILED").text("error").contains("enough"));
        awaitLast(child, "WORKFLOW_CANCELLED", "WORKFLOW_EXECUTION_FAILED");
    }

    @Test
    void aParentMayCancelAChildInTheBatchThatStartsIt() {
        String given = newId();
        String kids = queue + "-kids"; // on that of the parent a poll might find the child before it is cancelled
        String parent = waiting(Commands.child(given, "c", "kid", kids), Commands.cancelChild(given, "no, after all"));

        assertEquals(parent, claim().getId());
        assertTrue(only(parent, "CHILD_WORKFLOW_FAILED").text("error").contains("no, after all"));
        assertTrue(worker.poll("w", kids, 0).isEmpty());
        assertNothingReady();
    }

    @Test
    void aNameMayBeUsedAgainWithANewId() {
        String first = newId();
        String second = newId();
        String parent = waiting(Commands.child(first, "c", "kid", queue + "-kids"));
        signal(parent, "on", "1");
        claim();
        suspend(parent, Commands.child(second, "c", "kid", queue + "-kids"));

        List<String> children = history(parent).stream()
                .filter(event -> event.type().equals("CHILD_WORKFLOW_INITIATED"))
                .map(event -> event.text("childExecutionId"))
                .toList();
        assertEquals(2, children.size());
        awaitStarted(children.get(1));
    }

    @Test
    void childrenHaveChildrenToAnyDepth() {
        int depth = 12;
        Deque<String> line = new ArrayDeque<>();
        line.push(start());
        for (int i = 0; i < depth; i++) {
            String parent = line.peek();
            assertEquals(parent, claim().getId());
            suspend(parent, Commands.child(newId(), "c", "kid", ""));
            line.push(childOf(parent, "c"));
        }
        List<String> ended = new ArrayList<>();
        while (!line.isEmpty()) {
            WorkflowExecution work = claim();
            assertEquals(line.pop(), work.getId());
            complete(work.getId());
            ended.add(work.getId());
        }

        assertEquals(depth + 1, ended.size());
        assertEquals(
                List.of(
                        "WORKFLOW_STARTED",
                        "CHILD_WORKFLOW_INITIATED",
                        "WORKFLOW_SUSPENDED",
                        "CHILD_WORKFLOW_COMPLETED",
                        "WORKFLOW_COMPLETED"),
                types(ended.get(depth)));
    }

    @Test
    void childrenOutliveAParentThatCompletesAndTellItNothing() {
        String parent = running();
        submit(parent, WorkflowStatus.COMPLETED, Commands.child(newId(), "c", "kid", ""), Commands.complete("1"));

        String child = childOf(parent, "c");
        assertEquals(child, claim().getId());
        complete(child);
        // A second pair shows that what the first child would have said has had its time.
        theParentHearsOfCompletionAndWakes();
        assertEquals(List.of("WORKFLOW_STARTED", "CHILD_WORKFLOW_INITIATED", "WORKFLOW_COMPLETED"), types(parent));
    }

    @Test
    void childrenOfACancelledParentAreCancelled() {
        String parent = waiting(Commands.child(newId(), "c", "kid", ""));
        String child = childOf(parent, "c");
        assertEquals(child, claim().getId());
        suspend(child, Commands.child(newId(), "g", "kid", queue + "-kids"));
        String grandchild = childOf(child, "g");
        awaitStarted(grandchild);
        cancelWorkflow(parent, "enough");

        awaitLast(child, "WORKFLOW_CANCELLED", "WORKFLOW_EXECUTION_FAILED");
        awaitLast(grandchild, "WORKFLOW_CANCELLED", "WORKFLOW_EXECUTION_FAILED");
        assertNothingReady();
    }

    @Test
    void anIdThatIsInUseIsAsGoodAsAnyOther() {
        String taken = waiting();
        String parent = waiting(Commands.child(taken, "c", "kid", ""));

        String child = childOf(parent, "c");
        assertEquals(child, claim().getId());
        complete(child);
        assertEquals(parent, claim().getId());
        only(parent, "CHILD_WORKFLOW_COMPLETED");
        assertEquals(2, types(taken).size());
    }

    @Test
    void twoParentsMayNameTheirChildrenAlike() {
        String given = newId();
        String parent = running();
        String other = running();
        suspend(parent, Commands.child(given, "c", "kid", ""));
        suspend(other, Commands.child(given, "c", "kid", ""));

        String first = childOf(parent, "c");
        String second = childOf(other, "c");

        assertNotEquals(first, second);
        assertEquals(Set.of(first, second), Set.of(claim().getId(), claim().getId()));
    }

    @Test
    void startChildWorkflowInheritsTheQueueAndWantsAParent() {
        String parent = waiting();
        StartChildWorkflowRequest.Builder request = StartChildWorkflowRequest.newBuilder()
                .setOrgId(orgId)
                .setChildExecutionName("c")
                .setWorkflowKind("kid")
                .setParentWorkflowExecutionId(parent);
        String child = worker.workflows().startChildWorkflow(request.build()).getChildWorkflowExecutionId();

        assertEquals(child, claim().getId());
        String unknown = newId();
        assertRefused(
                Status.Code.NOT_FOUND,
                unknown,
                () -> worker.workflows()
                        .startChildWorkflow(
                                request.setParentWorkflowExecutionId(unknown).build()));
    }

    @Test
    void aWorkflowThatHasEndedGetsNoChildren() {
        String parent = running();
        complete(parent);

        assertRefused(
                Status.Code.FAILED_PRECONDITION,
                parent + " is COMPLETED",
                () -> worker.workflows()
                        .startChildWorkflow(StartChildWorkflowRequest.newBuilder()
                                .setOrgId(orgId)
                                .setChildExecutionName("c")
                                .setWorkflowKind("kid")
                                .setParentWorkflowExecutionId(parent)
                                .build()));
        assertRefused(
                Status.Code.FAILED_PRECONDITION,
                parent + " is COMPLETED",
                () -> worker.workflows()
                        .startWorkflow(startRequest()
                                .setParentWorkflowExecutionId(parent)
                                .build()));
        assertNothingReady();
    }

    @Test
    void aParentHearsOfEachOfTwoThousandChildren() {
        int children = 2_000;
        String parent = waiting(IntStream.range(0, children)
                .mapToObj(child -> Commands.child(newId(), "c-" + child, "kid", ""))
                .toArray(WorkflowCommand[]::new));
        Set<String> done = ConcurrentHashMap.newKeySet();
        try (ExecutorService workers = Executors.newVirtualThreadPerTaskExecutor()) {
            List<CompletableFuture<Void>> working = IntStream.range(0, 8)
                    .mapToObj(number -> CompletableFuture.runAsync(
                            () -> {
                                while (done.size() < children) {
                                    worker.poll("w-" + number, queue, 1)
                                            .ifPresent(work -> goOn(work.getId(), parent, done));
                                }
                            },
                            workers))
                    .toList();
            working.forEach(CompletableFuture::join);
        }

        Await.until(
                "the parent to hear of all",
                () -> history(parent).stream()
                        .filter(event -> event.type().equals("CHILD_WORKFLOW_COMPLETED"))
                        .map(event -> event.text("childExecutionId"))
                        .collect(Collectors.toSet())
                        .equals(done));
    }

    private void goOn(String work, String parent, Set<String> done) {
        if (work.equals(parent)) {
            suspend(parent); // woken by those that have ended already
        } else {
            complete(work);
            assertTrue(done.add(work), "handed out twice");
        }
    }
}
