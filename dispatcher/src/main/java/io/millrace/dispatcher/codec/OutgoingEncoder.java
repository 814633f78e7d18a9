package io.millrace.dispatcher.codec;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnsafeByteOperations;
import io.millrace.dispatcher.engine.command.Command.*;
import io.millrace.dispatcher.engine.command.Command.BeginTenure;
import io.millrace.dispatcher.engine.command.Command.EndTenure;
import io.millrace.dispatcher.engine.command.Command.RaiseRules;
import io.millrace.dispatcher.engine.command.Payload;
import io.millrace.dispatcher.engine.decide.Outgoing;
import io.millrace.proto.Ids;
import io.millrace.proto.v1.CommandRecord;
import io.millrace.proto.v1.Principal;
import io.millrace.proto.v1.ResetPoint;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Turns commands that one partition sends to another into records: the same bytes for the same cause and limit. */
public final class OutgoingEncoder {

    private static final Principal OUTBOX = Principal.newBuilder()
            .setType(Principal.Type.SYSTEM)
            .setId("outbox")
            .build();

    private OutgoingEncoder() {}

    /**
     * @param timeMs time of the command that caused it
     * @param origin partition and offset of that command
     * @param maxHistoryBytes size beyond which the history at the other end must not grow
     */
    public static CommandRecord encode(Outgoing outgoing, long timeMs, String origin, long maxHistoryBytes) {
        CommandRecord.Builder record = CommandRecord.newBuilder()
                .setCommandId(Ids.toByteString(outgoing.commandId()))
                .setOrgId(Ids.toByteString(outgoing.orgId()))
                .setPrincipal(OUTBOX)
                .setTimeMs(timeMs)
                .setOrigin(origin)
                .setTraceparent(outgoing.traceparent())
                .setMaxHistoryBytes(maxHistoryBytes);
        switch (outgoing.command()) {
            case StartWorkflow c ->
                record.getStartWorkflowBuilder()
                        .setExecutionId(Ids.toByteString(c.executionId()))
                        .setKind(c.kind())
                        .setInput(bytes(c.input()))
                        .putAllMetadata(c.metadata())
                        .setQueue(c.queue())
                        .setPrioritySeconds(c.prioritySeconds())
                        .setWorkflowVersion(c.workflowVersion())
                        .setWorkflowDefinitionId(c.workflowDefinitionId())
                        .setRetentionMs(c.retentionMs())
                        .setParentExecutionId(id(c.parentExecutionId()))
                        .setChildExecutionName(c.childExecutionName());
            case CancelWorkflow c ->
                record.getCancelWorkflowBuilder()
                        .setExecutionId(Ids.toByteString(c.executionId()))
                        .setReason(c.reason())
                        .setRequestedBy(c.requestedBy());
            case TerminateWorkflow c ->
                record.getTerminateWorkflowBuilder()
                        .setExecutionId(Ids.toByteString(c.executionId()))
                        .setReason(c.reason())
                        .setRequestedBy(c.requestedBy());
            case ContinueChild c -> {
                var child = record.getContinueChildBuilder()
                        .setExecutionId(Ids.toByteString(c.executionId()))
                        .setParentExecutionId(Ids.toByteString(c.parentExecutionId()))
                        .setChildExecutionName(c.childExecutionName())
                        .setPoint(ResetPoint.valueOf(c.point().name()))
                        .setReason(c.reason())
                        .setKeyTtlMs(c.keyTtlMs());
                if (c.newExecutionId() != null) {
                    child.setNewExecutionId(Ids.toByteString(c.newExecutionId()));
                }
            }
            case ChildClosed c ->
                record.getChildClosedBuilder()
                        .setParentExecutionId(id(c.parentExecutionId()))
                        .setChildExecutionId(Ids.toByteString(c.childExecutionId()))
                        .setChildExecutionName(c.childExecutionName())
                        .setOutcome(
                                switch (c.outcome()) {
                                    case COMPLETED -> io.millrace.proto.v1.ChildClosed.Outcome.COMPLETED;
                                    case FAILED -> io.millrace.proto.v1.ChildClosed.Outcome.FAILED;
                                    case CANCELLED -> io.millrace.proto.v1.ChildClosed.Outcome.CANCELLED;
                                })
                        .setOutput(bytes(c.output()))
                        .setError(c.error());
            case BindPromiseKey c ->
                record.getBindPromiseKeyBuilder()
                        .setKey(c.key())
                        .setExecutionId(Ids.toByteString(c.executionId()))
                        .setPromiseId(Ids.toByteString(c.promiseId()))
                        .setPromiseName(c.promiseName())
                        .setTtlMs(c.ttlMs());
            case FreePromiseKey c ->
                record.getFreePromiseKeyBuilder().setKey(c.key()).setPromiseId(Ids.toByteString(c.promiseId()));
            case ResolvePromise c ->
                record.getResolvePromiseBuilder()
                        .setExecutionId(id(c.executionId()))
                        .setPromiseId(id(c.promiseId()))
                        .setPromiseName(c.promiseName())
                        .setValue(bytes(c.value()));
            case RejectPromise c ->
                record.getRejectPromiseBuilder()
                        .setExecutionId(id(c.executionId()))
                        .setPromiseId(id(c.promiseId()))
                        .setPromiseName(c.promiseName())
                        .setError(c.error());
            case RequestCancellation c ->
                record.getRequestCancellationBuilder()
                        .setExecutionId(Ids.toByteString(c.executionId()))
                        .setReason(c.reason())
                        .setRequestedBy(c.requestedBy())
                        .setForceAfterMs(c.forceAfterMs())
                        .setExpectedSequence(c.expectedSequence());
            case StartScheduledRun c -> scheduledRun(record, c);
            case ScheduledRunEnded c ->
                record.getScheduledRunEndedBuilder()
                        .setSchedule(c.schedule())
                        .setScheduleId(Ids.toByteString(c.scheduleId()))
                        .setExecutionId(Ids.toByteString(c.runId()))
                        .setOutcome(c.outcome());
            case CheckScheduledRun c ->
                record.getCheckScheduledRunBuilder()
                        .setSchedule(c.schedule())
                        .setScheduleId(Ids.toByteString(c.scheduleId()))
                        .setExecutionId(Ids.toByteString(c.runId()));
            case FollowPolicy c ->
                record.getFollowPolicyBuilder()
                        .setSubject(PolicyCodec.encode(c.subject()))
                        .setPolicy(PolicyCodec.encode(c.policy()));
            case TellPlaces c ->
                record.getTellPlacesBuilder()
                        .setQueue(c.queue())
                        .setEpoch(c.epoch())
                        .setPartition(c.partition())
                        .setBegun(c.begun())
                        .setAsked(c.asked())
                        .setReturned(c.returned());
            case LendPlaces c ->
                record.getLendPlacesBuilder()
                        .setQueue(c.queue())
                        .setEpoch(c.epoch())
                        .setLent(c.lent());
            case OfPolicy c -> throw notSent(outgoing);
            case OfBulkJob c -> throw notSent(outgoing);
            case OfQuery c -> throw notSent(outgoing);
            case AnnotateWorkflow c -> throw notSent(outgoing);
            case OfSchedule c -> throw notSent(outgoing);
            case ResetWorkflow c -> throw notSent(outgoing);
            case RetryTask c -> throw notSent(outgoing);
            case PauseWorkflow c -> throw notSent(outgoing);
            case ResumeWorkflow c -> throw notSent(outgoing);
            case SignalWithStart c -> throw notSent(outgoing);
            case SignalWorkflow c -> throw notSent(outgoing);
            case ClaimWork c -> throw notSent(outgoing);
            case WithClaims c -> throw notSent(outgoing);
            case ReleaseClaim c -> throw notSent(outgoing);
            case WorkerGone c -> throw notSent(outgoing);
            case WorkerBack c -> throw notSent(outgoing);
            case SubmitCommands c -> throw notSent(outgoing);
            case SettlePromiseByKey c -> throw notSent(outgoing);
            case SubmitTask c -> throw notSent(outgoing);
            case CompleteTask c -> throw notSent(outgoing);
            case FailTask c -> throw notSent(outgoing);
            case CancelTask c -> throw notSent(outgoing);
            case HeartbeatTask c -> throw notSent(outgoing);
            case ReportTaskProgress c -> throw notSent(outgoing);
            case LogTaskMessage c -> throw notSent(outgoing);
            case ChangeTaskState c -> throw notSent(outgoing);
            case FireDue c -> throw notSent(outgoing);
            case RecordRefusal c -> throw notSent(outgoing);
            case RecordNote c -> throw notSent(outgoing);
            case ReportRefused c -> throw notSent(outgoing);
            case BeginTenure c -> throw notSent(outgoing);
            case EndTenure c -> throw notSent(outgoing);
            case RaiseRules c -> throw notSent(outgoing);
        }
        return record.build();
    }

