package io.millrace.infra.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.grpc.Status;
import io.millrace.infra.system.TestHttp;
import io.millrace.infra.testing.Await;
import io.millrace.proto.flovyn.v1.CancelTaskRequest;
import io.millrace.proto.flovyn.v1.HeartbeatRequest;
import io.millrace.proto.flovyn.v1.LogMessageRequest;
import io.millrace.proto.flovyn.v1.ReportProgressRequest;
import io.millrace.proto.flovyn.v1.ScheduleTaskCommand;
import io.millrace.proto.flovyn.v1.SubmitTaskRequest;
import io.millrace.proto.flovyn.v1.SubmitTaskResponse;
import io.millrace.proto.flovyn.v1.TaskExecutionInfo;
import io.millrace.proto.flovyn.v1.WorkflowCommand;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Tasks of workflows and tasks alone: sections 2.3, 4.3 and 7A of the contract, traps 8 and 12. */
class TaskRulesTest extends Protocol {

    @Test
    void aTaskIsReadyOnceItStandsInTheHistory() {
        String task = newId();
        String id = running();
        assertTrue(pollTask(0).isEmpty());

        suspend(id, Commands.task(task, "mail"));

        TaskExecutionInfo info = claimTask();
        assertTrue(types(id).contains("TASK_SCHEDULED"));
        assertEquals(task, info.getTaskExecutionId());
        assertEquals("mail", info.getKind());
        assertEquals("{\"a\":1}", info.getInput().toStringUtf8());
        assertEquals(id, info.getWorkflowExecutionId());
        assertEquals(1, info.getExecutionCount());
        assertEquals(queue, info.getQueue());
        assertEquals("RUNNING", taskStatus(task));
    }

    @Test
    void completionNeverStandsBeforeScheduling() {
        String task = newId();
        String id = waiting(Commands.task(task, "t"));
        completeTask(claimTask().getTaskExecutionId(), "{\"r\":2}");

        assertEquals(List.of("WORKFLOW_STARTED", "TASK_SCHEDULED", "WORKFLOW_SUSPENDED", "TASK_COMPLETED"), types(id));
        assertEquals(task, only(id, "TASK_COMPLETED").text("taskExecutionId"));
        assertEquals(parse("{\"r\":2}"), only(id, "TASK_COMPLETED").data().get("output"));
        assertEquals("COMPLETED", taskStatus(task));
    }

    @Test
    void aTaskMayRunOnAQueueOfItsOwn() {
        String task = newId();
        waiting(Commands.task(ScheduleTaskCommand.newBuilder()
                .setTaskExecutionId(task)
                .setKind("t")
                .setQueue(queue + "-other")));

        assertTrue(pollTask(0).isEmpty());
        assertEquals(
                task,
                worker.tasks()
                        .pollTask(taskPoll(queue + "-w", queue + "-other", LONG_S))
                        .getTask()
                        .getTaskExecutionId());
    }

    @Test
    void threeRetriesFollowTheFirstAttemptUnlessSaidOtherwise() {
        String task = newId();
        String id = waiting(Commands.task(task, "t"));
        for (int attempt = 1; attempt <= 4; attempt++) {
            assertFalse(types(id).contains("TASK_FAILED"));
            assertEquals(attempt, claimTask().getExecutionCount());
            failTask(task, "failure " + attempt);
        }

        Seen failed = only(id, "TASK_FAILED");
        assertEquals(task, failed.text("taskExecutionId"));
        assertEquals("failure 4", failed.text("error"));
        assertEquals("FAILED", taskStatus(task));
        assertTrue(pollTask(0).isEmpty());
    }

    @Test
    void withoutRetriesTheFirstFailureIsFinal() {
        String task = newId();
        String id = waiting(once(task));
        claimTask();
        failTask(task, "no");

        assertEquals("no", only(id, "TASK_FAILED").text("error"));
    }

    @Test
    void aFailureThatIsTriedAgainLeavesNoEvent() {
        String task = newId();
        String id = waiting(Commands.task(task, "t"));
        List<String> before = types(id);
        claimTask();
        failTask(task, "once");

        assertEquals(before, types(id));
        assertEquals("PENDING", taskStatus(task));
        assertTrue(task(task).path("workerId").isNull(), "no worker holds it any more");
        claimTask();
        completeTask(task, "1");
        awaitLast(id, "TASK_COMPLETED");
    }

