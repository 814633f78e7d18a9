package io.millrace.dispatcher.topology;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.millrace.dispatcher.reads.Readers;
import io.millrace.dispatcher.reads.StateReads;
import io.millrace.proto.Ids;
import io.millrace.proto.Shards;
import io.millrace.proto.reads.ExecutionWatch;
import io.millrace.proto.v1.CancelWorkflow;
import io.millrace.proto.v1.CommandRecord;
import io.millrace.proto.v1.CompleteTask;
import io.millrace.proto.v1.EventRecord;
import io.millrace.proto.v1.ExecutionStatus;
import io.millrace.proto.v1.FailTask;
import io.millrace.proto.v1.SignalWorkflow;
import io.millrace.proto.v1.SubmitTask;
import io.millrace.proto.v1.WatchRequest;
import io.millrace.proto.v1.WatchStep;
import io.millrace.proto.v1.WorkType;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Executions watched while commands are carried out. */
class WatchTest {

    @TempDir
    private Path folder;

    private final ScheduledThreadPoolExecutor pump = new ScheduledThreadPoolExecutor(1);
    private final BlockingQueue<WatchStep> steps = new LinkedBlockingQueue<>();
    private final UUID id = Shards.newId(0);
    private Owner owner;
    private StateReads reads;

    @BeforeEach
    void own() {
        owner = Owner.owning(Owner.emptyStore(), 0, folder);
        reads = new StateReads(owner.partitions, 1, pump, new Readers());
    }

    @AfterEach
    void close() {
        pump.shutdownNow();
    }

    @Test
    void eachEventIsToldOnceAndTheEndAfterThem() throws Exception {
        owner.process(TestCommands.start(id));
        ExecutionWatch watch = watch(TestCommands.ORG, 0);
        List<Integer> sequences = new ArrayList<>();
        watch.next();

        for (int i = 0; i < 300; i++) {
            signal();
        }
        owner.process(TestCommands.command()
                .setCancelWorkflow(CancelWorkflow.newBuilder().setExecutionId(Ids.toByteString(id))));
        WatchStep step = step();
        while (step.getEnd() == WatchStep.End.OPEN) {
            step.getEventsList().stream().map(EventRecord::getHistorySequence).forEach(sequences::add);
            watch.next();
            step = step();
        }

        assertEquals(WatchStep.End.ENDED, step.getEnd());
        int last = reads.execution(TestCommands.ORG, id).join().orElseThrow().getHistoryLength();
        assertTrue(last > 301);
        assertEquals(IntStream.rangeClosed(1, last).boxed().toList(), sequences);
    }

    @Test
    void whatHappensWhileNobodyAsksComesInOneStep() throws Exception {
        owner.process(TestCommands.start(id));
        ExecutionWatch watch = watch(TestCommands.ORG, 1);

        signal();
        signal();
        quiet();
        watch.next();

        assertEquals(2, step().getEventsCount());
        watch.next();
        quiet();
        signal();
        assertEquals(4, step().getEvents(0).getHistorySequence());
    }

    @Test
    void aWatchOverAPartitionThatLeavesIsToldSo() throws Exception {
        owner.process(TestCommands.start(id));
        ExecutionWatch watch = watch(TestCommands.ORG, 1);
        watch.next();
        quiet();

        owner.close();

        assertEquals(WatchStep.End.MOVED, step().getEnd());
        watch(TestCommands.ORG, 1).next();
        assertEquals(WatchStep.End.MOVED, step().getEnd());
    }

    @Test
    void aWatchWhoseListenerFailsEndsAndSaysSo() throws Exception {
        owner.process(TestCommands.start(id));
        ExecutionWatch watch = reads.watch(request(TestCommands.ORG, 0), step -> {
            steps.add(step);
            if (step.getEnd() == WatchStep.End.OPEN) {
                throw new OutOfMemoryError("made up");
            }
        });

        watch.next();

        assertEquals(WatchStep.End.OPEN, step().getEnd());
        assertEquals(WatchStep.End.MOVED, step().getEnd());
        watch.next();
        signal();
        quiet();
        assertTrue(steps.isEmpty(), "it is said once");
    }

    @Test
    void aWatchIsAsGoodAsBeforeForOthersWhenAListenerFailsTwice() throws Exception {
        owner.process(TestCommands.start(id));
        reads.watch(request(TestCommands.ORG, 0), step -> {
                    throw new IllegalStateException("made up");
                })
                .next();
        quiet();

        watch(TestCommands.ORG, 0).next();

        assertEquals(WatchStep.End.OPEN, step().getEnd());
    }

    @Test
    void eachOfManyWatchesOfOneExecutionHearsOfItsEnd() throws Exception {
        owner.process(TestCommands.start(id));
        WatchRequest end =
                request(TestCommands.ORG, 0).toBuilder().setOnlyEnd(true).build();
        for (int i = 0; i < 20; i++) {
            reads.watch(end, steps::add).next();
        }

        owner.process(TestCommands.command()
                .setCancelWorkflow(CancelWorkflow.newBuilder().setExecutionId(Ids.toByteString(id))));

        for (int i = 0; i < 20; i++) {
            assertEquals(WatchStep.End.ENDED, step().getEnd());
        }
    }

    @Test
    void whatBelongsToAnotherOrganisationIsUnknown() throws Exception {
        owner.process(TestCommands.start(id));

        watch(UUID.randomUUID(), 0).next();

        assertEquals(WatchStep.End.UNKNOWN, step().getEnd());
    }

