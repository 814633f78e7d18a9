package io.millrace.notifier.claim;

import com.google.protobuf.ByteString;
import io.millrace.notifier.queue.QueueIndex;
import io.millrace.notifier.queue.WorkQueue;
import io.millrace.proto.Ids;
import io.millrace.proto.log.Riders;
import io.millrace.proto.v1.CommandRecord;
import io.millrace.proto.v1.StartWorkflow;
import io.millrace.proto.v1.SubmitTask;
import io.millrace.proto.v1.SubmittedCommand;
import io.millrace.proto.v1.WorkType;
import java.util.Optional;
import java.util.UUID;

/**
 * Knows which work a command may bring, and lets polls that wait for it ride on the command. It is a guess. If the work
 * does not come, or another is first, the polls wait on. Work that nobody rode for is claimed as ever. Safe from any
 * thread.
 */
public final class RidingClaims implements Riders {

    private final QueueIndex index;
    private final LoggedClaims claims;
    private final HandedOut handedOut;

    /**
     * @param index who waits
     * @param claims how their claims are made
     * @param handedOut of what is handed out the queues are known
     */
    public RidingClaims(QueueIndex index, LoggedClaims claims, HandedOut handedOut) {
        this.index = index;
        this.claims = claims;
        this.handedOut = handedOut;
    }

    private record Expected(WorkQueue queue, String kind, int pieces) {}

    @Override
    public Optional<Ride> board(int partition, CommandRecord.Builder command) {
        return expected(command)
                .flatMap(work -> index.board(work.queue(), partition, work.kind(), work.pieces()))
                .map(batch -> claims.ride(batch, index));
    }

    private Optional<Expected> expected(CommandRecord.Builder command) {
        return switch (command.getBodyCase()) {
            case START_WORKFLOW -> Optional.of(start(command, command.getStartWorkflow()));
            case SIGNAL_WITH_START ->
                Optional.of(start(command, command.getSignalWithStart().getStart()));
            case SUBMIT_TASK -> task(command, command.getSubmitTask());
            case SUBMIT_COMMANDS -> tasks(command);
            case COMPLETE_TASK -> resumed(command, command.getCompleteTask().getExecutionId());
            case SIGNAL_WORKFLOW -> resumed(command, command.getSignalWorkflow().getExecutionId());
            case RESOLVE_PROMISE -> resumed(command, command.getResolvePromise().getExecutionId());
            case REJECT_PROMISE -> resumed(command, command.getRejectPromise().getExecutionId());
            case REQUEST_CANCELLATION ->
                resumed(command, command.getRequestCancellation().getExecutionId());
            case RESUME_WORKFLOW -> resumed(command, command.getResumeWorkflow().getExecutionId());
            case CANCEL_WORKFLOW,
                    PAUSE_WORKFLOW,
                    TERMINATE_WORKFLOW,
                    RESET_WORKFLOW,
                    CONTINUE_CHILD,
                    RETRY_TASK,
                    CREATE_SCHEDULE,
                    ANNOTATE_WORKFLOW,
                    SAVE_QUERY,
                    DELETE_QUERY,
                    BEGIN_BULK_JOB,
                    STEER_BULK_JOB,
                    CLAIM_BULK_JOB,
                    ADVANCE_BULK_JOB,
                    PAUSE_WORK,
                    RESUME_WORK,
                    LIMIT_WORK,
                    FOLLOW_POLICY,
                    TELL_PLACES,
                    LEND_PLACES,
                    UPDATE_SCHEDULE,
                    PAUSE_SCHEDULE,
                    RESUME_SCHEDULE,
                    DELETE_SCHEDULE,
                    TRIGGER_SCHEDULE,
                    BACKFILL_SCHEDULE,
                    STOP_BACKFILL,
                    PLAN_SCHEDULE,
                    START_SCHEDULED_RUN,
                    SCHEDULED_RUN_ENDED,
                    CHECK_SCHEDULED_RUN,
                    CLAIM_WORK,
                    RELEASE_CLAIM,
                    FAIL_TASK,
                    CANCEL_TASK,
                    HEARTBEAT_TASK,
                    REPORT_TASK_PROGRESS,
                    LOG_TASK_MESSAGE,
                    CHANGE_TASK_STATE,
                    CHILD_CLOSED,
                    FIRE_DUE,
                    RECORD_REFUSAL,
                    BIND_PROMISE_KEY,
                    SETTLE_PROMISE_BY_KEY,
                    WORKER_GONE,
                    WORKER_BACK,
                    REPORT_REFUSED,
                    FREE_PROMISE_KEY,
                    BEGIN_TENURE,
                    END_TENURE,
                    RAISE_RULES,
                    RECORD_NOTE,
                    BODY_NOT_SET -> Optional.empty();
        };
    }

    private static Expected start(CommandRecord.Builder command, StartWorkflow start) {
        return new Expected(new WorkQueue(org(command), start.getQueue(), WorkType.WORKFLOW), start.getKind(), 1);
    }

    private static Optional<Expected> task(CommandRecord.Builder command, SubmitTask task) {
        return task.getScheduledAtMs() > 0
                ? Optional.empty()
                : Optional.of(
                        new Expected(new WorkQueue(org(command), task.getQueue(), WorkType.TASK), task.getKind(), 1));
    }

    /** Of the first kind of task that is scheduled; others are claimed as ever. */
    private Optional<Expected> tasks(CommandRecord.Builder command) {
        SubmittedCommand.ScheduleTask first = null;
        int pieces = 0;
        for (SubmittedCommand step : command.getSubmitCommands().getCommandsList()) {
            if (step.hasScheduleTask()) {
                SubmittedCommand.ScheduleTask task = step.getScheduleTask();
                first = first == null ? task : first;
                boolean alike = task.getKind().equals(first.getKind())
                        && task.getQueue().equals(first.getQueue());
                pieces += alike ? 1 : 0;
            }
        }
        if (first == null) {
            return Optional.empty();
        }
        UUID org = org(command);
        Optional<String> queue = first.getQueue().isEmpty()
                ? workflow(org, command.getSubmitCommands().getExecutionId())
                        .map(workflow -> workflow.queue().queue())
                : Optional.of(first.getQueue());
        String kind = first.getKind();
        int many = pieces;
        return queue.map(name -> new Expected(new WorkQueue(org, name, WorkType.TASK), kind, many));
    }

    private Optional<Expected> resumed(CommandRecord.Builder command, ByteString executionId) {
        return workflow(org(command), executionId).map(workflow -> new Expected(workflow.queue(), workflow.kind(), 1));
    }

    private Optional<HandedOut.Workflow> workflow(UUID org, ByteString executionId) {
        return executionId.size() == 16 ? handedOut.find(org, Ids.fromBytes(executionId)) : Optional.empty();
    }

    private static UUID org(CommandRecord.Builder command) {
        return Ids.fromBytes(command.getOrgId());
    }
}
