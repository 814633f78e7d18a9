package io.millrace.notifier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.millrace.notifier.config.NotifierConfig;
import io.millrace.proto.Ids;
import io.millrace.proto.flovyn.v1.PollResponse;
import io.millrace.proto.flovyn.v1.TaskExecutionInfo;
import io.millrace.proto.flovyn.v1.WorkflowExecution;
import io.millrace.proto.log.Riders.Ride;
import io.millrace.proto.v1.ClaimWork;
import io.millrace.proto.v1.CommandRecord;
import io.millrace.proto.v1.CompleteTask;
import io.millrace.proto.v1.ReplyRecord;
import io.millrace.proto.v1.ReplyRecord.WorkClaimed;
import io.millrace.proto.v1.SignalWorkflow;
import io.millrace.proto.v1.StartWorkflow;
import io.millrace.proto.v1.SubmitCommands;
import io.millrace.proto.v1.SubmitTask;
import io.millrace.proto.v1.SubmittedCommand;
import io.millrace.proto.v1.WorkType;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Parked polls whose claims ride on the commands that may bring their work. */
class RidingClaimsTest {

    private static final int PARTITION = 2;

    private static CommandRecord.Builder command() {
        return CommandRecord.newBuilder().setOrgId(Ids.toByteString(Stage.ORG));
    }

    private static CommandRecord.Builder start(String kind) {
        return command()
                .setStartWorkflow(
                        StartWorkflow.newBuilder().setQueue(Stage.QUEUE).setKind(kind));
    }

    private static Optional<Ride> board(Stage stage, CommandRecord.Builder command) {
        return stage.notifier.riders().board(PARTITION, command);
    }

    private static Future<PollResponse> parked(Stage stage, String worker) {
        long before = stage.notifier.stats().parkedPolls();
        Future<PollResponse> poll = stage.poll(worker, 30);
        Stage.await(() -> stage.notifier.stats().parkedPolls() > before);
        return poll;
    }

    private static <T> T get(Future<T> future) throws Exception {
        return future.get(20, TimeUnit.SECONDS);
    }

    /** An answer that gives the first claim a workflow. */
    private static ReplyRecord workflow(Ride ride, UUID id) {
        return ReplyRecord.newBuilder()
                .setRidden(WorkClaimed.newBuilder()
                        .addResults(WorkClaimed.Result.newBuilder()
                                .setClaimId(ride.claims().getClaims(0).getClaimId())
                                .setExecutionId(Ids.toByteString(id))
                                .setWorkflow(WorkflowExecution.newBuilder()
                                        .setId(id.toString())
                                        .setKind("echo"))))
                .build();
    }

    private static ReplyRecord nothing() {
        return ReplyRecord.newBuilder()
                .setRidden(WorkClaimed.newBuilder().addResults(WorkClaimed.Result.getDefaultInstance()))
                .build();
    }

    @Test
    void aParkedPollRidesOnAStartAndIsServedByItsAnswerWithoutACommandOfItsOwn() throws Exception {
        try (Stage stage = new Stage()) {
            UUID worker = stage.workers.register("w", List.of("echo"), List.of());
            Future<PollResponse> poll = parked(stage, "w");
            UUID id = UUID.randomUUID();

            Ride ride = board(stage, start("echo")).orElseThrow();
            ClaimWork claims = ride.claims();
            assertEquals(WorkType.WORKFLOW, claims.getWorkType());
            assertEquals(Stage.QUEUE, claims.getQueue());
            assertEquals(worker.toString(), claims.getClaims(0).getWorkerId());
            assertEquals(List.of("echo"), claims.getClaims(0).getKindsList());
            ride.answered(workflow(ride, id));

            assertEquals(id.toString(), get(poll).getWorkflowExecution().getId());
            assertEquals(0, stage.log.claims(), "no claim was written");
            assertEquals(1, stage.notifier.stats().claimsRidden());
        }
    }

    @Test
    void nobodyRidesWhoDoesNotTakeTheKindOrWaitsElsewhere() {
        try (Stage stage = new Stage()) {
            stage.workers.register("w", List.of("echo"), List.of());
            parked(stage, "w");
            assertTrue(board(stage, start("mail")).isEmpty());
            assertTrue(board(
                            stage,
                            command()
                                    .setStartWorkflow(StartWorkflow.newBuilder()
                                            .setQueue("other")
                                            .setKind("echo")))
                    .isEmpty());
            assertTrue(board(
                            stage,
                            command()
                                    .setOrgId(Ids.toByteString(UUID.randomUUID()))
                                    .setStartWorkflow(StartWorkflow.newBuilder()
                                            .setQueue(Stage.QUEUE)
                                            .setKind("echo")))
                    .isEmpty());
            assertTrue(board(
                            stage,
                            command()
                                    .setSubmitTask(SubmitTask.newBuilder()
                                            .setQueue(Stage.QUEUE)
                                            .setKind("echo")))
                    .isEmpty());
            assertTrue(board(stage, start("echo")).isPresent());
            assertTrue(board(stage, start("echo")).isEmpty(), "the only poll rides already");
        }
    }

    @Test
    void aRideThatComesToNothingPutsThePollBackWhereItStood() throws Exception {
        try (Stage stage = new Stage()) {
            Future<PollResponse> first = parked(stage, "first");
            Future<PollResponse> second = parked(stage, "second");
            board(stage, start("echo")).orElseThrow().failed(true);
            board(stage, start("echo")).orElseThrow().answered(ReplyRecord.getDefaultInstance());
            board(stage, start("echo")).orElseThrow().answered(nothing());

            UUID id = stage.log.startWorkflow(Stage.ORG, Stage.QUEUE, "echo");

            assertEquals(id.toString(), get(first).getWorkflowExecution().getId());
            assertFalse(second.isDone());
        }
    }