    @Test
    void aWatchThatWasClosedHearsNothing() throws Exception {
        owner.process(TestCommands.start(id));
        ExecutionWatch watch = watch(TestCommands.ORG, 1);
        watch.next();

        watch.close();
        signal();
        quiet();

        assertNull(steps.poll());
    }

    @Test
    void positionsOfATaskCountItsAttempts() throws Exception {
        owner.process(TestCommands.command()
                .setSubmitTask(SubmitTask.newBuilder()
                        .setTaskId(Ids.toByteString(id))
                        .setKind("t")
                        .setQueue(TestCommands.QUEUE)
                        .setInput(ByteString.copyFromUtf8("{\"large\":1}"))
                        .setMaxRetries(3)
                        .setRetentionMs(60_000)));
        ExecutionWatch watch = reads.watch(
                request(TestCommands.ORG, 0).toBuilder()
                        .setTaskId(Ids.toByteString(id))
                        .build(),
                steps::add);

        List<Integer> positions = new ArrayList<>(List.of(position(watch)));
        claimTask();
        positions.add(position(watch));
        owner.process(TestCommands.command()
                .setFailTask(FailTask.newBuilder()
                        .setTaskId(Ids.toByteString(id))
                        .setExecutionId(Ids.toByteString(id))
                        .setError("once")));
        positions.add(position(watch));
        claimTask();
        owner.process(TestCommands.command()
                .setCompleteTask(CompleteTask.newBuilder()
                        .setTaskId(Ids.toByteString(id))
                        .setExecutionId(Ids.toByteString(id))
                        .setOutput(ByteString.copyFromUtf8("7"))));
        watch.next();
        WatchStep end = step();

        assertEquals(List.of(1, 2, 3), positions);
        assertEquals(6, end.getTaskPosition());
        assertEquals(WatchStep.End.ENDED, end.getEnd());
        assertEquals(ExecutionStatus.COMPLETED, end.getTask().getStatus());
        assertEquals("7", end.getTask().getOutput().toStringUtf8());
        assertTrue(end.getTask().getInput().isEmpty());
    }

    @Test
    void whereOnlyTheEndIsWantedNothingElseWakesThePump() throws Exception {
        owner.process(TestCommands.start(id));
        ExecutionWatch watch = reads.watch(
                request(TestCommands.ORG, 0).toBuilder().setOnlyEnd(true).build(), steps::add);
        watch.next();
        quiet();
        long woken = pump.getTaskCount();

        for (int i = 0; i < 10; i++) {
            signal();
        }
        assertEquals(woken, pump.getTaskCount());
        owner.process(TestCommands.command()
                .setCancelWorkflow(CancelWorkflow.newBuilder().setExecutionId(Ids.toByteString(id))));

        WatchStep end = step();
        assertEquals(WatchStep.End.ENDED, end.getEnd());
        assertEquals(0, end.getEventsCount());
    }

    @Test
    void whoeverWantsOnlyTheEndOfWhatHasEndedIsToldAtOnce() throws Exception {
        owner.process(TestCommands.start(id));
        owner.process(TestCommands.command()
                .setCancelWorkflow(CancelWorkflow.newBuilder().setExecutionId(Ids.toByteString(id))));

        reads.watch(request(TestCommands.ORG, 0).toBuilder().setOnlyEnd(true).build(), steps::add)
                .next();

        assertEquals(WatchStep.End.ENDED, step().getEnd());
    }

    @Test
    void whoeverWaitsForAnEndIsToldThatThePartitionLeaves() throws Exception {
        owner.process(TestCommands.start(id));
        reads.watch(request(TestCommands.ORG, 0).toBuilder().setOnlyEnd(true).build(), steps::add)
                .next();
        quiet();

        owner.close();

        assertEquals(WatchStep.End.MOVED, step().getEnd());
    }

    private int position(ExecutionWatch watch) throws InterruptedException {
        watch.next();
        WatchStep step = step();
        assertEquals(WatchStep.End.OPEN, step.getEnd());
        return step.getTaskPosition();
    }

    private void claimTask() {
        CommandRecord.Builder claim = TestCommands.claim();
        claim.getClaimWorkBuilder().setWorkType(WorkType.TASK);
        assertFalse(owner.process(claim).getEventsList().isEmpty());
    }

    private void signal() {
        owner.process(TestCommands.command()
                .setSignalWorkflow(SignalWorkflow.newBuilder()
                        .setExecutionId(Ids.toByteString(id))
                        .setSignalName("s")
                        .setMaxSignals(10_000)));
    }

    private ExecutionWatch watch(UUID orgId, int after) {
        return reads.watch(request(orgId, after), steps::add);
    }

    private WatchRequest request(UUID orgId, int after) {
        return WatchRequest.newBuilder()
                .setOrgId(Ids.toByteString(orgId))
                .setExecutionId(Ids.toByteString(id))
                .setAfter(after)
                .build();
    }

    private WatchStep step() throws InterruptedException {
        WatchStep step = steps.poll(20, TimeUnit.SECONDS);
        assertNotNull(step, "expected another step, but none came");
        return step;
    }

    /** Waits until the pump has done all it was woken for, and checks that nothing was told. */
    private void quiet() throws Exception {
        pump.submit(() -> {}).get(20, TimeUnit.SECONDS);
        assertTrue(steps.isEmpty(), steps.toString());
    }
}
