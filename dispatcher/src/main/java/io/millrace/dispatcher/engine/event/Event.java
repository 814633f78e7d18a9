package io.millrace.dispatcher.engine.event;

import io.millrace.dispatcher.engine.command.BulkJob;
import io.millrace.dispatcher.engine.command.Command;
import io.millrace.dispatcher.engine.command.Holder;
import io.millrace.dispatcher.engine.command.Payload;
import io.millrace.dispatcher.engine.command.PlaceLine;
import io.millrace.dispatcher.engine.command.QueuePlaces;
import io.millrace.dispatcher.engine.command.SavedQuery;
import io.millrace.dispatcher.engine.command.ScheduleDefinition;
import io.millrace.dispatcher.engine.command.WorkPolicy;
import io.millrace.dispatcher.engine.command.WorkSubject;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What happened, in the past tense. Applying events is the only way in which state changes. Times are milliseconds since
 * the epoch. executionId is the workflow execution's, or the task's own for a standalone task.
 */
public sealed interface Event {

    /** @return the execution it is about; null for events of the partition itself */
    @Nullable
    UUID executionId();

    /** An entry was appended to the history that workers replay. */
    record HistoryAppended(UUID executionId, UUID orgId, int sequence, HistoryEntry entry) implements Event {}

    /**
     * The workflow may be claimed. The one event that puts a workflow into its queue, whatever the cause.
     *
     * @param taskTimeMs clock of the activation to come; kept when it is delivered again
     */
    record WorkflowReady(UUID executionId, Cause cause, long taskTimeMs) implements Event {}

    /** A worker's poll holds the workflow. holder: who alone may report it; null: anybody may. */
    record WorkflowClaimed(
            UUID executionId,
            UUID claimId,
            String workerId,
            long leaseUntilMs,
            int delivery,
            int maxDeliveries,
            @Nullable Holder holder)
            implements Event {}

    /** The claim ended without a submission. */
    record WorkflowClaimEnded(UUID executionId, UUID claimId, ClaimEnd end, String reason) implements Event {}

    /** A submission was thrown away, because its worker replayed from a stale or empty history. */
    record SubmissionDiscarded(UUID executionId, String reason, int round, long retryAtMs) implements Event {}

    /**
     * A submission came late: nobody holds the workflow any more, or another claim does. Or it came from others than the holder. Nothing of
     * it was taken.
     *
     * @param holder who holds the workflow, where others reported it
     */
    record SubmissionIgnored(
            UUID executionId, String reason, @Nullable Holder holder) implements Event {}

    /** Others than the holder reported something of the task. Nothing of it was taken. */
    record TaskReportIgnored(UUID executionId, UUID taskId, String reason, Holder holder) implements Event {}

    /** A submission was refused before it was one: the claim ends sooner, so that its worker or another may do better. */
    record SubmissionRefused(UUID executionId, String text, int round, long leaseUntilMs) implements Event {}

    /** A signal came when the workflow had completed. It is noted, and no worker will see it. */
    record SignalNotDelivered(UUID executionId, String name, Payload value) implements Event {}

    /**
     * A standalone task was created.
     *
     * @param traceparent trace of the call that asked for it, as {@link io.millrace.proto.TraceContext} writes it; empty: none
     */
    record TaskSubmitted(
            UUID executionId,
            UUID orgId,
            String kind,
            Payload input,
            Map<String, String> metadata,
            int maxRetries,
            long timeoutMs,
            String queue,
            long retentionMs,
            long scheduledAtMs,
            String idempotencyKey,
            String traceparent)
            implements Event {}

    /** The task may be claimed. The one event that puts a task into its queue. */
    record TaskReady(UUID executionId, UUID taskId, Cause cause) implements Event {}

    /** A worker's poll holds the task. holder: who alone may report it; null: anybody may. */
    record TaskClaimed(
            UUID executionId,
            UUID taskId,
            UUID claimId,
            String workerId,
            long leaseMs,
            long leaseUntilMs,
            int attempt,
            @Nullable Holder holder)
            implements Event {}

    /** The claim was given back before the worker began: the attempt does not count. */
    record TaskClaimReturned(UUID executionId, UUID taskId, UUID claimId, String reason) implements Event {}