    @Test
    void theDeadlineCountsFromCreationAndFailsWithoutRetry() {
        String task = newId();
        String id = waiting(Commands.task(ScheduleTaskCommand.newBuilder()
                .setTaskExecutionId(task)
                .setKind("t")
                .setTimeoutMs(700)));
        claimTask();
        heartbeat(task);

        awaitLast(id, "TASK_FAILED");
        assertTrue(only(id, "TASK_FAILED").text("error").contains("timed out"));
        assertEquals("FAILED", taskStatus(task));
        assertEquals(id, claim().getId());
    }

    @Test
    void theDeadlineHoldsForTasksThatNobodyTook() {
        String id = waiting(Commands.task(ScheduleTaskCommand.newBuilder()
                .setTaskExecutionId(newId())
                .setKind("t")
                .setTimeoutMs(300)));

        awaitLast(id, "TASK_FAILED");
        assertTrue(pollTask(0).isEmpty());
    }

    @Test
    void lateRepeatedAndStrayReportsAreAnsweredAndChangeNothing() {
        String task = newId();
        String id = waiting(Commands.task(task, "t"));
        completeTask(task, "\"stray\"");
        assertEquals("PENDING", taskStatus(task));
        claimTask();
        completeTask(task, "1");
        List<String> after = types(id);

        completeTask(task, "2");
        failTask(task, "late");
        heartbeat(task);
        progress(task, 0.5);
        log(task, "late line");

        assertEquals(after, types(id));
        assertEquals(1, only(id, "TASK_COMPLETED").data().path("output").asInt());
        assertEquals("COMPLETED", taskStatus(task));
    }

    @Test
    void aReportAfterTheDeadlineIsIgnored() {
        String task = newId();
        String id = waiting(Commands.task(ScheduleTaskCommand.newBuilder()
                .setTaskExecutionId(task)
                .setKind("t")
                .setTimeoutMs(300)));
        claimTask();
        awaitLast(id, "TASK_FAILED");
        List<String> after = types(id);

        completeTask(task, "1");

        assertEquals(after, types(id));
        assertEquals("FAILED", taskStatus(task));
    }

    @Test
    void aCancelledTaskSurfacesAsAFailedOne() {
        String running = newId();
        String pending = newId();
        String id = waiting(Commands.task(running, "t"));
        claimTask();
        cancelTask(running);

        Seen failed = only(id, "TASK_FAILED");
        assertEquals(running, failed.text("taskExecutionId"));
        assertEquals("Cancelled by request", failed.text("error"));
        assertEquals("CANCELLED", taskStatus(running));
        claim();
        suspend(id, Commands.task(pending, "t"));
        cancelTask(pending);
        awaitLast(id, "TASK_FAILED");
        assertEquals("CANCELLED", taskStatus(pending));
        assertTrue(pollTask(0).isEmpty());
        assertRefused(Status.Code.FAILED_PRECONDITION, "CANCELLED", () -> cancelTask(running));
    }

    @Test
    void whatEndsInACancelledTaskIsIgnored() {
        String task = newId();
        String id = waiting(Commands.task(task, "t"));
        claimTask();
        cancelTask(task);
        List<String> after = types(id);

        completeTask(task, "1");

        assertEquals(after, types(id));
    }

    @Test
    void tasksOfAWorkflowThatShareAKeyAreBothScheduled() {
        ScheduleTaskCommand.Builder task =
                ScheduleTaskCommand.newBuilder().setKind("t").setIdempotencyKey(queue);
        waiting(
                Commands.task(task.clone().setTaskExecutionId(newId())),
                Commands.task(task.clone().setTaskExecutionId(newId())));

        assertNotEquals(claimTask().getTaskExecutionId(), claimTask().getTaskExecutionId());
    }

    @Test
    void aTaskIdOfAnotherKindIsRefused() {
        String task = newId();
        String id = waiting(Commands.task(task, "t"));
        signal(id, "on", "1");
        claim();
        List<String> before = types(id);

        assertRefused(Status.Code.FAILED_PRECONDITION, task, () -> suspend(id, Commands.task(task, "quite-another")));

        assertEquals(before, types(id));
        complete(id);
    }

    @Test
    @Execution(ExecutionMode.CONCURRENT)
    void aWorkerThatInsistsOnATaskIdOfAnotherKindFailsTheWorkflowOfIt() {
        String task = newId();
        String id = waiting(Commands.task(task, "t"));
        signal(id, "on", "1");

        for (int round = 0; round < 3; round++) {
            claim();
            assertRefused(
                    Status.Code.FAILED_PRECONDITION, task, () -> suspend(id, Commands.task(task, "quite-another")));
        }

        awaitLast(id, "WORKFLOW_EXECUTION_FAILED", "WORKFLOW_FAILED");
        assertTrue(only(id, "WORKFLOW_FAILED").text("error").contains("as it was scheduled"));
    }

