package io.millrace.ingest.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.util.concurrent.ListenableFuture;
import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.millrace.ingest.standin.MemoryReads;
import io.millrace.ingest.standin.OpenDoor;
import io.millrace.proto.Ids;
import io.millrace.proto.reads.ReadsUnavailableException;
import io.millrace.proto.v1.AwaitEndRequest;
import io.millrace.proto.v1.AwaitEndResponse;
import io.millrace.proto.v1.ExecutionResultsGrpc;
import io.millrace.proto.v1.ExecutionStatus;
import io.millrace.proto.v1.ExecutionView;
import io.millrace.proto.v1.TaskView;
import java.io.IOException;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class AwaitEndTest {

    private static final UUID WORKFLOW = UUID.randomUUID();
    private static final UUID TASK = UUID.randomUUID();

    private OpenDoor door;

    @BeforeEach
    void open() throws IOException {
        door = OpenDoor.open();
        workflow(ExecutionStatus.RUNNING, "", "");
        task(ExecutionStatus.RUNNING, "");
    }

    @AfterEach
    void close() {
        door.close();
    }

    @Test
    void theAnswerComesWithTheEndAndHoldsTheResult() throws Exception {
        ListenableFuture<AwaitEndResponse> answer = ask(ofWorkflow(30_000));
        awaitWatch();
        int asked = door.reads.asked.get();

        workflow(ExecutionStatus.WAITING, "", "");
        assertFalse(answer.isDone());
        workflow(ExecutionStatus.COMPLETED, "{\"n\":2}", "");

        AwaitEndResponse end = answer.get(20, TimeUnit.SECONDS);
        assertTrue(end.getEnded());
        assertEquals("COMPLETED", end.getStatus());
        assertEquals("{\"n\":2}", end.getOutput().toStringUtf8());
        assertEquals(asked + 1, door.reads.asked.get(), "nobody is asked before the end");
        assertNothingLeft();
    }

    @Test
    void aTaskIsWaitedForThatFailsInTheEnd() throws Exception {
        ListenableFuture<AwaitEndResponse> answer = ask(
                AwaitEndRequest.newBuilder().setTaskExecutionId(TASK.toString()).setWaitMs(30_000));
        awaitWatch();

        task(ExecutionStatus.PENDING, "once");
        assertFalse(answer.isDone());
        task(ExecutionStatus.FAILED, "for good");

        AwaitEndResponse end = answer.get(20, TimeUnit.SECONDS);
        assertEquals("FAILED", end.getStatus());
        assertEquals("for good", end.getError());
    }

    @Test
    void whatHasEndedIsAnsweredAtOnce() throws Exception {
        workflow(ExecutionStatus.CANCELLED, "", "the customer left");

        AwaitEndResponse end = ask(ofWorkflow(30_000)).get(20, TimeUnit.SECONDS);

        assertTrue(end.getEnded());
        assertEquals("the customer left", end.getError());
        assertEquals(0, door.reads.stepsAsked.get());
    }

    @Test
    void whenTheTimeIsOverOrNoneIsAskedForTheAnswerSaysHowItStands() throws Exception {
        for (int waitMs : new int[] {5, 0}) {
            AwaitEndResponse answer = ask(ofWorkflow(waitMs)).get(20, TimeUnit.SECONDS);

            assertFalse(answer.getEnded());
            assertEquals("RUNNING", answer.getStatus());
            assertNothingLeft();
        }
        assertEquals(1, door.reads.stepsAsked.get());
    }

    @Test
    void theWaitGoesOnWhereThePartitionHasMoved() throws Exception {
        ListenableFuture<AwaitEndResponse> answer = ask(ofWorkflow(30_000));
        awaitWatch();

        door.reads.outage = new ReadsUnavailableException("expected an owner, but the partition moves");
        door.reads.changed();
        while (door.reads.stepsAsked.get() < 3) {
            Thread.onSpinWait();
        }
        door.reads.outage = null;
        workflow(ExecutionStatus.COMPLETED, "1", "");

        assertEquals("COMPLETED", answer.get(20, TimeUnit.SECONDS).getStatus());
        assertNothingLeft();
    }

    @Test
    void nothingIsLeftOfACallerThatHasGone() throws Exception {
        ListenableFuture<AwaitEndResponse> answer = ask(ofWorkflow(30_000));
        awaitWatch();

        answer.cancel(true);

        while (door.reads.watched() > 0) {
            Thread.onSpinWait();
        }
        assertEquals("RUNNING", ask(ofWorkflow(0)).get(20, TimeUnit.SECONDS).getStatus());
    }

    @Test
    void whoWaitsAtAServerThatStopsIsToldToWaitElsewhere() throws Exception {
        ListenableFuture<AwaitEndResponse> answer = ask(ofWorkflow(30_000));
        awaitWatch();

        door.stopWaits();

        ExecutionException ended = assertThrows(ExecutionException.class, () -> answer.get(20, TimeUnit.SECONDS));
        assertEquals(Status.Code.UNAVAILABLE, Status.fromThrowable(ended).getCode());
        ExecutionException late = assertThrows(
                ExecutionException.class, () -> ask(ofWorkflow(30_000)).get(20, TimeUnit.SECONDS));
        assertEquals(Status.Code.UNAVAILABLE, Status.fromThrowable(late).getCode());
        assertNothingLeft();
    }

    @Test
    void whatIsNotThereOrAskedForInAnotherFormIsRefused() {
        assertRefused(
                Status.Code.NOT_FOUND,
                "there is none of the id",
                AwaitEndRequest.newBuilder()
                        .setWorkflowExecutionId(UUID.randomUUID().toString())
                        .setWaitMs(30_000));
        assertRefused(
                Status.Code.INVALID_ARGUMENT,
                "UUID",
                AwaitEndRequest.newBuilder().setTaskExecutionId("7"));
        assertRefused(Status.Code.INVALID_ARGUMENT, "both are missing", AwaitEndRequest.newBuilder());
        assertRefused(Status.Code.INVALID_ARGUMENT, "expected from 0 to 30000 milliseconds", ofWorkflow(30_001));
        assertRefused(Status.Code.INVALID_ARGUMENT, "expected from 0 to 30000 milliseconds", ofWorkflow(-1));
        assertEquals(0, door.reads.stepsAsked.get());
    }

    @Test
    void whatBelongsToAnotherOrganisationIsAsUnknownAsWhatIsNotThere() throws Exception {
        UUID unknown = UUID.randomUUID();

        for (int waitMs : new int[] {0, 30_000}) {
            assertEquals(
                    refusalForBeta(AwaitEndRequest.newBuilder()
                            .setWorkflowExecutionId(unknown.toString())
                            .setWaitMs(waitMs)),
                    refusalForBeta(ofWorkflow(waitMs)));
            assertEquals(
                    refusalForBeta(AwaitEndRequest.newBuilder()
                            .setTaskExecutionId(unknown.toString())
                            .setWaitMs(waitMs)),
                    refusalForBeta(AwaitEndRequest.newBuilder()
                            .setTaskExecutionId(TASK.toString())
                            .setWaitMs(waitMs)));
        }
        assertEquals(0, door.reads.stepsAsked.get());
        assertEquals("RUNNING", ask(ofWorkflow(0)).get(20, TimeUnit.SECONDS).getStatus());
    }

    /** @return the text, without the id that was asked for */
    private String refusalForBeta(AwaitEndRequest.Builder request) {
        StatusRuntimeException refusal = assertThrows(
                StatusRuntimeException.class,
                () -> OpenDoor.with(ExecutionResultsGrpc.newBlockingStub(door.channel()), OpenDoor.BETA_KEY)
                        .awaitEnd(request.build()));
        assertEquals(Status.Code.NOT_FOUND, refusal.getStatus().getCode());
        return refusal.getMessage().replace(request.getWorkflowExecutionId() + request.getTaskExecutionId(), "ID");
    }

    /** Such as a large one that is decrypted. */
    @Test
    void anAnswerThatTakesLongHoldsUpNoOther() throws Exception {
        AwaitEndRequest.Builder ofTask =
                AwaitEndRequest.newBuilder().setTaskExecutionId(TASK.toString()).setWaitMs(30_000);
        ListenableFuture<AwaitEndResponse> slow = ask(ofWorkflow(30_000));
        ListenableFuture<AwaitEndResponse> quick = ask(ofTask);
        while (door.reads.stepsAsked.get() < 2) {
            Thread.onSpinWait();
        }
        CountDownLatch answered = new CountDownLatch(1);
        door.answering = answer -> {
            if (((AwaitEndResponse) answer).getOutput().toStringUtf8().equals("\"slow\"")) {
                try {
                    answered.await(20, TimeUnit.SECONDS);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }
        };

        workflow(ExecutionStatus.COMPLETED, "\"slow\"", "");
        task(ExecutionStatus.COMPLETED, "");

        assertEquals("COMPLETED", quick.get(20, TimeUnit.SECONDS).getStatus());
        assertFalse(slow.isDone());
        answered.countDown();
        assertEquals("COMPLETED", slow.get(20, TimeUnit.SECONDS).getStatus());
    }

    private void assertRefused(Status.Code code, String text, AwaitEndRequest.Builder request) {
        StatusRuntimeException refusal = assertThrows(
                StatusRuntimeException.class,
                () -> OpenDoor.with(ExecutionResultsGrpc.newBlockingStub(door.channel()), OpenDoor.WORKER_KEY)
                        .awaitEnd(request.build()));
        assertEquals(code, refusal.getStatus().getCode());
        assertTrue(refusal.getMessage().contains(text), refusal.getMessage());
    }

    private ListenableFuture<AwaitEndResponse> ask(AwaitEndRequest.Builder request) {
        return OpenDoor.with(ExecutionResultsGrpc.newFutureStub(door.channel()), OpenDoor.WORKER_KEY)
                .awaitEnd(request.build());
    }

    private static AwaitEndRequest.Builder ofWorkflow(int waitMs) {
        return AwaitEndRequest.newBuilder()
                .setWorkflowExecutionId(WORKFLOW.toString())
                .setWaitMs(waitMs);
    }

    private void awaitWatch() {
        while (door.reads.stepsAsked.get() == 0) {
            Thread.onSpinWait();
        }
    }

    private void assertNothingLeft() {
        assertEquals(0, door.reads.watched());
    }

    private void workflow(ExecutionStatus status, String output, String error) {
        door.reads.executions.put(
                new MemoryReads.Key(OpenDoor.ALPHA, WORKFLOW),
                ExecutionView.newBuilder()
                        .setExecutionId(Ids.toByteString(WORKFLOW))
                        .setKind("order")
                        .setQueue("default")
                        .setStatus(status)
                        .setOutput(ByteString.copyFromUtf8(output))
                        .setError(error)
                        .setClosedAtMs(status.getNumber() >= ExecutionStatus.COMPLETED_VALUE ? 2 : 0)
                        .build());
        door.reads.changed();
    }

    private void task(ExecutionStatus status, String error) {
        door.reads.tasks.put(
                new MemoryReads.Key(OpenDoor.ALPHA, TASK),
                TaskView.newBuilder()
                        .setTaskId(Ids.toByteString(TASK))
                        .setExecutionId(Ids.toByteString(WORKFLOW))
                        .setKind("reserve")
                        .setQueue("default")
                        .setStatus(status)
                        .setError(error)
                        .setExecutionCount(1)
                        .build());
        door.reads.changed();
    }
}