    /** An attempt failed and another will follow, not before retryAtMs. */
    record TaskAttemptFailed(UUID executionId, UUID taskId, String error, int attempt, long retryAtMs)
            implements Event {}

    /**
     * The task has its attempts and its time back; it is open again, if it had ended.
     *
     * @param attempts that were made before, and count no more
     */
    record TaskRetried(UUID executionId, UUID taskId, int attempts) implements Event {}

    /**
     * The workflow goes on in a new run.
     *
     * @param sequence last event of its history that the new run keeps, not counting what came from outside behind it
     */
    record WorkflowReset(UUID executionId, UUID newExecutionId, int sequence, String reason, String requestedBy)
            implements Event {}

    /**
     * The workflow goes on in a new run, which begins with nothing of its history but what it has not taken in.
     *
     * @param requestedBy who asked for it; empty: the workflow itself
     */
    record WorkflowContinuedAsNew(UUID executionId, UUID newExecutionId, String reason, String requestedBy)
            implements Event {}

    /** Nothing of the workflow is handed out from now on. */
    record WorkflowPaused(UUID executionId, String reason, String requestedBy) implements Event {}

    /** Somebody noted something about the workflow. */
    record WorkflowAnnotated(UUID executionId, String text, String requestedBy) implements Event {}

    /** The workflow and its tasks are handed out again. */
    record WorkflowResumed(UUID executionId, String reason, String requestedBy) implements Event {}

    /** Work of the subject is handed out by another policy from now on, in this partition. It stands in its chain. */
    record PolicyChanged(UUID orgId, WorkSubject subject, WorkPolicy policy) implements Event {

        @Override
        public @Nullable UUID executionId() {
            return null;
        }
    }

    /** The places that this partition has of a queue with a limit stand so from now on. It stands in its chain. */
    record PlacesChanged(UUID orgId, String queue, QueuePlaces places) implements Event {

        @Override
        public @Nullable UUID executionId() {
            return null;
        }
    }

    /**
     * The places that are lent of a queue with a limit stand so from now on. It stands in the chain of the partition of the queue.
     *
     * @param partition whose line has changed
     * @param last partition that was lent one last, -1: none
     * @param paidNs up to when the rate is used up, nanoseconds since the epoch
     * @param nextMs when the rate allows more to who waits, milliseconds since the epoch; 0: nobody waits for it
     */
    record PlacesLent(
            UUID orgId, String queue, long epoch, int partition, PlaceLine line, int last, long paidNs, long nextMs)
            implements Event {

        @Override
        public @Nullable UUID executionId() {
            return null;
        }
    }

    /** A bulk job stands so from now on; one that has ended is no more the engine's. It stands in the chain of the partition. */
    record BulkJobChanged(UUID orgId, BulkJob job) implements Event {

        @Override
        public @Nullable UUID executionId() {
            return null;
        }
    }

    /** A query has a name from now on. It stands in the chain of the partition. */
    record QuerySaved(UUID orgId, SavedQuery query) implements Event {

        @Override
        public @Nullable UUID executionId() {
            return null;
        }
    }

    /** A name stands for no query any more. It stands in the chain of the partition. */
    record QueryDeleted(UUID orgId, String name, String requestedBy) implements Event {

        @Override
        public @Nullable UUID executionId() {
            return null;
        }
    }

    /** What happened to a schedule. It stands in the chain of the partition. */
    sealed interface OfSchedule extends Event {

        /** @return organisation of the schedule */
        UUID orgId();

        /** @return its name */
        String schedule();

        /** @return its id */
        UUID scheduleId();

        @Override
        default @Nullable UUID executionId() {
            return null;
        }
    }

    /** A schedule was made; version: with each change of it by people it has a higher one. */
    record ScheduleCreated(UUID orgId, ScheduleDefinition definition, boolean paused, String requestedBy, long version)
            implements OfSchedule {

        @Override
        public String schedule() {
            return definition.name();
        }

        @Override
        public UUID scheduleId() {
            return definition.id();
        }
    }

