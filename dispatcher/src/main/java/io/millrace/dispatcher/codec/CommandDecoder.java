package io.millrace.dispatcher.codec;

import com.google.protobuf.ByteString;
import io.millrace.dispatcher.engine.command.Asker;
import io.millrace.dispatcher.engine.command.Command;
import io.millrace.dispatcher.engine.command.Command.*;
import io.millrace.dispatcher.engine.command.Command.BeginTenure;
import io.millrace.dispatcher.engine.command.Command.EndTenure;
import io.millrace.dispatcher.engine.command.Command.RaiseRules;
import io.millrace.dispatcher.engine.command.Holder;
import io.millrace.dispatcher.engine.command.Payload;
import io.millrace.dispatcher.engine.command.SavedQuery;
import io.millrace.dispatcher.engine.command.WorkType;
import io.millrace.proto.Ids;
import io.millrace.proto.v1.CommandRecord;
import io.millrace.proto.v1.Principal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Turns records of the commands topic into commands of the engine. */
public final class CommandDecoder {

    private CommandDecoder() {}

    /**
     * @return what the record asks for
     * @throws IllegalArgumentException if it asks for nothing that this version knows, or lacks what it needs
     */
    public static Command decode(CommandRecord record) {
        Command command = body(record);
        return record.hasClaims() ? new WithClaims(command, claim(record.getClaims())) : command;
    }