    @Test
    void anAnswerWithoutSensePutsThePollBackAndWhatCanBeReadInItIsGivenBack() throws Exception {
        try (Stage stage = new Stage()) {
            Future<PollResponse> poll = parked(stage, "w");
            Ride ride = board(stage, start("echo")).orElseThrow();
            WorkClaimed.Result sound =
                    workflow(ride, UUID.randomUUID()).getRidden().getResults(0);
            WorkClaimed.Result broken = sound.toBuilder()
                    .setExecutionId(ByteString.copyFromUtf8("no id"))
                    .build();
            ride.answered(ReplyRecord.newBuilder()
                    .setRidden(WorkClaimed.newBuilder().addResults(broken).addResults(sound))
                    .build());
            Stage.await(() -> stage.log.written.stream()
                            .filter(CommandRecord::hasReleaseClaim)
                            .count()
                    == 1);

            UUID id = stage.log.startWorkflow(Stage.ORG, Stage.QUEUE, "echo");
            assertEquals(id.toString(), get(poll).getWorkflowExecution().getId());
        }
    }

    @Test
    void whatComesForAPollThatHasGoneIsGivenBackAndWhatComesLateGoesToItsWorker() throws Exception {
        try (Stage stage = new Stage()) {
            Stage.Polling poll = stage.polling("w", 30, id -> {});
            Stage.await(() -> stage.notifier.stats().parkedPolls() == 1);
            Ride ride = board(stage, start("echo")).orElseThrow();
            poll.cancel();
            Stage.await(() -> stage.notifier.stats().parkedPolls() == 0);
            ride.answered(workflow(ride, UUID.randomUUID()));
            Stage.await(() -> stage.log.written.stream()
                            .filter(CommandRecord::hasReleaseClaim)
                            .count()
                    == 1);

            Future<PollResponse> next = parked(stage, "w");
            Ride late = board(stage, start("echo")).orElseThrow();
            late.failed(true);
            UUID id = UUID.randomUUID();
            late.late(workflow(late, id));
            assertEquals(id.toString(), get(next).getWorkflowExecution().getId());
            assertEquals(1, stage.log.releases());
        }
    }

    @Test
    void ridesDoNotKeepOrdinaryClaimsFromThePartition() throws Exception {
        try (Stage stage = new Stage()) {
            for (int i = 0; i < 10; i++) {
                parked(stage, "rider" + i);
                assertTrue(board(stage, start("echo")).isPresent());
            }
            Future<PollResponse> other = parked(stage, "other");
            UUID id = stage.log.startWorkflowIn(PARTITION, Stage.ORG, Stage.QUEUE, "echo");
            assertEquals(id.toString(), get(other).getWorkflowExecution().getId());
        }
    }

    @Test
    void aPollWhoseRideIsNotAnsweredCanHaveOtherWork() throws Exception {
        try (Stage stage = new Stage(NotifierConfig.defaults().withClaimPatience(Duration.ofMillis(50)), 4)) {
            Future<PollResponse> poll = parked(stage, "w");
            assertTrue(board(stage, start("echo")).isPresent());
            UUID id = stage.log.startWorkflowIn(PARTITION + 1, Stage.ORG, Stage.QUEUE, "echo");
            assertEquals(id.toString(), get(poll).getWorkflowExecution().getId());
        }
    }

    @Test
    void whoeverMayResumeAWorkflowOrScheduleItsTaskIsKnownByTheQueueThatItWasHandedOutFrom() throws Exception {
        try (Stage stage = new Stage()) {
            UUID id = stage.log.startWorkflow(Stage.ORG, Stage.QUEUE, "echo");
            CommandRecord.Builder completion =
                    command().setCompleteTask(CompleteTask.newBuilder().setExecutionId(Ids.toByteString(id)));
            CommandRecord.Builder signal =
                    command().setSignalWorkflow(SignalWorkflow.newBuilder().setExecutionId(Ids.toByteString(id)));
            Future<?> task = stage.pollTask("t", 30);
            Stage.await(() -> stage.notifier.stats().parkedPolls() == 1);
            CommandRecord.Builder submission = command()
                    .setSubmitCommands(SubmitCommands.newBuilder()
                            .setExecutionId(Ids.toByteString(id))
                            .addCommands(SubmittedCommand.newBuilder()
                                    .setScheduleTask(SubmittedCommand.ScheduleTask.newBuilder()
                                            .setKind("mail"))));
            assertTrue(board(stage, submission).isEmpty(), "nobody knows the workflow yet");

            get(stage.poll("w", 30));
            assertTrue(board(stage, completion).isEmpty(), "nobody waits for workflows now");
            parked(stage, "w");
            board(stage, completion).orElseThrow().failed(true);
            board(stage, signal).orElseThrow().failed(true);
            assertTrue(board(stage, completion.clone().setOrgId(ByteString.copyFrom(new byte[16])))
                    .isEmpty());

            Ride ride = board(stage, submission).orElseThrow();
            assertEquals(WorkType.TASK, ride.claims().getWorkType());
            ride.answered(ReplyRecord.newBuilder()
                    .setRidden(WorkClaimed.newBuilder()
                            .addResults(WorkClaimed.Result.newBuilder()
                                    .setExecutionId(Ids.toByteString(id))
                                    .setTask(TaskExecutionInfo.newBuilder()
                                            .setTaskExecutionId(
                                                    UUID.randomUUID().toString()))))
                    .build());
            get(task);
        }
    }
}
