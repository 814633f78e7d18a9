package io.millrace.infra.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.Status;
import io.millrace.proto.flovyn.v1.StartChildWorkflowRequest;
import io.millrace.proto.flovyn.v1.WorkflowExecution;
import io.millrace.proto.flovyn.v1.WorkflowStatus;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Child workflows: section 4.4 of the contract, trap 8. */
class ChildRulesTest extends Protocol {

    @Test
    void aChildIsAnExecutionOfItsOwnUnderTheIdThatItsParentChose() {
        String child = newId();
        String parent = waiting(Commands.child(child, "c", "kid", ""));

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
            String child = newId();
            waiting(Commands.child(child, "c", "kid", said));

            WorkflowExecution work = claim();
            assertEquals(child, work.getId());
            assertEquals(queue, work.getQueue());
        }
    }

    @Test
    void aChildMayRunOnAQueueOfItsOwn() {
        String child = newId();
        waiting(Commands.child(child, "c", "kid", queue + "-kids"));

        assertEquals(child, worker.poll(queue + "-k", queue + "-kids", LONG_S).orElseThrow().getId());
        assertNothingReady();
    }

    @Test
    void theParentHearsOfTheLargestResultToo() {
        String child = newId();
        String parent = waiting(Commands.child(child, "c", "kid", ""));
        claim();
        String largest = '"' + "x".repeat(1024 * 1024 - 2) + '"';
        submit(child, WorkflowStatus.COMPLETED, Commands.complete(largest));

        assertEquals(parent, claim().getId());
        assertEquals(parse(largest), only(parent, "CHILD_WORKFLOW_COMPLETED").data().get("output"));
    }

    @Test
    void theParentHearsOfCompletionAndWakes() {
        String child = newId();
        String parent = waiting(Commands.child(child, "c", "kid", ""));
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
        String child = newId();
        String parent = waiting(Commands.child(child, "c", "kid", ""));
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
        String child = newId();
        String parent = waiting(Commands.child(child, "c", "kid", ""));
        cancelWorkflow(child, "bedtime");

        assertEquals(parent, claim().getId());
        assertTrue(only(parent, "CHILD_WORKFLOW_FAILED").text("error").contains("bedtime"));
        assertTrue(types(parent).stream().noneMatch("CHILD_WORKFLOW_CANCELLED"::equals));
    }

    @Test
    void aParentMayCancelItsChild() {
        String child = newId();
        String parent = waiting(Commands.child(child, "c", "kid", queue + "-kids"));
        signal(parent, "on", "1");
        claim();
        suspend(parent, Commands.cancelChild(child, "enough"), Commands.cancelChild(newId(), "nobody"));

        assertEquals(parent, claim().getId());
        assertTrue(only(parent, "CHILD_WORKFLOW_FAILED").text("error").contains("enough"));
        awaitLast(child, "WORKFLOW_CANCELLED", "WORKFLOW_EXECUTION_FAILED");
    }

    @Test
    void aParentMayCancelAChildInTheBatchThatStartsIt() {
        String child = newId();
        String parent = waiting(Commands.child(child, "c", "kid", ""), Commands.cancelChild(child, "no, after all"));

        assertEquals(parent, claim().getId());
        assertTrue(only(parent, "CHILD_WORKFLOW_FAILED").text("error").contains("no, after all"));
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

        assertEquals(2, types(parent).stream().filter("CHILD_WORKFLOW_INITIATED"::equals).count());
        awaitStarted(second);
    }

    @Test
    void childrenHaveChildrenToAnyDepth() {
        int depth = 12;
        Deque<String> line = new ArrayDeque<>();
        line.push(start());
        for (int i = 0; i < depth; i++) {
            String parent = line.peek();
            assertEquals(parent, claim().getId());
            String child = newId();
            suspend(parent, Commands.child(child, "c", "kid", ""));
            line.push(child);
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
                List.of("WORKFLOW_STARTED", "CHILD_WORKFLOW_INITIATED", "WORKFLOW_SUSPENDED",
                        "CHILD_WORKFLOW_COMPLETED", "WORKFLOW_COMPLETED"),
                types(ended.get(depth)));
    }

    @Test
    void childrenOutliveAParentThatCompletesAndTellItNothing() {
        String child = newId();
        String parent = running();
        submit(parent, WorkflowStatus.COMPLETED, Commands.child(child, "c", "kid", ""), Commands.complete("1"));

        assertEquals(child, claim().getId());
        complete(child);
        // A second pair shows that what the first child would have said has had its time.
        theParentHearsOfCompletionAndWakes();
        assertEquals(List.of("WORKFLOW_STARTED", "CHILD_WORKFLOW_INITIATED", "WORKFLOW_COMPLETED"), types(parent));
    }

    @Test
    void childrenOfACancelledParentAreCancelled() {
        String child = newId();
        String grandchild = newId();
        String parent = waiting(Commands.child(child, "c", "kid", ""));
        assertEquals(child, claim().getId());
        suspend(child, Commands.child(grandchild, "g", "kid", queue + "-kids"));
        awaitStarted(grandchild);
        cancelWorkflow(parent, "enough");

        awaitLast(child, "WORKFLOW_CANCELLED", "WORKFLOW_EXECUTION_FAILED");
        awaitLast(grandchild, "WORKFLOW_CANCELLED", "WORKFLOW_EXECUTION_FAILED");
        assertNothingReady();
    }

    @Test
    void anIdThatIsInUseFailsTheChildForItsParent() {
        String taken = waiting();
        String parent = waiting(Commands.child(taken, "c", "kid", ""));

        assertEquals(parent, claim().getId());
        assertTrue(only(parent, "CHILD_WORKFLOW_FAILED").text("error").contains(taken));
        assertEquals(2, types(taken).size());
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
        assertRefused(Status.Code.NOT_FOUND, unknown, () -> worker.workflows()
                .startChildWorkflow(request.setParentWorkflowExecutionId(unknown).build()));
    }

    @Test
    void aWorkflowThatHasEndedGetsNoChildren() {
        String parent = running();
        complete(parent);

        assertRefused(Status.Code.FAILED_PRECONDITION, parent + " is COMPLETED", () -> worker.workflows()
                .startChildWorkflow(StartChildWorkflowRequest.newBuilder()
                        .setOrgId(orgId)
                        .setChildExecutionName("c")
                        .setWorkflowKind("kid")
                        .setParentWorkflowExecutionId(parent)
                        .build()));
        assertRefused(Status.Code.FAILED_PRECONDITION, parent + " is COMPLETED", () -> worker.workflows()
                .startWorkflow(startRequest().setParentWorkflowExecutionId(parent).build()));
        assertNothingReady();
    }
}