    private static Command body(CommandRecord record) {
        return switch (record.getBodyCase()) {
            case START_WORKFLOW -> start(record.getStartWorkflow());
            case SIGNAL_WITH_START -> {
                var c = record.getSignalWithStart();
                yield new SignalWithStart(
                        start(c.getStart()),
                        c.getSignalName(),
                        payload(c.getSignalValue()),
                        c.getMaxSignals(),
                        c.getSignalIdempotencyKey());
            }
            case SIGNAL_WORKFLOW -> {
                var c = record.getSignalWorkflow();
                yield new SignalWorkflow(
                        Ids.fromBytes(c.getExecutionId()),
                        c.getSignalName(),
                        payload(c.getSignalValue()),
                        c.getMaxSignals(),
                        c.getIdempotencyKey(),
                        c.getIdempotencyKeyTtlMs());
            }
            case CANCEL_WORKFLOW -> {
                var c = record.getCancelWorkflow();
                yield new CancelWorkflow(Ids.fromBytes(c.getExecutionId()), c.getReason(), c.getRequestedBy());
            }
            case REQUEST_CANCELLATION -> {
                var c = record.getRequestCancellation();
                yield new RequestCancellation(
                        Ids.fromBytes(c.getExecutionId()),
                        c.getReason(),
                        c.getRequestedBy(),
                        c.getForceAfterMs(),
                        c.getExpectedSequence());
            }
            case TERMINATE_WORKFLOW -> {
                var c = record.getTerminateWorkflow();
                yield new TerminateWorkflow(
                        Ids.fromBytes(c.getExecutionId()), c.getReason(), c.getRequestedBy(), c.getExpectedSequence());
            }
            case PAUSE_WORKFLOW -> {
                var c = record.getPauseWorkflow();
                yield new PauseWorkflow(
                        Ids.fromBytes(c.getExecutionId()), c.getReason(), c.getRequestedBy(), c.getExpectedSequence());
            }
            case RESUME_WORKFLOW ->
                new ResumeWorkflow(
                        Ids.fromBytes(record.getResumeWorkflow().getExecutionId()),
                        record.getResumeWorkflow().getReason(),
                        record.getResumeWorkflow().getRequestedBy(),
                        record.getResumeWorkflow().getExpectedSequence());
            case SAVE_QUERY -> {
                var c = record.getSaveQuery();
                yield new SaveQuery(
                        new SavedQuery(c.getName(), c.getSubject(), c.getQuery(), c.getAbout(), c.getRequestedBy()),
                        expectedVersion(c.hasExpectedVersion(), c.getExpectedVersion()));
            }
            case DELETE_QUERY -> {
                var c = record.getDeleteQuery();
                yield new DeleteQuery(
                        c.getName(),
                        c.getRequestedBy(),
                        expectedVersion(c.hasExpectedVersion(), c.getExpectedVersion()));
            }
            case ANNOTATE_WORKFLOW ->
                new AnnotateWorkflow(
                        Ids.fromBytes(record.getAnnotateWorkflow().getExecutionId()),
                        record.getAnnotateWorkflow().getText(),
                        record.getAnnotateWorkflow().getRequestedBy());
            case RETRY_TASK -> {
                var c = record.getRetryTask();
                yield new RetryTask(
                        Ids.fromBytes(c.getTaskId()),
                        Ids.fromBytes(c.getExecutionId()),
                        expectedVersion(c.hasExpectedVersion(), c.getExpectedVersion()));
            }
            case RESET_WORKFLOW -> {
                var c = record.getResetWorkflow();
                yield new ResetWorkflow(
                        Ids.fromBytes(c.getExecutionId()),
                        Ids.fromBytes(c.getNewExecutionId()),
                        point(c.getPoint()),
                        c.getSequence(),
                        c.getOtherInput() ? payload(c.getInput()) : null,
                        c.getDryRun(),
                        c.getReason(),
                        c.getRequestedBy(),
                        c.getExpectedSequence(),
                        c.getKeyTtlMs(),
                        null,
                        c.getEventType());
            }
            case CONTINUE_CHILD -> {
                var c = record.getContinueChild();
                yield new ContinueChild(
                        Ids.fromBytes(c.getExecutionId()),
                        Ids.fromBytesOrNull(c.getNewExecutionId()),
                        Ids.fromBytes(c.getParentExecutionId()),
                        c.getChildExecutionName(),
                        point(c.getPoint()),
                        c.getReason(),
                        c.getKeyTtlMs());
            }
            case PAUSE_WORK, RESUME_WORK, LIMIT_WORK, FOLLOW_POLICY, TELL_PLACES, LEND_PLACES ->
                PolicyCodec.decode(record);
            case BEGIN_BULK_JOB, STEER_BULK_JOB, CLAIM_BULK_JOB, ADVANCE_BULK_JOB -> BulkJobCodec.decode(record);
            case CREATE_SCHEDULE,
                    UPDATE_SCHEDULE,
                    PAUSE_SCHEDULE,
                    RESUME_SCHEDULE,
                    DELETE_SCHEDULE,
                    TRIGGER_SCHEDULE,
                    BACKFILL_SCHEDULE,
                    STOP_BACKFILL,
                    PLAN_SCHEDULE,
                    SCHEDULED_RUN_ENDED,
                    START_SCHEDULED_RUN,
                    CHECK_SCHEDULED_RUN -> ScheduleDecoder.decode(record);
            case CLAIM_WORK -> claim(record.getClaimWork());
            case RELEASE_CLAIM -> {
                var c = record.getReleaseClaim();
                yield new ReleaseClaim(
                        workType(c.getWorkType()),
                        Ids.fromBytes(c.getExecutionId()),
                        Ids.fromBytesOrNull(c.getTaskId()),
                        Ids.fromBytes(c.getClaimId()),
                        c.getReason());
            }
            case BEGIN_TENURE ->
                new BeginTenure(
                        Ids.fromBytes(record.getBeginTenure().getTenureId()),
                        record.getBeginTenure().getNode(),
                        record.getBeginTenure().getKnownRules(),
                        record.getBeginTenure().getOwnedUntilMs(),
                        record.getBeginTenure().getRulesOfNewLog(),
                        record.getBeginTenure().getReadLeaseMs());
            case END_TENURE ->
                new EndTenure(
                        Ids.fromBytes(record.getEndTenure().getTenureId()),
                        record.getEndTenure().getNode());
            case RAISE_RULES -> new RaiseRules(record.getRaiseRules().getVersion());
            case WORKER_GONE ->
                new WorkerGone(
                        record.getWorkerGone().getWorkerId(),
                        record.getWorkerGone().getReason(),
                        record.getWorkerGone().getUntilMs(),
                        asker(record.getWorkerGone().getPrincipal()));
            case WORKER_BACK -> {
                var c = record.getWorkerBack();
                yield new WorkerBack(
                        c.getWorkerId(),
                        c.getReason(),
                        c.getProcess(),
                        c.getIdle(),
                        c.getGraceMs(),
                        c.getMomentsMs(),
                        c.getUntilMs(),
                        c.getRecentMs(),
                        c.getClaimIdsList().stream().map(Ids::fromBytes).collect(Collectors.toUnmodifiableSet()),
                        asker(c.getPrincipal()));
            }
            case SUBMIT_COMMANDS -> StepDecoder.submission(record.getSubmitCommands());
            case RESOLVE_PROMISE -> {
                var c = record.getResolvePromise();
                yield new ResolvePromise(
                        Ids.fromBytesOrNull(c.getExecutionId()),
                        Ids.fromBytesOrNull(c.getPromiseId()),
                        c.getPromiseName(),
                        payload(c.getValue()));
            }
            case REJECT_PROMISE -> {
                var c = record.getRejectPromise();
                yield new RejectPromise(
                        Ids.fromBytesOrNull(c.getExecutionId()),
                        Ids.fromBytesOrNull(c.getPromiseId()),
                        c.getPromiseName(),
                        c.getError());
            }
            case BIND_PROMISE_KEY -> {
                var c = record.getBindPromiseKey();
                yield new BindPromiseKey(
                        c.getKey(),
                        Ids.fromBytes(c.getExecutionId()),
                        Ids.fromBytes(c.getPromiseId()),
                        c.getPromiseName(),
                        c.getTtlMs());
            }
            case FREE_PROMISE_KEY ->
                new FreePromiseKey(
                        record.getFreePromiseKey().getKey(),
                        Ids.fromBytes(record.getFreePromiseKey().getPromiseId()));
            case SETTLE_PROMISE_BY_KEY -> {
                var c = record.getSettlePromiseByKey();
                yield new SettlePromiseByKey(c.getKey(), c.getReject(), payload(c.getValue()), c.getError());
            }
            case SUBMIT_TASK -> {
                var c = record.getSubmitTask();
                yield new SubmitTask(
                        Ids.fromBytes(c.getTaskId()),
                        Ids.fromBytesOrNull(c.getExecutionId()),
                        c.getKind(),
                        payload(c.getInput()),
                        sorted(c.getMetadataMap()),
                        c.getMaxRetries(),
                        c.getTimeoutMs(),
                        c.getIdempotencyKey(),
                        c.getIdempotencyKeyTtlMs(),
                        c.getQueue(),
                        c.getRetentionMs(),
                        c.getScheduledAtMs());
            }
            case COMPLETE_TASK -> {
                var c = record.getCompleteTask();
                yield new CompleteTask(
                        Ids.fromBytes(c.getTaskId()), Ids.fromBytes(c.getExecutionId()), payload(c.getOutput()));
            }
            case FAIL_TASK -> {
                var c = record.getFailTask();
                yield new FailTask(
                        Ids.fromBytes(c.getTaskId()),
                        Ids.fromBytes(c.getExecutionId()),
                        c.getError(),
                        c.getRetryDelayMs());
            }
            case CANCEL_TASK -> {
                var c = record.getCancelTask();
                yield new CancelTask(
                        Ids.fromBytes(c.getTaskId()),
                        Ids.fromBytes(c.getExecutionId()),
                        expectedVersion(c.hasExpectedVersion(), c.getExpectedVersion()));
            }
            case HEARTBEAT_TASK ->
                new HeartbeatTask(
                        Ids.fromBytes(record.getHeartbeatTask().getTaskId()),
                        Ids.fromBytes(record.getHeartbeatTask().getExecutionId()),
                        Ids.fromBytesOrNull(record.getHeartbeatTask().getClaimId()),
                        record.getHeartbeatTask().getLeaving());
            case REPORT_TASK_PROGRESS -> {
                var c = record.getReportTaskProgress();
                yield new ReportTaskProgress(
                        Ids.fromBytes(c.getTaskId()),
                        Ids.fromBytes(c.getExecutionId()),
                        c.getProgress(),
                        c.getDetails());
            }
            case LOG_TASK_MESSAGE -> {
                var c = record.getLogTaskMessage();
                yield new LogTaskMessage(
                        Ids.fromBytes(c.getTaskId()),
                        Ids.fromBytes(c.getExecutionId()),
                        c.getLevel(),
                        c.getMessage(),
                        c.getMaxMessages(),
                        c.getMaxLogBytes());
            }
            case CHANGE_TASK_STATE -> {
                var c = record.getChangeTaskState();
                yield new ChangeTaskState(
                        Ids.fromBytes(c.getTaskId()),
                        Ids.fromBytes(c.getExecutionId()),
                        change(c.getChange()),
                        c.getKey(),
                        payload(c.getValue()),
                        c.getMaxStateBytes());
            }
            case CHILD_CLOSED -> {
                var c = record.getChildClosed();
                yield new ChildClosed(
                        Ids.fromBytes(c.getParentExecutionId()),
                        Ids.fromBytes(c.getChildExecutionId()),
                        c.getChildExecutionName(),
                        outcome(c.getOutcome()),
                        payload(c.getOutput()),
                        c.getError());
            }
            case FIRE_DUE ->
                new FireDue(record.getFireDue().getLimit(), record.getFireDue().getUnservedUntilMs());
            case RECORD_REFUSAL -> {
                var c = record.getRecordRefusal();
                yield new RecordRefusal(c.getMethod(), c.getReason(), c.getText(), c.getSubject());
            }
            case REPORT_REFUSED -> {
                var c = record.getReportRefused();
                yield new ReportRefused(
                        Ids.fromBytes(c.getExecutionId()),
                        Ids.fromBytesOrNull(c.getTaskId()),
                        c.getText(),
                        c.getFirstSequenceNumber(),
                        c.getGraceMs(),
                        c.getMaxRounds());
            }
            case RECORD_NOTE -> new RecordNote();
            case BODY_NOT_SET ->
                throw new IllegalArgumentException(
                        "expected a command that rules version known here can carry out, but the record has none");
        };
    }