    @Test
    void twoOrganisationsMayUseTheSameTaskId() {
        String task = newId();
        String ours = waiting(Commands.task(task, "t"));
        claimTask();
        Neighbour neighbour = new Neighbour();
        String theirs = neighbour.runningTask(task);

        completeTask(task, "\"ours\"");
        assertEquals("ours", only(ours, "TASK_COMPLETED").text("output"));
        assertFalse(place.stranger().eventTypes(theirs).contains("TASK_COMPLETED"));
        neighbour.completeTask(task, "\"theirs\"");
        assertTrue(place.stranger().eventTypes(theirs).contains("TASK_COMPLETED"));
    }

    @Test
    void progressAndLogAreKept() {
        String task = newId();
        waiting(Commands.task(task, "t"));
        claimTask();
        progress(task, 0.25);
        progress(task, 0.75);
        log(task, "first");
        log(task, "second");

        JsonNode seen = task(task);
        assertEquals(0.75, seen.path("progress").asDouble());
        assertEquals("details", seen.path("progressDetails").asText());
        assertEquals(List.of("first", "second"), seen.path("log").findValuesAsText("message"));
        assertEquals("WARN", seen.path("log").path(0).path("level").asText());
    }

    @Test
    void theTaskOfADeadWorkerIsHandedOutAgainAsAnotherAttempt() {
        new ShortLeases().handedOutAgain();
    }

    @Test
    void aHeartbeatKeepsTheLease() {
        new ShortLeases().keptByHeartbeats();
    }

    @Test
    void aStandaloneTaskHasNoWorkflow() {
        String id = submit(standalone()).getTaskExecutionId();

        TaskExecutionInfo info = claimTask();
        assertEquals(id, info.getTaskExecutionId());
        assertEquals("", info.getWorkflowExecutionId());
        assertEquals(1, info.getExecutionCount());
        completeTask(id, "{\"done\":true}");

        assertEquals("COMPLETED", taskStatus(id));
        assertEquals(parse("{\"done\":true}"), task(id).get("output"));
        assertTrue(task(id).path("workflowExecutionId").isNull());
    }

    @Test
    void aStandaloneTaskIsTriedAgainAsOftenAsAsked() {
        String id = submit(standalone().setMaxRetries(1)).getTaskExecutionId();
        claimTask();
        failTask(id, "one");
        assertEquals(2, claimTask().getExecutionCount());
        failTask(id, "two");

        assertEquals("FAILED", taskStatus(id));
        assertEquals("two", task(id).path("error").asText());
    }

    @Test
    void aStandaloneTaskHasADeadlineToo() {
        String id = submit(standalone().setTimeoutMs(300).setMaxRetries(3)).getTaskExecutionId();

        Await.until("end of " + id, () -> taskStatus(id).equals("FAILED"));
        assertTrue(task(id).path("error").asText().contains("timed out"));
    }

    @Test
    void theSameKeyAndKindIsTheSameTask() {
        SubmitTaskResponse first = submit(standalone().setIdempotencyKey(queue));
        SubmitTaskResponse second = submit(standalone().setIdempotencyKey(queue));

        assertTrue(first.getIdempotencyKeyUsed() && first.getIdempotencyKeyNew());
        assertTrue(second.getIdempotencyKeyUsed() && !second.getIdempotencyKeyNew());
        assertEquals(first.getTaskExecutionId(), second.getTaskExecutionId());
        claimTask();
        assertTrue(pollTask(0).isEmpty());
    }

    @Test
    void theSameKeyWithAnotherKindIsAConflict() {
        submit(standalone().setIdempotencyKey(queue));

        assertRefused(
                Status.Code.ALREADY_EXISTS,
                "kind t",
                () -> submit(standalone().setIdempotencyKey(queue).setKind("u")));
        TestHttp.Answer answer = place.http()
                .post(
                        place.server().http("/api/orgs/dev/task-executions"),
                        "{\"kind\":\"u\",\"idempotencyKey\":\"" + queue + "\"}");
        assertEquals(409, answer.status());
    }

    @Test
    void withoutAKeyEachTaskIsAnother() {
        assertNotEquals(
                submit(standalone()).getTaskExecutionId(), submit(standalone()).getTaskExecutionId());
    }

    @Test
    void onlyItsOwnWorkerSchedulesTasksOfAWorkflow() {
        String id = start();

        assertRefused(
                Status.Code.FAILED_PRECONDITION, id, () -> submit(standalone().setWorkflowExecutionId(id)));
        assertEquals(List.of("WORKFLOW_STARTED"), types(id));
    }