    /**
     * It is known when the schedule is due next.
     *
     * @param untilMs up to where is planned
     * @param last it is never due after that
     * @param passedOverMs due times from this on, up to the first of these, were missed; 0: none
     * @param nextMs when a run starts next; 0: not known, or never
     */
    record SchedulePlanned(
            UUID orgId,
            String schedule,
            UUID scheduleId,
            List<ScheduleDefinition.Time> times,
            long untilMs,
            boolean last,
            long passedOverMs,
            long nextMs)
            implements OfSchedule {}

    /** A due time cannot be decided before the one after it is known. */
    record ScheduleStalled(UUID orgId, String schedule, UUID scheduleId, long dueMs) implements OfSchedule {}

    /**
     * The schedule has started a workflow.
     *
     * @param awaited its end matters for the next one
     * @param waited it was due before, and waited for the run before it
     * @param nextMs when a run starts next, where that has changed; 0: not known, or never
     */
    record ScheduleRunStarted(
            UUID orgId,
            String schedule,
            UUID scheduleId,
            UUID runId,
            long dueMs,
            RunCause cause,
            boolean awaited,
            boolean waited,
            long nextMs)
            implements OfSchedule {}

    /** A run waits for the one before it. */
    record ScheduleRunBuffered(
            UUID orgId, String schedule, UUID scheduleId, UUID runId, long dueMs, RunCause cause, long nextMs)
            implements OfSchedule {}

    /** A run that was due does not start. */
    record ScheduleRunSkipped(
            UUID orgId, String schedule, UUID scheduleId, long dueMs, RunCause cause, SkipReason reason, long nextMs)
            implements OfSchedule {}

    /** The run that the schedule awaited is no more. */
    record ScheduleRunEnded(UUID orgId, String schedule, UUID scheduleId, UUID runId, String outcome)
            implements OfSchedule {}

    /** Nothing of the schedule starts by itself from now on. */
    record SchedulePaused(UUID orgId, String schedule, UUID scheduleId, String reason, String requestedBy, long version)
            implements OfSchedule {}

    /**
     * The schedule has other policies from now on, or is due otherwise.
     *
     * @param planKept it is due as before, and what was planned stays; otherwise that is forgotten
     */
    record ScheduleUpdated(
            UUID orgId,
            ScheduleDefinition definition,
            boolean planKept,
            String reason,
            String requestedBy,
            long version)
            implements OfSchedule {

        @Override
        public String schedule() {
            return definition.name();
        }

        @Override
        public UUID scheduleId() {
            return definition.id();
        }
    }

    /** The schedule goes on. */
    record ScheduleResumed(
            UUID orgId, String schedule, UUID scheduleId, String reason, String requestedBy, long version)
            implements OfSchedule {}

    /** The schedule is no more. */
    record ScheduleDeleted(UUID orgId, String schedule, UUID scheduleId, String reason, String requestedBy)
            implements OfSchedule {}

    /** The due times of a range are made up for. */
    record ScheduleBackfillBegan(
            UUID orgId,
            String schedule,
            UUID scheduleId,
            UUID backfillId,
            long fromMs,
            long untilMs,
            boolean parallel,
            String reason,
            String requestedBy)
            implements OfSchedule {}

    /** Due times of that range are known. */
    record ScheduleBackfillPlanned(
            UUID orgId, String schedule, UUID scheduleId, List<Long> times, long untilMs, boolean last)
            implements OfSchedule {}

    /**
     * The range is made up for.
     *
     * @param requestedBy who has stopped it before it was through; empty: all of its runs have started
     */
    record ScheduleBackfillEnded(
            UUID orgId, String schedule, UUID scheduleId, UUID backfillId, String reason, String requestedBy)
            implements OfSchedule {}

    /** A report of the task's end was refused: the attempt ends sooner, so that its worker or another may do better. */
    record TaskReportRefused(UUID executionId, UUID taskId, String text, long leaseUntilMs) implements Event {}

    /** The task was cancelled; a TASK_FAILED in the history tells an open workflow so. */
    record TaskCancelled(UUID executionId, UUID taskId, String reason) implements Event {}

    /** A task ended whose workflow is closed or which has none: nothing enters a history. */
    record TaskEnded(
            UUID executionId,
            UUID taskId,
            TaskEnd end,
            @Nullable Payload output,
            @Nullable String error) implements Event {}