    static StartWorkflow start(io.millrace.proto.v1.StartWorkflow c) {
        return new StartWorkflow(
                Ids.fromBytes(c.getExecutionId()),
                c.getKind(),
                payload(c.getInput()),
                sorted(c.getMetadataMap()),
                c.getQueue(),
                c.getPrioritySeconds(),
                c.getWorkflowVersion(),
                c.getWorkflowDefinitionId(),
                c.getIdempotencyKey(),
                c.getIdempotencyKeyTtlMs(),
                c.getRetentionMs(),
                Ids.fromBytesOrNull(c.getParentExecutionId()),
                c.getChildExecutionName());
    }

    private static ClaimWork claim(io.millrace.proto.v1.ClaimWork c) {
        List<Claim> claims = new ArrayList<>(c.getClaimsCount());
        for (var claim : c.getClaimsList()) {
            claims.add(new Claim(
                    Ids.fromBytes(claim.getClaimId()),
                    claim.getWorkerId(),
                    List.copyOf(claim.getKindsList()),
                    claim.getAnyKind(),
                    claim.getLeaseMs(),
                    claim.getMaxDeliveries(),
                    claim.getLongerLeaseMsMap(),
                    holder(claim)));
        }
        return new ClaimWork(workType(c.getWorkType()), c.getQueue(), claims);
    }

