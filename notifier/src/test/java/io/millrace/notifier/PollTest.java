package io.millrace.notifier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.util.concurrent.ListenableFuture;
import io.grpc.Status;
import io.millrace.notifier.config.NotifierConfig;
import io.millrace.proto.Ids;
import io.millrace.proto.Shards;
import io.millrace.proto.flovyn.v1.PollRequest;
import io.millrace.proto.flovyn.v1.PollResponse;
import io.millrace.proto.flovyn.v1.PollTaskResponse;
import io.millrace.proto.v1.ClaimWork;
import io.millrace.proto.v1.CommandRecord;
import io.millrace.proto.v1.Principal;
import io.millrace.proto.v1.WorkAvailable;
import io.millrace.proto.v1.WorkType;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class PollTest {

    @Test
    void aParkedPollGetsWorkAsSoonAsItIsThere() throws Exception {
        try (Stage stage = new Stage()) {
            var poll = stage.poll("w", 30);
            Stage.await(() -> stage.notifier.stats().parkedPolls() == 1);

            UUID id = stage.log.startWorkflow(Stage.ORG, Stage.QUEUE, "echo");

            assertEquals(id.toString(), get(poll).getWorkflowExecution().getId());
            assertEquals(0, stage.notifier.stats().parkedPolls());
            assertTrue(stage.workers.lastSeenMs(Stage.ORG, "w") > 0, "a poll is a sign of life");
        }
    }

    @Test
    void aPollGetsWorkThatWaitsAlready() throws Exception {
        try (Stage stage = new Stage()) {
            UUID id = stage.log.startWorkflow(Stage.ORG, Stage.QUEUE, "echo");
            assertEquals(
                    id.toString(),
                    get(stage.poll("w", 30)).getWorkflowExecution().getId());
        }
    }

    @Test
    void aClaimSaysWhoAsksAndForHowLong() throws Exception {
        try (Stage stage = new Stage()) {
            UUID id = stage.workers.register("w", List.of("echo", "double"), List.of());
            stage.log.startWorkflow(Stage.ORG, Stage.QUEUE, "echo");
            get(stage.poll("w", 30));

            CommandRecord command = stage.log.written.stream()
                    .filter(CommandRecord::hasClaimWork)
                    .findFirst()
                    .orElseThrow();
            assertEquals(Ids.toByteString(Stage.ORG), command.getOrgId());
            assertEquals(Principal.Type.SYSTEM, command.getPrincipal().getType());
            assertEquals("notifier", command.getPrincipal().getId());
            assertEquals(WorkType.WORKFLOW, command.getClaimWork().getWorkType());
            assertEquals(Stage.QUEUE, command.getClaimWork().getQueue());
            ClaimWork.Claim claim = command.getClaimWork().getClaims(0);
            assertEquals(id.toString(), claim.getWorkerId());
            assertEquals(List.of("double", "echo"), claim.getKindsList());
            assertFalse(claim.getAnyKind());
            assertEquals(120_000, claim.getLeaseMs());
            assertEquals(10, claim.getMaxDeliveries());
            assertEquals(16, claim.getClaimId().size());
        }
    }

    @Test
    void workOfAnyPartitionIsHandedOutInItsOrder() throws Exception {
        try (Stage stage = new Stage()) {
            List<UUID> expected = new ArrayList<>();
            for (int order = 0; order < 12; order++) {
                int partition = order % 3 == 0 ? 3 : order % 2; // the third has all that is most urgent
                expected.add(stage.log.startWorkflowIn(
                        partition, Stage.ORG, Stage.QUEUE, order % 2 == 0 ? "a" : "b", order));
            }

            List<UUID> handed = new ArrayList<>();
            for (UUID ignored : expected) {
                handed.add(UUID.fromString(
                        get(stage.poll("w", 30)).getWorkflowExecution().getId()));
            }
            assertEquals(expected, handed);
        }
    }

    @Test
    void aPollOfADrainedWorkerStaysEmptyAndAsksForNothingMoreUntilItsTimeIsOver() throws Exception {
        try (Stage stage = new Stage()) {
            stage.log.drained.add("w");
            UUID id = stage.log.startWorkflow(Stage.ORG, Stage.QUEUE, "echo");
            var poll = stage.poll("w", 1);
            assertFalse(get(poll).hasWorkflowExecution());
            assertEquals(1, stage.notifier.stats().claimsSent(), "it asked once");
            assertEquals(
                    id.toString(),
                    get(stage.poll("other", 30)).getWorkflowExecution().getId(),
                    "others get the work");
        }
    }

    @Test
    void aPollReturnsOkAndEmptyWhenItsTimeIsOver() throws Exception {
        try (Stage stage = new Stage()) {
            long begun = System.nanoTime();
            assertEquals(PollResponse.getDefaultInstance(), get(stage.poll("w", 1)));
            long heldMs = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun);
            assertTrue(heldMs >= 900, "held for " + heldMs + " ms");
            assertEquals(0, stage.notifier.stats().queues());
        }
    }

    @Test
    void theServerBoundsTheHold() throws Exception {
        try (Stage stage = new Stage(NotifierConfig.defaults().withMaxHold(Duration.ofMillis(50)), 1)) {
            assertFalse(get(stage.poll("w", Long.MAX_VALUE)).hasWorkflowExecution());
        }
    }

    @Test
    void aPollThatDoesNotWaitIsAnsweredAtOnce() throws Exception {
        try (Stage stage = new Stage()) {
            assertFalse(stage.poll("w", 0).get(5, TimeUnit.SECONDS).hasWorkflowExecution());
            assertFalse(stage.poll("w", -1).get(5, TimeUnit.SECONDS).hasWorkflowExecution());
            assertEquals(0, stage.log.claims());
        }
    }

    @Test
    void aPollThatDoesNotWaitStillGetsWhatIsThere() throws Exception {
        try (Stage stage = new Stage()) {
            stage.log.startWorkflow(Stage.ORG, Stage.QUEUE, "echo");
            assertTrue(get(stage.poll("w", 0)).hasWorkflowExecution());
            assertFalse(get(stage.poll("w", 0)).hasWorkflowExecution());
        }
    }

    @Test
    void pollsThatDoNotWaitShareWhatIsThereAndTheRestEndAtOnce() throws Exception {
        try (Stage stage = new Stage(NotifierConfig.defaults(), 1)) {
            stage.log.startWorkflow(Stage.ORG, Stage.QUEUE, "echo");
            stage.log.holdAnswers();
            var first = stage.poll("a", 0);
            var second = stage.poll("b", 0);

            assertFalse(get(second).hasWorkflowExecution(), "the one piece is already claimed");
            Stage.await(() -> stage.log.answersHeld() == 1);
            stage.log.giveAnswers();
            assertTrue(get(first).hasWorkflowExecution());
        }
    }

    @Test
    void whoPolledFirstIsServedFirst() throws Exception {
        try (Stage stage = new Stage()) {
            List<ListenableFuture<PollResponse>> polls = new ArrayList<>();
            for (int i = 1; i <= 5; i++) {
                polls.add(stage.poll("w" + i, 30));
                long open = i;
                Stage.await(() -> stage.notifier.stats().parkedPolls() == open);
            }
            for (ListenableFuture<PollResponse> poll : polls) {
                UUID id = stage.log.startWorkflow(Stage.ORG, Stage.QUEUE, "echo");
                assertEquals(id.toString(), get(poll).getWorkflowExecution().getId());
            }
        }
    }

    @Test
    void noMoreIsClaimedThanIsReady() throws Exception {
        try (Stage stage = new Stage()) {
            List<ListenableFuture<PollResponse>> polls = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                polls.add(stage.poll("w" + i, 30));
            }
            for (int i = 0; i < 7; i++) {
                stage.log.startWorkflow(Stage.ORG, Stage.QUEUE, "echo");
            }
            Stage.await(() -> polls.stream().filter(Future::isDone).count() == 7);
            stage.log.repeatLevels();

            assertEquals(7, stage.log.claims());
            assertEquals(0, stage.notifier.stats().emptyClaims());
            assertEquals(13, stage.notifier.stats().parkedPolls());
        }
    }

    @Test
    void claimsGatherWhileTwoCommandsAreUnanswered() throws Exception {
        try (Stage stage = new Stage(NotifierConfig.defaults(), 1)) {
            List<ListenableFuture<PollResponse>> polls = new ArrayList<>();
            for (int i = 0; i < 10; i++) {
                polls.add(stage.poll("w" + i, 30));
            }
            stage.log.holdAnswers();
            for (int i = 0; i < 10; i++) {
                stage.log.startWorkflow(Stage.ORG, Stage.QUEUE, "echo");
            }
            Stage.await(() -> stage.log.answersHeld() == 2);
            assertEquals(2, stage.log.claims());

            stage.log.giveAnswers();

            for (ListenableFuture<PollResponse> poll : polls) {
                assertTrue(get(poll).hasWorkflowExecution());
            }
            // How much of the level the held answers account for is not known: one more command may be needed for the
            // last.
            assertTrue(stage.log.claimCommands() <= 4, "two single ones, then the others together");
            assertEquals(0, stage.notifier.stats().emptyClaims());
        }
    }

    @Test
    void aCancelledPollIsForgotten() {
        try (Stage stage = new Stage()) {
            var poll = stage.poll("w", 30);
            Stage.await(() -> stage.notifier.stats().parkedPolls() == 1);

            poll.cancel(true);

            Stage.await(() -> stage.notifier.stats().queues() == 0);
            assertEquals(0, stage.notifier.stats().parkedPolls());
            stage.log.startWorkflow(Stage.ORG, Stage.QUEUE, "echo");
            assertEquals(0, stage.log.claims());
        }
    }

    @Test
    void aCancelledPollReturnsItsClaim() throws Exception {
        try (Stage stage = new Stage()) {
            stage.log.holdAnswers();
            var gone = stage.poll("gone", 30);
            UUID id = stage.log.startWorkflow(Stage.ORG, Stage.QUEUE, "echo");
            Stage.await(() -> stage.log.answersHeld() == 1);
            gone.cancel(true);
            Stage.await(() -> stage.notifier.stats().parkedPolls() == 0);

            stage.log.giveAnswers();

            assertEquals(
                    id.toString(),
                    get(stage.poll("other", 30)).getWorkflowExecution().getId());
            assertEquals(1, stage.log.releases());
            CommandRecord release = stage.log.written.stream()
                    .filter(CommandRecord::hasReleaseClaim)
                    .findFirst()
                    .orElseThrow();
            assertEquals(Ids.toByteString(id), release.getReleaseClaim().getExecutionId());
            assertEquals(WorkType.WORKFLOW, release.getReleaseClaim().getWorkType());
            assertEquals(Principal.Type.SYSTEM, release.getPrincipal().getType());
        }
    }

    @Test
    void aPollOutlivedByItsClaimIsAnsweredEmptyAndTheClaimGoesBackIfNoOtherComes() throws Exception {
        NotifierConfig config = NotifierConfig.defaults()
                .withMaxHold(Duration.ofMillis(20))
                .withWorkerReturn(Duration.ofMillis(20), Duration.ofSeconds(60));
        try (Stage stage = new Stage(config, 1)) {
            stage.log.holdAnswers();
            // The work is there first: a poll that found none might be over before there is some.
            stage.log.startWorkflow(Stage.ORG, Stage.QUEUE, "echo");
            var poll = stage.poll("w", 30);
            Stage.await(() -> stage.log.answersHeld() == 1);

            assertFalse(get(poll).hasWorkflowExecution());
            stage.log.giveAnswers();

            Stage.await(() -> stage.log.releases() == 1);
            Stage.await(() -> stage.log.inHands() == 0);
        }
    }

    @Test
    void aPartitionThatDoesNotAnswerKeepsNobodyFromWorkOfAnother() throws Exception {
        try (Stage stage = new Stage(NotifierConfig.defaults(), 2)) {
            stage.log.holdAnswersOf(0);
            var poll = stage.poll("w", 30);
            UUID stuck = stage.log.startWorkflowIn(0, Stage.ORG, Stage.QUEUE, "echo");
            Stage.await(() -> stage.log.answersHeld() == 1);

            UUID other = stage.log.startWorkflowIn(1, Stage.ORG, Stage.QUEUE, "echo");

            assertEquals(other.toString(), get(poll).getWorkflowExecution().getId());
            stage.log.giveAnswers();
            assertEquals(
                    stuck.toString(),
                    get(stage.poll("w", 30)).getWorkflowExecution().getId());
            assertEquals(0, stage.log.releases());
        }
    }

    @Test
    void anAnswerThatComesLateIsStillWelcome() throws Exception {
        try (Stage stage = new Stage(NotifierConfig.defaults().withClaimPatience(Duration.ofMillis(20)), 1)) {
            stage.log.holdAnswers();
            var poll = stage.poll("w", 30);
            UUID id = stage.log.startWorkflow(Stage.ORG, Stage.QUEUE, "echo");
            Stage.await(() -> stage.log.answersHeld() == 1);
            stage.log.startWorkflow(Stage.ORG, Stage.QUEUE, "echo");
            Stage.await(() -> stage.notifier.stats().silences() == 1);

            stage.log.giveAnswers();

            assertEquals(id.toString(), get(poll).getWorkflowExecution().getId());
            assertEquals(0, stage.log.releases());
        }
    }

    @Test
    void aPollThatLostTheRaceKeepsItsPlace() throws Exception {
        try (Stage stage = new Stage(NotifierConfig.defaults(), 1)) {
            var first = stage.poll("first", 30);
            Stage.await(() -> stage.notifier.stats().parkedPolls() == 1);
            var second = stage.poll("second", 30);
            Stage.await(() -> stage.notifier.stats().parkedPolls() == 2);

            // Work that another node has taken by the time the claim arrives.
            stage.notifier.offer(level(0, 1, "echo", 1));
            Stage.await(() -> stage.notifier.stats().emptyClaims() == 1);
            stage.log.startWorkflow(Stage.ORG, Stage.QUEUE, "echo");

            assertTrue(get(first).hasWorkflowExecution());
            assertFalse(second.isDone());
            assertEquals(2, stage.log.claims(), "no claim without a level that says there is work");
        }
    }

    @Test
    void anOlderLevelChangesNothing() {
        try (Stage stage = new Stage(NotifierConfig.defaults(), 1)) {
            stage.poll("w", 30);
            Stage.await(() -> stage.notifier.stats().parkedPolls() == 1);
            stage.notifier.offer(level(0, 10, "echo", 0));

            assertTrue(stage.notifier.offer(level(0, 9, "echo", 5)));

            assertEquals(0, stage.log.claims());
        }
    }

    @Test
    void aLevelIsCoveredOnlyIfWaitingPollsTakeAllOfIt() {
        try (Stage stage = new Stage(NotifierConfig.defaults(), 1)) {
            stage.log.holdAnswers();
            stage.poll("a", 30);
            stage.poll("b", 30);
            Stage.await(() -> stage.notifier.stats().parkedPolls() == 2);

            assertTrue(stage.notifier.offer(level(0, 1, "echo", 2)));
            assertFalse(stage.notifier.offer(level(0, 2, "echo", 3)));
            assertTrue(stage.notifier.offer(level(0, 3, "echo", 0)));
        }
    }

    @Test
    void registeredKindsAreRespected() throws Exception {
        try (Stage stage = new Stage()) {
            stage.workers.register("echoes", List.of("echo"), List.of());
            stage.workers.register("doubles", List.of("double"), List.of());
            stage.workers.register("tasks only", List.of(), List.of("resize"));
            var tasksOnly = stage.poll("tasks only", 30);
            var echoes = stage.poll("echoes", 30);
            var doubles = stage.poll("doubles", 30);
            Stage.await(() -> stage.notifier.stats().parkedPolls() == 3);

            stage.log.startWorkflow(Stage.ORG, Stage.QUEUE, "double");

            assertEquals("double", get(doubles).getWorkflowExecution().getKind());
            stage.log.startWorkflow(Stage.ORG, Stage.QUEUE, "other");
            stage.log.startWorkflow(Stage.ORG, Stage.QUEUE, "echo");
            assertEquals("echo", get(echoes).getWorkflowExecution().getKind());
            assertFalse(tasksOnly.isDone());
            assertEquals(0, stage.notifier.stats().emptyClaims());
            assertEquals(
                    "other",
                    get(stage.poll("unknown", 30)).getWorkflowExecution().getKind());
        }
    }

    @Test
    void aTaskPollGetsTasksAndTheirExecutionsAreRemembered() throws Exception {
        try (Stage stage = new Stage()) {
            stage.log.startWorkflow(Stage.ORG, Stage.QUEUE, "echo");
            ListenableFuture<PollTaskResponse> poll = stage.pollTask("w", 30);
            UUID task = stage.log.submitTask(Stage.ORG, Stage.QUEUE, "resize");

            PollTaskResponse answer = poll.get(10, TimeUnit.SECONDS);

            assertEquals(task.toString(), answer.getTask().getTaskExecutionId());
            assertEquals(Optional.of(task), stage.places.find(Stage.ORG, task));
            assertEquals(
                    330_000,
                    stage.log.written.peek().getClaimWork().getClaims(0).getLeaseMs());
        }
    }

    @Test
    void aFailedClaimIsTriedAgain() throws Exception {
        try (Stage stage = new Stage()) {
            stage.log.failNext(2);
            var poll = stage.poll("w", 30);

            stage.log.startWorkflow(Stage.ORG, Stage.QUEUE, "echo");

            assertTrue(get(poll).hasWorkflowExecution());
            assertEquals(2, stage.notifier.stats().failedClaimCommands());
        }
    }

    @Test
    void whileClaimsFailAPollStillEndsEmptyInTime() throws Exception {
        try (Stage stage = new Stage(NotifierConfig.defaults(), 1)) {
            stage.log.failNext(Integer.MAX_VALUE);
            stage.log.startWorkflow(Stage.ORG, Stage.QUEUE, "echo");
            assertFalse(get(stage.poll("w", 1)).hasWorkflowExecution());
            long commands = stage.log.claimCommands();
            assertTrue(commands >= 2 && commands <= 25, commands + " commands in a second");
        }
    }

    @Test
    void workOfAnotherQueueOrOrganisationIsNotSeen() throws Exception {
        try (Stage stage = new Stage()) {
            stage.log.startWorkflow(Stage.ORG, "elsewhere", "echo");
            stage.log.startWorkflow(Shards.newId(), Stage.QUEUE, "echo");
            assertFalse(get(stage.poll("w", 0)).hasWorkflowExecution());
            assertEquals(0, stage.log.claims());
        }
    }

    @Test
    void anotherOrganisationIsDenied() {
        try (Stage stage = new Stage()) {
            PollRequest request = PollRequest.newBuilder()
                    .setWorkerId("w")
                    .setOrgId(Shards.newId().toString())
                    .build();
            ExecutionException refused = assertThrows(
                    ExecutionException.class,
                    () -> stage.dispatch.pollWorkflow(request).get(10, TimeUnit.SECONDS));
            assertEquals(
                    Status.Code.PERMISSION_DENIED, Status.fromThrowable(refused).getCode());

            CommandRecord noted = stage.log.written.peek();
            assertEquals(Ids.toByteString(Stage.ORG), noted.getOrgId(), "whose caller it was");
            assertEquals("worker", noted.getPrincipal().getId());
            assertEquals(
                    "flovyn.v1.WorkflowDispatch/PollWorkflow",
                    noted.getRecordRefusal().getMethod());
            assertEquals("PERMISSION_DENIED", noted.getRecordRefusal().getReason());
            assertTrue(noted.getRecordRefusal().getText().contains(request.getOrgId()));
        }
    }

    @Test
    void aNameThatIsTooLongOrHasControlCharactersIsRefused() {
        try (Stage stage = new Stage()) {
            for (String name : List.of("w".repeat(256), "line\nbreak")) {
                ExecutionException refused = assertThrows(
                        ExecutionException.class, () -> stage.poll(name, 0).get(10, TimeUnit.SECONDS));
                Status status = Status.fromThrowable(refused);
                assertEquals(Status.Code.INVALID_ARGUMENT, status.getCode());
                assertTrue(status.getDescription().contains("worker_id"), status.getDescription());
            }
            assertEquals(
                    2,
                    stage.log.written.stream()
                            .filter(CommandRecord::hasRecordRefusal)
                            .count());
        }
    }

    @Test
    void aMalformedOrganisationIsRefused() {
        try (Stage stage = new Stage()) {
            PollRequest request = PollRequest.newBuilder()
                    .setWorkerId("w")
                    .setOrgId("1-2-3-4-5")
                    .build();
            ExecutionException refused = assertThrows(
                    ExecutionException.class,
                    () -> stage.dispatch.pollWorkflow(request).get(10, TimeUnit.SECONDS));
            assertEquals(
                    Status.Code.INVALID_ARGUMENT, Status.fromThrowable(refused).getCode());
        }
    }

    @Test
    void aClosingServerEndsPollsEmpty() throws Exception {
        try (Stage stage = new Stage()) {
            var poll = stage.poll("w", 30);
            Stage.await(() -> stage.notifier.stats().parkedPolls() == 1);
            stage.notifier.close();
            assertFalse(get(poll).hasWorkflowExecution());
        }
    }

    @Test
    void workOfAnAnswerThatWasTakenForLostGoesToThePollAllTheSame() throws Exception {
        try (Stage stage = new Stage()) {
            stage.log.holdAnswers();
            UUID id = stage.log.startWorkflow(Stage.ORG, Stage.QUEUE, "echo");
            var poll = stage.poll("w", 30);
            Stage.await(() -> stage.log.answersHeld() == 1);

            stage.log.giveAnswersTooLate();

            assertEquals(id.toString(), get(poll).getWorkflowExecution().getId());
            assertEquals(0, stage.log.releases());
        }
    }

    @Test
    void aPollThatComesWhileTheServerClosesEndsEmpty() throws Exception {
        try (Stage stage = new Stage()) {
            stage.notifier.close();
            assertFalse(get(stage.poll("w", 30)).hasWorkflowExecution());
        }
    }

    @Test
    void aPollWhoseClaimFailsWhileTheServerClosesEndsEmpty() throws Exception {
        try (Stage stage = new Stage()) {
            stage.log.holdAnswers();
            stage.log.startWorkflow(Stage.ORG, Stage.QUEUE, "echo");
            var poll = stage.poll("w", 30);
            Stage.await(() -> stage.log.answersHeld() == 1);
            stage.notifier.close();
            stage.log.failAnswers();
            assertFalse(get(poll).hasWorkflowExecution());
        }
    }

    private static WorkAvailable level(int partition, long position, String kind, int ready) {
        return WorkAvailable.newBuilder()
                .setOrgId(Ids.toByteString(Stage.ORG))
                .setQueue(Stage.QUEUE)
                .setWorkType(WorkType.WORKFLOW)
                .setPartition(partition)
                .setPosition(position)
                .setComplete(true)
                .addKinds(WorkAvailable.KindReady.newBuilder().setKind(kind).setReady(ready))
                .build();
    }

    private static PollResponse get(Future<PollResponse> poll) throws Exception {
        return poll.get(10, TimeUnit.SECONDS);
    }
}