    /** The running task gave a sign of life. */
    record TaskLeaseExtended(UUID executionId, UUID taskId, long leaseUntilMs) implements Event {}

    /**
     * The server moved the end of a claim's lease: it was away, or has lost what the claim brought. When that ends, the
     * delivery does not count.
     *
     * @param taskId null for a workflow's
     * @param graceMs length of the lease as it is now; negative: it only goes on for so long, and counts all the same
     */
    record LeaseMoved(UUID executionId, @Nullable UUID taskId, long leaseUntilMs, long graceMs, String reason)
            implements Event {}

    /** The running task said how far it is. */
    record TaskProgressed(UUID executionId, UUID taskId, double progress, String details) implements Event {}

    /** A line was added to the task's log. */
    record TaskLogged(UUID executionId, UUID taskId, String level, String message) implements Event {}

    /** The task's own state changed. */
    record TaskStateChanged(UUID executionId, UUID taskId, Command.StateChange change, String key, Payload value)
            implements Event {}

    /** A key points to an execution, a task or a promise from now on. */
    record KeyBound(
            @Nullable UUID executionId,
            KeyUse use,
            UUID orgId,
            String key,
            UUID targetId,
            String detail,
            long expiresMs)
            implements Event {}

    /** A key points to nothing any more. */
    record KeyReleased(@Nullable UUID executionId, KeyUse use, UUID orgId, String key) implements Event {}

    /** What the key points to is over. It goes on pointing there until it is bound to something else, or lapses. */
    record KeyFreed(@Nullable UUID executionId, KeyUse use, UUID orgId, String key, UUID targetId) implements Event {}

    /** The closed execution left the stores; the log and the read model keep it. */
    record ExecutionEvicted(UUID executionId) implements Event {}

    /**
     * A node took the partition over.
     *
     * @param ownedUntilMs so long it was owned before, at the least; 0: not known
     * @param readLeaseMs how long it may answer reads after the group was asked and had it, milliseconds; 0: the usual time
     */
    record TenureBegan(UUID tenureId, String node, int knownRules, long ownedUntilMs, int readLeaseMs)
            implements Event {

        @Override
        public @Nullable UUID executionId() {
            return null;
        }
    }

    /** The owner stopped in order. */
    record TenureEnded(UUID tenureId, String node) implements Event {

        @Override
        public @Nullable UUID executionId() {
            return null;
        }
    }

    /** These rules decide from the next command on. */
    record RulesRaised(int version) implements Event {

        @Override
        public @Nullable UUID executionId() {
            return null;
        }
    }

    /** What a key stands for. */
    enum KeyUse {
        WORKFLOW,
        TASK,
        PROMISE,
        /** A signal that was sent with it; the detail is the signal's place in the history of the target. */
        SIGNAL
    }

    /** Why work became ready. */
    enum Cause {
        STARTED,
        TASK_COMPLETED,
        TASK_FAILED,
        TIMER_FIRED,
        PROMISE_SETTLED,
        CHILD_CLOSED,
        SIGNALLED,
        CANCELLATION_REQUESTED,
        UNSEEN_EVENTS,
        CLAIM_ENDED,
        RETRY,
        /** It is a new run of a workflow. */
        RESET
    }

    /** Why a schedule starts a run. The order of the constants is part of the stored form. */
    enum RunCause {
        /** Its time has come. */
        DUE,
        /** Its time was missed, and it is made up for. */
        MISSED,
        /** Somebody asked for it. */
        TRIGGERED,
        /** Its time lies in a range that somebody asked for. */
        BACKFILL
    }

    /** Why a run of a schedule does not start. */
    enum SkipReason {
        /** The one before it has not ended. */
        OVERLAP,
        /** Its time was missed. */
        MISSED,
        /** A later one waits in its place. */
        REPLACED,
        /** The schedule is due otherwise since before it could start. */
        UPDATED
    }

    /** How a workflow's claim ended without a submission. */
    enum ClaimEnd {
        RELEASED,
        LEASE_EXPIRED
    }

    /** How a task ended. */
    enum TaskEnd {
        COMPLETED,
        FAILED
    }
}
