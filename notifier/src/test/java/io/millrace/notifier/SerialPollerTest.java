package io.millrace.notifier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.notifier.config.NotifierConfig;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class SerialPollerTest {

    /** Polls of one type in vain after which the other is not expected any more. */
    private static final int LONE_ROUNDS = 3;

    @Test
    void theFirstPollOfAnIdThatIsNoRegistrationIsHeldUntilWorkComes() throws Exception {
        try (Stage stage = new Stage(NotifierConfig.defaults().withSerialHold(Duration.ofMillis(1)), 4)) {
            String other = register(stage, "other");
            register(stage, "name");
            var stranger = stage.poll("stranger", 30);
            var byName = stage.pollTask("name", 30);

            for (int i = 0; i < LONE_ROUNDS; i++) {
                assertFalse(stage.poll(other, 30).get(5, TimeUnit.SECONDS).hasWorkflowExecution());
            }
            assertFalse(stranger.isDone() || byName.isDone());

            stage.log.startWorkflow(Stage.ORG, Stage.QUEUE, "echo");
            stage.log.submitTask(Stage.ORG, Stage.QUEUE, "resize");
            assertTrue(stranger.get(5, TimeUnit.SECONDS).hasWorkflowExecution());
            assertTrue(byName.get(5, TimeUnit.SECONDS).hasTask());
        }
    }

    @Test
    void aWorkerThatPollsByItsUuidIsHeldForAMomentOnly() throws Exception {
        try (Stage stage = new Stage()) {
            String serial = register(stage, "serial");
            long begun = System.nanoTime();
            takeTurns(stage, serial, 2);
            long heldMs = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun);
            assertTrue(heldMs >= 700, "four polls held for " + heldMs + " ms in all");
        }
    }

    @Test
    void anyoneWhoTakesTurnsIsHeldForAMomentOnly() throws Exception {
        try (Stage stage = new Stage()) {
            assertFalse(stage.pollTask("serial", 1).get(5, TimeUnit.SECONDS).hasTask());
            takeTurns(stage, "serial", 2);
        }
    }

    /** As the Python SDK calls: whoever waits on the same thread for what came of the work has its turn between two polls. */
    @Test
    void aSerialPollerThatHasJustHadWorkIsHeldForLessThanAMoment() throws Exception {
        try (Stage stage = new Stage(longSerialHold(), 4)) {
            String serial = register(stage, "serial");
            stage.log.startWorkflow(Stage.ORG, Stage.QUEUE, "echo");

            assertTrue(stage.poll(serial, 30).get(5, TimeUnit.SECONDS).hasWorkflowExecution());

            assertFalse(stage.pollTask(serial, 30).get(5, TimeUnit.SECONDS).hasTask());
            assertFalse(stage.poll(serial, 30).get(5, TimeUnit.SECONDS).hasWorkflowExecution());
        }
    }

    @Test
    void workOfTheOtherTypeEndsASerialPollEarly() throws Exception {
        try (Stage stage = new Stage(longSerialHold(), 4)) {
            String serial = register(stage, "serial");
            var workflows = stage.poll(serial, 30);
            Stage.await(() -> stage.notifier.stats().queues() == 2);

            stage.log.submitTask(Stage.ORG, Stage.QUEUE, "resize");

            assertFalse(workflows.get(5, TimeUnit.SECONDS).hasWorkflowExecution());
            assertTrue(stage.pollTask(serial, 30).get(5, TimeUnit.SECONDS).hasTask());
            assertEquals(0, stage.notifier.stats().queues());
        }
    }

    @Test
    void workOfTheOtherTypeThatTheWorkerDoesNotKnowEndsNothing() throws Exception {
        try (Stage stage = new Stage(longSerialHold(), 4)) {
            var workflows = stage.poll(register(stage, "serial"), 30);
            Stage.await(() -> stage.notifier.stats().queues() == 2);

            stage.log.submitTask(Stage.ORG, Stage.QUEUE, "unknown");

            assertFalse(workflows.isDone());
            stage.log.startWorkflow(Stage.ORG, Stage.QUEUE, "echo");
            assertTrue(workflows.get(5, TimeUnit.SECONDS).hasWorkflowExecution());
        }
    }

    @Test
    void aWorkerThatHoldsBothAtOnceIsHeldForItsWholeTime() throws Exception {
        try (Stage stage = new Stage()) {
            String parallel = register(stage, "parallel");
            var firstWorkflows = stage.poll(parallel, 30);
            var tasks = stage.pollTask(parallel, 30);
            firstWorkflows.get(5, TimeUnit.SECONDS);

            long begun = System.nanoTime();
            assertFalse(stage.poll(parallel, 1).get(5, TimeUnit.SECONDS).hasWorkflowExecution());

            assertTrue(System.nanoTime() - begun >= TimeUnit.MILLISECONDS.toNanos(900));
            assertFalse(tasks.isDone());
        }
    }

    @Test
    void aWorkerThatRegisteredOneTypeAndPollsBothIsHeldForAMomentOnly() throws Exception {
        try (Stage stage = new Stage()) {
            String id = stage.workers
                    .register("tasks only", List.of(), List.of("resize"))
                    .toString();
            takeTurns(stage, id, 4);

            var workflows = stage.poll(id, 30);
            stage.log.submitTask(Stage.ORG, Stage.QUEUE, "resize");

            assertFalse(workflows.get(5, TimeUnit.SECONDS).hasWorkflowExecution());
            assertTrue(stage.pollTask(id, 30).get(5, TimeUnit.SECONDS).hasTask());
        }
    }

    @Test
    void aWorkerThatPollsOneTypeByItsUuidIsHeldForItsWholeTimeAfterAFewRounds() throws Exception {
        try (Stage stage = new Stage()) {
            String id = register(stage, "one type");
            for (int i = 0; i < LONE_ROUNDS; i++) {
                assertFalse(stage.poll(id, 30).get(5, TimeUnit.SECONDS).hasWorkflowExecution());
            }
            long begun = System.nanoTime();
            assertFalse(stage.poll(id, 1).get(5, TimeUnit.SECONDS).hasWorkflowExecution());
            assertTrue(System.nanoTime() - begun >= TimeUnit.MILLISECONDS.toNanos(900));
        }
    }

    /** @return the UUID of a worker of both types */
    private static String register(Stage stage, String name) {
        return stage.workers.register(name, List.of("echo"), List.of("resize")).toString();
    }

    /** Polls both types in turn, in vain, and asks for longer than a serial poller is held. */
    private static void takeTurns(Stage stage, String worker, int rounds) throws Exception {
        for (int i = 0; i < rounds; i++) {
            assertFalse(stage.poll(worker, 30).get(5, TimeUnit.SECONDS).hasWorkflowExecution());
            assertFalse(stage.pollTask(worker, 30).get(5, TimeUnit.SECONDS).hasTask());
        }
    }

    private static NotifierConfig longSerialHold() {
        return NotifierConfig.defaults().withSerialHold(Duration.ofSeconds(30));
    }
}
