package io.millrace.dispatcher.codec;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.millrace.dispatcher.engine.Outcome;
import io.millrace.dispatcher.engine.command.Payload;
import io.millrace.dispatcher.engine.decide.Answer;
import io.millrace.dispatcher.engine.state.Execution;
import io.millrace.dispatcher.engine.state.Header;
import io.millrace.dispatcher.engine.state.State;
import io.millrace.dispatcher.engine.state.Task;
import io.millrace.proto.Ids;
import io.millrace.proto.flovyn.v1.TaskExecutionInfo;
import io.millrace.proto.flovyn.v1.WorkflowExecution;
import io.millrace.proto.v1.CommandRecord;
import io.millrace.proto.v1.ReplyRecord;
import io.millrace.proto.v1.WorkAvailable;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Turns answers into replies for whoever waits. Granted work goes along as the poll is to return it. */
public final class ReplyEncoder {

    private ReplyEncoder() {}

    /**
     * @param state the partition as the command left it
     * @param left what the queue of claims still holds, null where there were none
     */
    public static ReplyRecord encode(
            CommandRecord command, Outcome outcome, State state, @Nullable WorkAvailable left) {
        ReplyRecord.Builder reply = ReplyRecord.newBuilder()
                .setNode(command.getReplyNode())
                .setReplySequence(command.getReplySequence())
                .setCommandId(command.getCommandId());
        if (outcome.refusal() != null) {
            return reply.setRefusal(OutcomeEncoder.encode(outcome.refusal())).build();
        }
        if (outcome.answer() instanceof Answer.WithClaims answers) {
            reply.setRidden(claimed(answers.claimed(), state, left(left)));
            answer(reply, answers.answer(), state, null);
        } else {
            answer(reply, Objects.requireNonNull(outcome.answer(), "answer"), state, left);
        }
        return reply.build();
    }

    private static void answer(ReplyRecord.Builder reply, Answer answer, State state, @Nullable WorkAvailable left) {
        switch (answer) {
            case Answer.Accepted a ->
                reply.getAcceptedBuilder().setChanged(a.changed()).setEnded(a.ended());
            case Answer.Started a ->
                reply.getWorkflowStartedBuilder()
                        .setExecutionId(Ids.toByteString(a.executionId()))
                        .setIdempotencyKeyUsed(a.keyUsed())
                        .setIdempotencyKeyNew(a.keyNew())
                        .setCreated(a.created())
                        .setSignalSequence(a.signalSequence());
            case Answer.Signalled a -> reply.getSignalAcceptedBuilder().setSequence(a.sequence());
            case Answer.TaskCreated a ->
                reply.getTaskSubmittedBuilder()
                        .setTaskId(Ids.toByteString(a.taskId()))
                        .setIdempotencyKeyUsed(a.keyUsed())
                        .setIdempotencyKeyNew(a.keyNew());
            case Answer.Reset a -> {
                ReplyRecord.WorkflowReset.Builder reset = reply.getWorkflowResetBuilder();
                if (a.executionId() != null) {
                    reset.setExecutionId(Ids.toByteString(a.executionId()));
                }
                a.again()
                        .forEach(again -> reset.addAgainBuilder()
                                .setWhat(again.what())
                                .setName(again.name())
                                .setTimes(again.times()));
            }
            case Answer.ScheduleTriggered a -> {
                ReplyRecord.ScheduleTriggered.Builder triggered =
                        reply.getScheduleTriggeredBuilder().setBuffered(a.buffered());
                if (a.runId() != null) {
                    triggered.setExecutionId(Ids.toByteString(a.runId()));
                }
            }
            case Answer.PolicyDecided a ->
                reply.getPolicyDecidedBuilder().setChanged(a.changed()).setVersion(a.version());
            case Answer.BulkJobStands a -> BulkJobCodec.encode(reply.getBulkJobBuilder(), a.changed(), a.job());
            case Answer.Claimed a -> reply.setWorkClaimed(claimed(a, state, left(left)));
            case Answer.WithClaims a ->
                throw new IllegalArgumentException("expected one command under the claims, but found claims again");
        }
    }

    private static ReplyRecord.WorkClaimed claimed(Answer.Claimed answer, State state, WorkAvailable left) {
        ReplyRecord.WorkClaimed.Builder claimed =
                ReplyRecord.WorkClaimed.newBuilder().setLeft(left);
        for (Answer.Grant grant : answer.grants()) {
            claimed.addResults(result(grant, state));
        }
        return claimed.build();
    }

    private static WorkAvailable left(@Nullable WorkAvailable left) {
        return Objects.requireNonNull(left, "what the queue of claims still holds");
    }

    private static ReplyRecord.WorkClaimed.Result result(Answer.Grant grant, State state) {
        ReplyRecord.WorkClaimed.Result.Builder result =
                ReplyRecord.WorkClaimed.Result.newBuilder().setClaimId(Ids.toByteString(grant.claimId()));
        if (grant.executionId() == null) {
            return result.setDraining(grant.draining()).build();
        }
        result.setExecutionId(Ids.toByteString(grant.executionId()));
        Execution execution = state.present(grant.executionId());
        if (grant.taskId() == null) {
            result.setWorkflow(workflow(execution))
                    .setTraceparent(execution.header().traceparent());
        } else {
            result.setTask(task(execution, state.present(grant.executionId(), grant.taskId())));
        }
        return result.build();
    }

    private static WorkflowExecution workflow(Execution execution) {
        Header header = execution.header();
        WorkflowExecution.Builder workflow = WorkflowExecution.newBuilder()
                .setId(header.id().toString())
                .setKind(header.kind())
                .setOrgId(header.orgId().toString())
                .setInput(bytes(header.input()))
                .setQueue(header.queue())
                .setPriorityMs(header.work().prioritySeconds() * 1000L)
                .setCreatedAtMs(header.createdMs())
                .setCurrentSequence(execution.lastSequence())
                .setWorkflowTaskTimeMillis(execution.taskTimeMs());
        if (!header.work().workflowVersion().isEmpty()) {
            workflow.setWorkflowVersion(header.work().workflowVersion());
        }
        if (!header.work().workflowDefinitionId().isEmpty()) {
            workflow.setWorkflowDefinitionId(header.work().workflowDefinitionId());
        }
        return workflow.build();
    }

    private static TaskExecutionInfo task(Execution execution, Task task) {
        return TaskExecutionInfo.newBuilder()
                .setTaskExecutionId(task.id().toString())
                .setKind(task.kind())
                .setInput(bytes(task.input()))
                .setWorkflowExecutionId(
                        execution.header().standaloneTask()
                                ? ""
                                : execution.id().toString())
                .setExecutionCount(task.attempt())
                .setQueue(task.queue())
                .setTraceparent(execution.header().traceparent())
                .build();
    }

    private static ByteString bytes(Payload payload) {
        return UnsafeByteOperations.unsafeWrap(payload.json());
    }
}