    private static void scheduledRun(CommandRecord.Builder record, StartScheduledRun c) {
        StartWorkflow start = c.start();
        record.getStartScheduledRunBuilder()
                .setSchedule(c.origin().schedule())
                .setScheduleId(Ids.toByteString(c.origin().scheduleId()))
                .setDueMs(c.origin().dueMs())
                .setAwaited(c.origin().awaited())
                .getStartBuilder()
                .setExecutionId(Ids.toByteString(start.executionId()))
                .setKind(start.kind())
                .setInput(bytes(start.input()))
                .putAllMetadata(start.metadata())
                .setQueue(start.queue())
                .setPrioritySeconds(start.prioritySeconds())
                .setWorkflowVersion(start.workflowVersion())
                .setWorkflowDefinitionId(start.workflowDefinitionId())
                .setRetentionMs(start.retentionMs());
    }

    /** @return the record, as one that may have been sent before */
    public static byte[] again(byte[] record) {
        try {
            return CommandRecord.parseFrom(record).toBuilder()
                    .setSentAgain(true)
                    .build()
                    .toByteArray();
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException(
                    "expected a command of this partition's own making, but it cannot be read", e);
        }
    }

    private static IllegalStateException notSent(Outgoing outgoing) {
        return new IllegalStateException("expected a command that partitions send each other, but got "
                + outgoing.command().getClass().getSimpleName());
    }

    /** An id that a command may lack, but not one that another partition is sent. */
    private static ByteString id(@Nullable UUID id) {
        return Ids.toByteString(Objects.requireNonNull(id, "id"));
    }

    private static ByteString bytes(Payload payload) {
        return UnsafeByteOperations.unsafeWrap(payload.json());
    }
}