    /** @return who asks, as far as the engine looks at it */
    public static Asker asker(Principal principal) {
        return new Asker(principal.getType().name(), principal.getId(), principal.getCredential());
    }

    private static @Nullable Holder holder(io.millrace.proto.v1.ClaimWork.Claim claim) {
        return switch (claim.getBinding()) {
            case BINDING_UNSPECIFIED -> null;
            case PRINCIPAL -> new Holder(asker(claim.getHolder()), Holder.Binding.PRINCIPAL);
            case CREDENTIAL -> new Holder(asker(claim.getHolder()), Holder.Binding.CREDENTIAL);
            case UNRECOGNIZED ->
                throw new IllegalArgumentException(
                        "expected a binding that this version knows, but got " + claim.getBindingValue());
        };
    }

    static Payload payload(ByteString bytes) {
        return Payload.of(bytes.toByteArray());
    }

    /** Map fields have no order on the wire; events need one. */
    static Map<String, String> sorted(Map<String, String> map) {
        return map.isEmpty() ? Map.of() : new TreeMap<>(map);
    }

    /** @return the version that the caller saw, or any where it named none */
    static long expectedVersion(boolean named, long version) {
        return named ? version : Command.ANY_VERSION;
    }

    private static WorkType workType(io.millrace.proto.v1.WorkType type) {
        return switch (type) {
            case WORKFLOW -> WorkType.WORKFLOW;
            case TASK -> WorkType.TASK;
            case WORK_TYPE_UNSPECIFIED, UNRECOGNIZED -> throw unknown("a work type", type);
        };
    }

    private static Command.Point point(io.millrace.proto.v1.ResetPoint point) {
        return switch (point) {
            case BEGINNING -> Command.Point.BEGINNING;
            case SEQUENCE -> Command.Point.SEQUENCE;
            case LAST_GOOD_POINT -> Command.Point.LAST_GOOD_POINT;
            case CONTINUE_AS_NEW -> Command.Point.CONTINUE_AS_NEW;
            case FIRST_OF_TYPE -> Command.Point.FIRST_OF_TYPE;
            case RESET_POINT_UNSPECIFIED, UNRECOGNIZED -> throw unknown("a point to go on from", point);
        };
    }

    private static Command.StateChange change(io.millrace.proto.v1.ChangeTaskState.Change change) {
        return switch (change) {
            case SET -> Command.StateChange.SET;
            case CLEAR -> Command.StateChange.CLEAR;
            case CLEAR_ALL -> Command.StateChange.CLEAR_ALL;
            case CHANGE_UNSPECIFIED, UNRECOGNIZED -> throw unknown("a change of state", change);
        };
    }

    private static Command.ChildOutcome outcome(io.millrace.proto.v1.ChildClosed.Outcome outcome) {
        return switch (outcome) {
            case COMPLETED -> Command.ChildOutcome.COMPLETED;
            case FAILED -> Command.ChildOutcome.FAILED;
            case CANCELLED -> Command.ChildOutcome.CANCELLED;
            case OUTCOME_UNSPECIFIED, UNRECOGNIZED -> throw unknown("an outcome of a child", outcome);
        };
    }

    private static IllegalArgumentException unknown(String expected, Object found) {
        return new IllegalArgumentException("expected " + expected + ", but got " + found);
    }

    static UUID id(String text, String what) {
        return Ids.parse(text)
                .orElseThrow(() -> new IllegalArgumentException("expected a UUID as " + what + ", but got " + text));
    }
}
