package io.millrace.notifier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class SerialPollerTest {

    @Test
    void aSerialPollerIsHeldForAMomentOnly() throws Exception {
        try (Stage stage = new Stage(NotifierConfig.defaults(), 4)) {
            stage.workers.register("serial", List.of("echo"), List.of("resize"));
            long begun = System.nanoTime();
            for (int i = 0; i < 2; i++) {
                assertFalse(stage.poll("serial", 30).get(5, TimeUnit.SECONDS).hasWorkflowExecution());
                assertFalse(stage.pollTask("serial", 30).get(5, TimeUnit.SECONDS).hasTask());
            }
            long heldMs = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun);
            assertTrue(heldMs >= 700, "four polls held for " + heldMs + " ms in all");
        }
    }

    @Test
    void workOfTheOtherTypeEndsASerialPollEarly() throws Exception {
        try (Stage stage = new Stage(longSerialHold(), 4)) {
            stage.workers.register("serial", List.of("echo"), List.of("resize"));
            var workflows = stage.poll("serial", 30);
            Stage.await(() -> stage.notifier.stats().queues() == 2);

            stage.log.submitTask(Stage.ORG, Stage.QUEUE, "resize");

            assertFalse(workflows.get(5, TimeUnit.SECONDS).hasWorkflowExecution());
            assertTrue(stage.pollTask("serial", 30).get(5, TimeUnit.SECONDS).hasTask());
            assertEquals(0, stage.notifier.stats().queues());
        }
    }

    @Test
    void workOfTheOtherTypeThatTheWorkerDoesNotKnowEndsNothing() throws Exception {
        try (Stage stage = new Stage(longSerialHold(), 4)) {
            stage.workers.register("serial", List.of("echo"), List.of("resize"));
            var workflows = stage.poll("serial", 30);
            Stage.await(() -> stage.notifier.stats().queues() == 2);

            stage.log.submitTask(Stage.ORG, Stage.QUEUE, "unknown");

            assertFalse(workflows.isDone());
            stage.log.startWorkflow(Stage.ORG, Stage.QUEUE, "echo");
            assertTrue(workflows.get(5, TimeUnit.SECONDS).hasWorkflowExecution());
        }
    }

    @Test
    void aWorkerThatHoldsBothAtOnceIsHeldForItsWholeTime() throws Exception {
        try (Stage stage = new Stage(NotifierConfig.defaults(), 4)) {
            stage.workers.register("parallel", List.of("echo"), List.of("resize"));
            var firstWorkflows = stage.poll("parallel", 30);
            var tasks = stage.pollTask("parallel", 30);
            firstWorkflows.get(5, TimeUnit.SECONDS);

            long begun = System.nanoTime();
            assertFalse(stage.poll("parallel", 1).get(5, TimeUnit.SECONDS).hasWorkflowExecution());

            assertTrue(System.nanoTime() - begun >= TimeUnit.MILLISECONDS.toNanos(900));
            assertFalse(tasks.isDone());
        }
    }

    @Test
    void aWorkerThatRegisteredOneTypeAndPollsBothIsHeldForAMomentOnly() throws Exception {
        try (Stage stage = new Stage(NotifierConfig.defaults(), 4)) {
            stage.workers.register("tasks only", List.of(), List.of("resize"));
            for (int i = 0; i < 4; i++) {
                assertFalse(stage.poll("tasks only", 30).get(5, TimeUnit.SECONDS).hasWorkflowExecution());
                assertFalse(stage.pollTask("tasks only", 30).get(5, TimeUnit.SECONDS).hasTask());
            }

            var workflows = stage.poll("tasks only", 30);
            stage.log.submitTask(Stage.ORG, Stage.QUEUE, "resize");

            assertFalse(workflows.get(5, TimeUnit.SECONDS).hasWorkflowExecution());
            assertTrue(stage.pollTask("tasks only", 30).get(5, TimeUnit.SECONDS).hasTask());
        }
    }

    @Test
    void aWorkerThatPollsOneTypeIsHeldForItsWholeTimeAfterAFewRounds() throws Exception {
        try (Stage stage = new Stage(NotifierConfig.defaults(), 4)) {
            for (int i = 0; i < NotifierConfig.defaults().loneRounds(); i++) {
                assertFalse(stage.poll("one type", 30).get(5, TimeUnit.SECONDS).hasWorkflowExecution());
            }
            long begun = System.nanoTime();
            assertFalse(stage.poll("one type", 1).get(5, TimeUnit.SECONDS).hasWorkflowExecution());
            assertTrue(System.nanoTime() - begun >= TimeUnit.MILLISECONDS.toNanos(900));
        }
    }

    private static NotifierConfig longSerialHold() {
        return NotifierConfig.defaults().withSerialHold(Duration.ofSeconds(30));
    }
}
