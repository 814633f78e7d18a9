package io.millrace.notifier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.Status;
import io.millrace.notifier.Stage.Subscriber;
import io.millrace.notifier.config.NotifierConfig;
import io.millrace.proto.Shards;
import io.millrace.proto.flovyn.v1.WorkAvailableEvent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class SubscriptionTest {

    private static final NotifierConfig NO_ESCALATION = Stage.patient(Duration.ofMinutes(5));

    @Test
    void aSubscriberIsToldOfWorkThatBecomesReady() throws Exception {
        try (Stage stage = new Stage(NO_ESCALATION, 4)) {
            Subscriber subscriber = stage.subscribe("w");

            long before = System.currentTimeMillis();
            stage.log.startWorkflow(Stage.ORG, Stage.QUEUE, "echo");

            WorkAvailableEvent event = subscriber.next();
            assertEquals(Stage.ORG.toString(), event.getOrgId());
            assertEquals(Stage.QUEUE, event.getQueue());
            assertTrue(event.getTimestampMs() >= before);
        }
    }

    @Test
    void taskWorkCountsToo() throws Exception {
        try (Stage stage = new Stage(NO_ESCALATION, 4)) {
            Subscriber subscriber = stage.subscribe("w");

            stage.log.submitTask(Stage.ORG, Stage.QUEUE, "resize");

            subscriber.next();
        }
    }

    @Test
    void aLateSubscriberIsToldAtOnce() throws Exception {
        try (Stage stage = new Stage(NO_ESCALATION, 4)) {
            stage.log.startWorkflow(Stage.ORG, Stage.QUEUE, "echo");

            Subscriber subscriber = stage.subscribe("w");

            subscriber.next();
        }
    }

    @Test
    void aNotificationIsTrue() throws Exception {
        try (Stage stage = new Stage(NO_ESCALATION, 4)) {
            Subscriber subscriber = stage.subscribe("w");
            for (int i = 0; i < 200; i++) {
                stage.log.startWorkflow(Stage.ORG, Stage.QUEUE, "echo");
                subscriber.next();
                assertTrue(stage.poll("w", 0).get(10, TimeUnit.SECONDS).hasWorkflowExecution());
            }
        }
    }

    @Test
    void onePieceOfWorkWakesOneOfFourHundred() throws Exception {
        try (Stage stage = new Stage(NO_ESCALATION, 4)) {
            List<Subscriber> crowd = new ArrayList<>();
            for (int i = 0; i < 400; i++) {
                crowd.add(stage.subscribe("w" + i));
            }
            for (int piece = 1; piece <= 50; piece++) {
                stage.log.startWorkflow(Stage.ORG, Stage.QUEUE, "echo");
                long expected = piece;
                Stage.await(() -> told(crowd) == expected);
                assertTrue(stage.poll("taker", 0).get(10, TimeUnit.SECONDS).hasWorkflowExecution());
            }
            stage.log.repeatLevels();

            assertEquals(50, told(crowd));
            assertEquals(50, stage.notifier.stats().wakeUpsSent());
            assertEquals(50, crowd.stream().filter(s -> s.events.size() == 1).count(), "they take turns");
        }
    }

    @Test
    void severalPiecesWakeAsManySubscribers() {
        try (Stage stage = new Stage(NO_ESCALATION, 4)) {
            List<Subscriber> crowd = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                crowd.add(stage.subscribe("w" + i));
            }
            for (int i = 0; i < 7; i++) {
                stage.log.startWorkflow(Stage.ORG, Stage.QUEUE, "echo");
            }
            Stage.await(() -> told(crowd) == 7);
            stage.log.repeatLevels();
            assertEquals(7, told(crowd));
        }
    }

    @Test
    void workThatAParkedPollTakesWakesNoSubscriber() throws Exception {
        try (Stage stage = new Stage(NO_ESCALATION, 4)) {
            Subscriber subscriber = stage.subscribe("sleeper");
            var poll = stage.poll("taker", 30);
            Stage.await(() -> stage.notifier.stats().parkedPolls() == 1);

            stage.log.startWorkflow(Stage.ORG, Stage.QUEUE, "echo");

            assertTrue(poll.get(10, TimeUnit.SECONDS).hasWorkflowExecution());
            assertEquals(0, subscriber.events.size());
        }
    }

    @Test
    void deadSubscribersAreFollowedByOthersUntilEachWasToldOnce() {
        try (Stage stage = new Stage(Stage.patient(Duration.ofMillis(40)), 4)) {
            List<Subscriber> crowd = new ArrayList<>();
            for (int i = 0; i < 7; i++) {
                crowd.add(stage.subscribe("dead" + i));
            }

            stage.log.startWorkflow(Stage.ORG, Stage.QUEUE, "echo");

            Stage.await(() -> told(crowd) == 7);
            assertEquals(3, stage.notifier.stats().escalations(), "1, then 1, then 3, then the last 2");
            assertTrue(crowd.stream().allMatch(s -> s.events.size() == 1), "each is told once");
        }
    }

    @Test
    void aRepeatedLevelStartsTheWakeUpsAgain() {
        try (Stage stage = new Stage(Stage.patient(Duration.ofMillis(5)), 1)) {
            Subscriber only = stage.subscribe("deaf at first");
            stage.log.startWorkflow(Stage.ORG, Stage.QUEUE, "echo");
            Stage.await(() -> only.events.size() == 1);

            Stage.await(() -> {
                stage.log.repeatLevels();
                return only.events.size() >= 2;
            });
        }
    }

    @Test
    void aSlowReaderHasOnePendingEvent() throws Exception {
        try (Stage stage = new Stage(NO_ESCALATION, 4)) {
            Subscriber slow = stage.open("slow", Stage.ORG.toString(), Stage.QUEUE, 0);
            Stage.await(() -> stage.notifier.stats().subscriptions() == 1);
            for (int i = 0; i < 100; i++) {
                stage.log.startWorkflow(Stage.ORG, Stage.QUEUE, "echo");
            }
            assertEquals(0, stage.notifier.stats().wakeUpsSent());

            slow.request(100);

            slow.next();
            assertEquals(1, stage.notifier.stats().wakeUpsSent());
        }
    }

    @Test
    void aPendingEventIsForgottenWhenTheWorkHasGone() throws Exception {
        try (Stage stage = new Stage(NO_ESCALATION, 4)) {
            Subscriber slow = stage.open("slow", Stage.ORG.toString(), Stage.QUEUE, 0);
            Stage.await(() -> stage.notifier.stats().subscriptions() == 1);
            stage.log.startWorkflow(Stage.ORG, Stage.QUEUE, "echo");
            assertTrue(stage.poll("taker", 0).get(10, TimeUnit.SECONDS).hasWorkflowExecution());

            slow.request(100);
            assertEquals(0, stage.notifier.stats().wakeUpsSent());

            stage.log.startWorkflow(Stage.ORG, Stage.QUEUE, "echo");
            slow.next();
            assertEquals(1, stage.notifier.stats().wakeUpsSent());
        }
    }

    @Test
    void aSubscriberHearsOnlyOfKindsThatItsWorkerRegistered() throws Exception {
        try (Stage stage = new Stage(NO_ESCALATION, 4)) {
            stage.workers.register("echoes", List.of("echo"), List.of());
            stage.workers.register("resizes", List.of(), List.of("resize"));
            Subscriber echoes = stage.subscribe("echoes");
            Subscriber resizes = stage.subscribe("resizes");

            stage.log.startWorkflow(Stage.ORG, Stage.QUEUE, "other");
            stage.log.submitTask(Stage.ORG, Stage.QUEUE, "echo");
            stage.log.startWorkflow(Stage.ORG, Stage.QUEUE, "echo");
            stage.log.submitTask(Stage.ORG, Stage.QUEUE, "resize");

            echoes.next();
            resizes.next();
            assertEquals(2, stage.notifier.stats().wakeUpsSent());
        }
    }

    @Test
    void anEmptyQueueNameStandsForTheDefaultQueue() throws Exception {
        try (Stage stage = new Stage(NO_ESCALATION, 4)) {
            Subscriber subscriber = stage.open("w", Stage.ORG.toString(), "", 1);
            stage.log.startWorkflow(Stage.ORG, "default", "echo");
            assertEquals("default", subscriber.next().getQueue());
        }
    }

    @Test
    void anotherOrganisationIsDenied() throws Exception {
        try (Stage stage = new Stage()) {
            Status status = refusal(stage.open("w", Shards.newId().toString(), Stage.QUEUE, 1));
            assertEquals(Status.Code.PERMISSION_DENIED, status.getCode());
            assertTrue(status.getDescription().contains("expected"), status.getDescription());
            assertEquals(0, stage.notifier.stats().subscriptions());
            assertEquals(
                    "flovyn.v1.WorkflowDispatch/SubscribeToNotifications",
                    stage.log.written.element().getRecordRefusal().getMethod());
        }
    }

    @Test
    void aMalformedOrganisationIsRefused() throws Exception {
        try (Stage stage = new Stage()) {
            Status status = refusal(stage.open("w", "not-a-uuid", Stage.QUEUE, 1));
            assertEquals(Status.Code.INVALID_ARGUMENT, status.getCode());
            assertEquals("expected org_id to be a UUID, but got 'not-a-uuid'", status.getDescription());
        }
    }

    @Test
    void anEmptyWorkerIdIsRefused() throws Exception {
        try (Stage stage = new Stage()) {
            Status status = refusal(stage.open("", Stage.ORG.toString(), Stage.QUEUE, 1));
            assertEquals(Status.Code.INVALID_ARGUMENT, status.getCode());
        }
    }

    @Test
    void cancelledStreamsLeaveNothingBehind() {
        try (Stage stage = new Stage()) {
            List<Subscriber> crowd = new ArrayList<>();
            for (int i = 0; i < 50; i++) {
                crowd.add(stage.subscribe("w" + i));
            }
            crowd.forEach(Subscriber::cancel);

            Stage.await(() -> stage.notifier.stats().subscriptions() == 0);
            assertEquals(0, stage.notifier.stats().queues());
        }
    }

    @Test
    void aClosingServerEndsStreamsAsUnavailable() throws Exception {
        Stage stage = new Stage();
        try (stage) {
            Subscriber subscriber = stage.subscribe("w");
            stage.notifier.close();
            Status status = refusal(subscriber);
            assertEquals(Status.Code.UNAVAILABLE, status.getCode());
            assertTrue(status.getDescription().contains("UNAVAILABLE"));
        }
    }

    private static Status refusal(Subscriber subscriber) throws InterruptedException {
        return Status.fromThrowable(subscriber.errors.poll(10, TimeUnit.SECONDS));
    }

    private static long told(List<Subscriber> crowd) {
        return crowd.stream().mapToLong(subscriber -> subscriber.events.size()).sum();
    }
}