    @Test
    void aTaskOfAWorkflowThatTheOrganisationDoesNotHaveIsNotFound() {
        String unknown = newId();
        String ours = start();

        assertRefused(Status.Code.NOT_FOUND, unknown, () -> submit(standalone().setWorkflowExecutionId(unknown)));
        assertRefused(
                Status.Code.NOT_FOUND,
                ours,
                () -> place.stranger()
                        .tasks()
                        .submitTask(standalone()
                                .setOrgId(SharedServers.OTHER_ORG)
                                .setWorkflowExecutionId(ours)
                                .build()));
    }

    @Test
    void aTaskMayBeScheduledForLaterOverHttp() {
        scheduledOverHttp(Duration.ofHours(1));
        assertTrue(pollTask(0).isEmpty());

        String id = scheduledOverHttp(Duration.ofMillis(1_500));
        assertEquals(id, claimTask().getTaskExecutionId());
        assertTrue(pollTask(0).isEmpty());
    }

    private String scheduledOverHttp(Duration later) {
        String body = "{\"kind\":\"t\",\"queue\":\"%s\",\"scheduledAt\":\"%s\"}";
        return place.http()
                .post(
                        place.server().http("/api/orgs/dev/task-executions"),
                        body.formatted(queue, Instant.now().plus(later)))
                .body()
                .path("id")
                .asText();
    }

    private static WorkflowCommand once(String task) {
        return Commands.task(ScheduleTaskCommand.newBuilder()
                .setTaskExecutionId(task)
                .setKind("t")
                .setMaxRetries(0));
    }

    private SubmitTaskRequest.Builder standalone() {
        return SubmitTaskRequest.newBuilder()
                .setOrgId(SharedServers.ORG)
                .setKind("t")
                .setQueue(queue)
                .setInput(Commands.json("1"));
    }

    private SubmitTaskResponse submit(SubmitTaskRequest.Builder request) {
        return worker.tasks().submitTask(request.build());
    }

    private String taskStatus(String task) {
        return task(task).path("status").asText();
    }

    private void cancelTask(String task) {
        place.admin()
                .tasks()
                .cancelTask(
                        CancelTaskRequest.newBuilder().setTaskExecutionId(task).build());
    }

    private void progress(String task, double value) {
        worker.tasks()
                .reportProgress(ReportProgressRequest.newBuilder()
                        .setTaskExecutionId(task)
                        .setProgress(value)
                        .setDetails("details")
                        .build());
    }

    private void log(String task, String message) {
        worker.tasks()
                .logMessage(LogMessageRequest.newBuilder()
                        .setTaskExecutionId(task)
                        .setLevel("WARN")
                        .setMessage(message)
                        .build());
    }

    private void heartbeat(String task) {
        worker.tasks()
                .heartbeat(
                        HeartbeatRequest.newBuilder().setTaskExecutionId(task).build());
    }

    /** The worker of the other organisation. */
    private static final class Neighbour extends Protocol {

        Neighbour() {
            super(SharedServers.usual(), SharedServers.usual().stranger(), SharedServers.OTHER_ORG);
        }

        /** @return id of a workflow whose task of this id runs */
        String runningTask(String task) {
            String id = waiting(Commands.task(task, "t"));
            assertEquals(task, claimTask().getTaskExecutionId());
            return id;
        }
    }

    private static final class ShortLeases extends Protocol {

        ShortLeases() {
            super(SharedServers.strict());
        }

        void handedOutAgain() {
            String task = newId();
            String id = waiting(Commands.task(task, "t"));
            assertEquals(1, claimTask().getExecutionCount());

            assertEquals(2, claimTask().getExecutionCount());
            completeTask(task, "1");
            awaitLast(id, "TASK_COMPLETED");
        }

        void keptByHeartbeats() {
            String task = newId();
            waiting(Commands.task(task, "t"));
            assertEquals(1, claimTask().getExecutionCount());
            long leases = System.nanoTime() + SharedServers.STRICT_LEASE.toNanos() * 3 / 2;
            Await.until("more than a lease to pass", () -> {
                worker.tasks()
                        .heartbeat(HeartbeatRequest.newBuilder()
                                .setTaskExecutionId(task)
                                .build());
                return System.nanoTime() - leases > 0;
            });

            assertEquals("RUNNING", task(task).path("status").asText());
            assertEquals(1, task(task).path("executionCount").asInt());
        }
    }
}
