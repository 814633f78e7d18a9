package io.millrace.dispatcher.topology;

import com.google.protobuf.ByteString;
import io.millrace.proto.Ids;
import io.millrace.proto.Shards;
import io.millrace.proto.v1.ClaimWork;
import io.millrace.proto.v1.CommandRecord;
import io.millrace.proto.v1.StartWorkflow;
import io.millrace.proto.v1.SubmitCommands;
import io.millrace.proto.v1.SubmittedCommand;
import io.millrace.proto.v1.WorkType;
import java.util.UUID;

/** Records of the commands topic as the front door, the notifier and the clock write them. */
final class TestCommands {

    static final UUID ORG = new UUID(7, 7);
    static final String QUEUE = "orders";
    static final long NOW_MS = 1_000_000;

    private TestCommands() {}

    /** @return a command of which only the body is missing */
    static CommandRecord.Builder command() {
        return CommandRecord.newBuilder()
                .setCommandId(Ids.toByteString(Shards.newId()))
                .setOrgId(Ids.toByteString(ORG))
                .setTimeMs(NOW_MS)
                .setReplyNode("node")
                .setReplySequence(42);
    }

    static CommandRecord.Builder start(UUID id) {
        return command()
                .setStartWorkflow(StartWorkflow.newBuilder()
                        .setExecutionId(Ids.toByteString(id))
                        .setKind("order")
                        .setQueue(QUEUE)
                        .setRetentionMs(60_000));
    }

    static CommandRecord.Builder claim() {
        return command()
                .setClaimWork(ClaimWork.newBuilder()
                        .setWorkType(WorkType.WORKFLOW)
                        .setQueue(QUEUE)
                        .addClaims(ClaimWork.Claim.newBuilder()
                                .setClaimId(Ids.toByteString(Shards.newId()))
                                .setWorkerId("w")
                                .setAnyKind(true)
                                .setLeaseMs(60_000)
                                .setMaxDeliveries(3)));
    }

    /** @return a submission of one step that suspends */
    static CommandRecord.Builder submit(UUID id, SubmittedCommand.Builder step) {
        return command()
                .setSubmitCommands(SubmitCommands.newBuilder()
                        .setExecutionId(Ids.toByteString(id))
                        .addCommands(step)
                        .setStatus(SubmitCommands.Status.SUSPENDED)
                        .setMaxStaleRounds(3)
                        .setRetentionMs(60_000));
    }

    static SubmittedCommand.Builder child(UUID id) {
        return SubmittedCommand.newBuilder()
                .setScheduleChildWorkflow(SubmittedCommand.ScheduleChildWorkflow.newBuilder()
                        .setChildExecutionName("c")
                        .setWorkflowKind("sub")
                        .setChildWorkflowExecutionId(id.toString())
                        .setInput(ByteString.copyFromUtf8("1")));
    }

    static SubmittedCommand.Builder task(UUID id) {
        return SubmittedCommand.newBuilder()
                .setScheduleTask(SubmittedCommand.ScheduleTask.newBuilder()
                        .setKind("pay")
                        .setTaskExecutionId(id.toString())
                        .setInput(ByteString.copyFromUtf8("1")));
    }

    static SubmittedCommand.Builder timer(String id, long durationMs) {
        return SubmittedCommand.newBuilder()
                .setStartTimer(
                        SubmittedCommand.StartTimer.newBuilder().setTimerId(id).setDurationMs(durationMs));
    }
}
