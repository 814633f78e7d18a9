package io.millrace.dispatcher.engine.command;

import io.millrace.proto.ScheduleTiming;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Requests to change something, in the imperative. Optional texts are empty, optional ids null. Settings that decide
 * something (limits, leases, delays) come in with the command, because the engine reads no configuration.
 * Times and durations are milliseconds.
 */
public sealed interface Command {

    /** As an expected version: the caller does not mind which one there is. */
    long ANY_VERSION = -1;

    /** Creates an execution; with a parent it is a child workflow. */
    record StartWorkflow(
            UUID executionId,
            String kind,
            Payload input,
            Map<String, String> metadata,
            String queue,
            int prioritySeconds,
            String workflowVersion,
            String workflowDefinitionId,
            String idempotencyKey,
            long idempotencyKeyTtlMs,
            long retentionMs,
            @Nullable UUID parentExecutionId,
            String childExecutionName)
            implements Command {}

    /**
     * Signals the open execution of a workflow id, or starts one and signals that.
     *
     * @param signalKey two signals with the same key are one; empty: each call is one
     */
    record SignalWithStart(
            StartWorkflow start, String signalName, Payload signalValue, int maxSignals, String signalKey)
            implements Command {}

    /**
     * Appends a signal to an open execution.
     *
     * @param key two signals with the same key are one; empty: each call is one
     */
    record SignalWorkflow(
            UUID executionId, String signalName, Payload signalValue, int maxSignals, String key, long keyTtlMs)
            implements Command {}

    /** Ends an execution, whatever its worker does. */
    record CancelWorkflow(UUID executionId, String reason, String requestedBy) implements Command {}

    /**
     * Tells an execution that it is to end, and ends it if it has not done so by itself after a time.
     *
     * @param forceAfterMs how long it has; 0: nothing
     * @param expectedSequence last of its history as the caller saw it; 0: whatever it is
     */
    record RequestCancellation(
            UUID executionId, String reason, String requestedBy, long forceAfterMs, int expectedSequence)
            implements Command {}

    /**
     * Ends an execution at once, without a word to its worker.
     *
     * @param expectedSequence last of its history as the caller saw it; 0: whatever it is
     */
    record TerminateWorkflow(UUID executionId, String reason, String requestedBy, int expectedSequence)
            implements Command {}

    /**
     * Lets a workflow go on in a new run, which keeps its history up to a point.
     *
     * @param newExecutionId of the new run
     * @param sequence last event that is kept, where the point is one
     * @param input instead of that of the earlier run; null: the same
     * @param dryRun nothing is done, and what would happen again is told
     * @param expectedSequence last of its history as the caller saw it; 0: whatever it is
     * @param keyTtlMs how long keys stand that are bound to the new run
     * @param parentExecutionId parent of the new run, which goes on itself in a new run; null: that of the earlier one
     * @param eventType of the last event that is kept, where the point is the first of a type
     */
    record ResetWorkflow(
            UUID executionId,
            UUID newExecutionId,
            Point point,
            int sequence,
            @Nullable Payload input,
            boolean dryRun,
            String reason,
            String requestedBy,
            int expectedSequence,
            long keyTtlMs,
            @Nullable UUID parentExecutionId,
            String eventType)
            implements Command {

        /** @return the same, to go on behind that event */
        public ResetWorkflow behind(int event) {
            return new ResetWorkflow(
                    executionId,
                    newExecutionId,
                    Point.SEQUENCE,
                    event,
                    input,
                    dryRun,
                    reason,
                    requestedBy,
                    expectedSequence,
                    keyTtlMs,
                    parentExecutionId,
                    eventType);
        }
    }

    /**
     * The parent goes on in a new run, and awaits the child.
     *
     * @param newExecutionId under which the child runs again; null: it goes on, or has ended
     * @param parentExecutionId the new run of the parent
     * @param point from where it runs again if it has failed
     */
    record ContinueChild(
            UUID executionId,
            @Nullable UUID newExecutionId,
            UUID parentExecutionId,
            String childExecutionName,
            Point point,
            String reason,
            long keyTtlMs)
            implements Command {}

    /**
     * Lets nothing of a workflow be handed out.
     *
     * @param expectedSequence last of its history as the caller saw it; 0: whatever it is
     */
    record PauseWorkflow(UUID executionId, String reason, String requestedBy, int expectedSequence)
            implements Command {}

    /**
     * Lets a paused workflow be handed out again.
     *
     * @param expectedSequence last of its history as the caller saw it; 0: whatever it is
     */
    record ResumeWorkflow(UUID executionId, String reason, String requestedBy, int expectedSequence)
            implements Command {}

    /** Notes something about a workflow, open or ended. */
    record AnnotateWorkflow(UUID executionId, String text, String requestedBy) implements Command {}

    /**
     * Gives a task its attempts back, and hands it out at once.
     *
     * @param expectedVersion of the task as the caller saw it, or {@link #ANY_VERSION}
     */
    record RetryTask(UUID taskId, UUID executionId, long expectedVersion) implements Command {}

    /** What is about a schedule, and stands in the partition of its name. */
    sealed interface OfSchedule extends Command {

        /** @return its name, unique in the organisation */
        String schedule();

        /** @return version of the schedule as the caller saw it, or {@link #ANY_VERSION} */
        default long expectedVersion() {
            return ANY_VERSION;
        }
    }

    /** Makes a schedule. */
    record CreateSchedule(ScheduleDefinition definition, boolean paused, String requestedBy) implements OfSchedule {

        @Override
        public String schedule() {
            return definition.name();
        }
    }

    /** Lets a schedule be due otherwise from now on, with other policies. What it starts stays. */
    record UpdateSchedule(
            String schedule,
            ScheduleTiming timing,
            ScheduleDefinition.Overlap overlap,
            ScheduleDefinition.Missed missed,
            long missedAfterMs,
            long cancelAfterMs,
            String reason,
            String requestedBy,
            long expectedVersion)
            implements OfSchedule {}

    /** Lets nothing of a schedule start but what is triggered. */
    record PauseSchedule(String schedule, String reason, String requestedBy, long expectedVersion)
            implements OfSchedule {}

    /** Lets it go on. What was due meanwhile is not made up for. */
    record ResumeSchedule(String schedule, String reason, String requestedBy, long expectedVersion)
            implements OfSchedule {}

    /** Ends a schedule. Its runs go on. */
    record DeleteSchedule(String schedule, String reason, String requestedBy, long expectedVersion)
            implements OfSchedule {}

    /** Starts a run now, as if it were due. */
    record TriggerSchedule(String schedule, String reason, String requestedBy, long expectedVersion)
            implements OfSchedule {}

    /**
     * Starts runs for the due times of a range.
     *
     * @param fromMs first time of the range
     * @param untilMs last time of the range
     * @param parallel all at once; otherwise each when the one before it has ended
     */
    record BackfillSchedule(
            String schedule,
            long fromMs,
            long untilMs,
            boolean parallel,
            String reason,
            String requestedBy,
            long expectedVersion)
            implements OfSchedule {}

    /**
     * Lets no more runs start for a range that is made up for. Those that have started go on.
     *
     * @param expectedVersion of the schedule as the caller saw it, or {@link #ANY_VERSION}
     */
    record StopBackfill(String schedule, String reason, String requestedBy, long expectedVersion)
            implements OfSchedule {}

    /**
     * Says when a schedule is due next.
     *
     * @param afterMs up to where was planned before; if the schedule stands elsewhere the plan is ignored
     * @param untilMs up to where is planned now
     * @param last it is never due after that
     * @param passedOverMs due times from this on, up to the first of the plan, were missed and are not in it; 0: none
     * @param backfill it is a plan of the range that is made up for
     */
    record PlanSchedule(
            String schedule,
            UUID scheduleId,
            long afterMs,
            long untilMs,
            boolean last,
            List<ScheduleDefinition.Time> times,
            long passedOverMs,
            boolean backfill)
            implements OfSchedule {}

    /** A run that the schedule awaits is no more. */
    record ScheduledRunEnded(String schedule, UUID scheduleId, UUID runId, String outcome) implements OfSchedule {}

    /** Starts a workflow for a schedule. */
    record StartScheduledRun(StartWorkflow start, ScheduleDefinition.Origin origin) implements Command {}

    /** A schedule asks whether a run that it awaits is still open. */
    record CheckScheduledRun(UUID runId, String schedule, UUID scheduleId) implements Command {}

    /** What is asked of a policy of handing out, and stands in the partition of its subject. */
    sealed interface OfPolicy extends Command {

        /** @return what the policy is about */
        WorkSubject subject();

        /** @return version of the policy as the caller saw it, 0 for none, or {@link #ANY_VERSION} */
        long expectedVersion();

        /** @return how many partitions there are, all of which have to follow */
        int partitions();
    }

    /**
     * Lets no work of the subject be handed out.
     *
     * @param lastsMs after that it is handed out again by itself; 0: never
     */
    record PauseWork(
            WorkSubject subject, String reason, String requestedBy, long expectedVersion, int partitions, long lastsMs)
            implements OfPolicy {}

    /** Lets work of the subject be handed out again. */
    record ResumeWork(WorkSubject subject, String reason, String requestedBy, long expectedVersion, int partitions)
            implements OfPolicy {}

    /**
     * Limits how much of a queue is handed out.
     *
     * @param limit instead of what was said before; null: it is not limited any more. Its epoch and time are those of the decision
     */
    record LimitWork(
            WorkSubject subject,
            WorkPolicy.@Nullable Limit limit,
            String reason,
            String requestedBy,
            long expectedVersion,
            int partitions)
            implements OfPolicy {}

    /**
     * How a partition stands to the limit of a queue, whose partition lends it places. All is counted from when the limit came.
     *
     * @param epoch of the limit
     * @param partition number of the one that tells
     * @param begun how much was in flight when the limit came
     * @param asked how many places it has wanted, those included
     * @param returned how many of them are free again
     */
    record TellPlaces(String queue, long epoch, int partition, long begun, long asked, long returned)
            implements Command {}

    /**
     * The partition of a queue lends places to this one.
     *
     * @param epoch of the limit
     * @param lent how many it has lent by now, counted from when the limit came
     */
    record LendPlaces(String queue, long epoch, long lent) implements Command {}

    /** Another partition has decided how work of the subject is handed out, and this one goes by that from now on. */
    record FollowPolicy(WorkSubject subject, WorkPolicy policy) implements Command {}

    /** What is about a bulk job, and stands in the partition of its id. */
    sealed interface OfBulkJob extends Command {

        /** @return its id */
        UUID jobId();
    }

    /** Begins a bulk job. Its definition says when: the partition's clock says it in its place. */
    record BeginBulkJob(UUID jobId, BulkJob.Definition definition) implements OfBulkJob {}

    /**
     * Lets a bulk job rest, go on, or end before it is through.
     *
     * @param expectedVersion of the job as the caller saw it, or {@link #ANY_VERSION}
     */
    record SteerBulkJob(UUID jobId, Steering steering, String reason, String requestedBy, long expectedVersion)
            implements OfBulkJob {}

    /** What people want of a bulk job that has begun. */
    enum Steering {
        PAUSE,
        RESUME,
        STOP
    }

    /**
     * A node wants to carry a bulk job out, alone.
     *
     * @param runner process of the node
     * @param leaseMs how long it may be silent
     */
    record ClaimBulkJob(UUID jobId, String runner, long leaseMs) implements OfBulkJob {}

    /**
     * The runner of a bulk job says how far it is.
     *
     * @param claim number of its claim
     * @param last there is nothing left to do
     * @param failure why it cannot go on; empty: it can
     */
    record AdvanceBulkJob(UUID jobId, long claim, long leaseMs, BulkJob.Progress progress, boolean last, String failure)
            implements OfBulkJob {}

    /** What is about queries that have names, and stands in one partition of the organisation. */
    sealed interface OfQuery extends Command {

        /** @return the name */
        String name();

        /** @return version of what has the name as the caller saw it, 0 for nothing, or {@link #ANY_VERSION} */
        long expectedVersion();
    }

    /**
     * Gives a query a name, or a name another query.
     *
     * @param expectedVersion of what has the name, as the caller saw it, 0 for nothing, or {@link #ANY_VERSION}
     */
    record SaveQuery(SavedQuery query, long expectedVersion) implements OfQuery {

        @Override
        public String name() {
            return query.name();
        }
    }

    /** Lets a name stand for no query any more. */
    record DeleteQuery(String name, String requestedBy, long expectedVersion) implements OfQuery {}

    /** Gives ready work of one queue to waiting polls, in list order. */
    record ClaimWork(WorkType workType, String queue, List<Claim> claims) implements Command {}

    /**
     * One waiting poll. anyKind: the worker registered no kinds and takes what there is. longerLeasesMs: instead of leaseMs,
     * for tasks of these kinds. holder: who alone may report the work; null: anybody may.
     */
    record Claim(
            UUID claimId,
            String workerId,
            List<String> kinds,
            boolean anyKind,
            long leaseMs,
            int maxDeliveries,
            Map<String, Long> longerLeasesMs,
            @Nullable Holder holder) {}

    /** A command with claims for the work that it may bring: they come right after it, unless it is refused. */
    record WithClaims(Command command, ClaimWork claims) implements Command {}

    /** Gives a claim back. taskId is null for a workflow's claim. */
    record ReleaseClaim(
            WorkType workType, UUID executionId, @Nullable UUID taskId, UUID claimId, String reason)
            implements Command {}

    /**
     * Gives back every claim of a worker that is gone.
     *
     * @param untilMs claims made later stay, as their ids tell it; 0: none is later
     * @param principal whose worker it is; claims that others hold stay
     */
    record WorkerGone(String workerId, String reason, long untilMs, Asker principal) implements Command {}

    /**
     * Gives back what was claimed for a worker that polls again, and may never have reached it.
     *
     * @param process the process that it polls; what earlier processes of the same node claimed is meant, if nothing below says
     *     otherwise
     * @param idle whether the worker has nothing in its hands for sure
     * @param graceMs otherwise how long it has to report what it has
     * @param momentsMs and of its tasks only those that it got so shortly before the partition lost its owner
     * @param untilMs not 0: what any other process claimed until then is meant, as the ids of the claims tell it
     * @param recentMs with that: tasks that it got so shortly before this command are in doubt as well
     * @param claimIds not empty: these claims are meant and no others, whoever made them
     * @param principal whose worker it is; claims that others hold stay, unless claimIds name them
     */
    record WorkerBack(
            String workerId,
            String reason,
            long process,
            boolean idle,
            long graceMs,
            long momentsMs,
            long untilMs,
            long recentMs,
            Set<UUID> claimIds,
            Asker principal)
            implements Command {}

    /** What a worker decided in one activation. */
    record SubmitCommands(
            UUID executionId,
            List<WorkflowStep> steps,
            int firstSequenceNumber,
            SubmissionStatus status,
            int maxStaleRounds,
            long staleRetryDelayMs,
            long retentionMs)
            implements Command {}

    /** Settles a promise. Found by promiseId, or by promiseName in the execution. */
    record ResolvePromise(
            @Nullable UUID executionId, @Nullable UUID promiseId, String promiseName, Payload value)
            implements Command {}

    /** Settles a promise with an error. */
    record RejectPromise(
            @Nullable UUID executionId, @Nullable UUID promiseId, String promiseName, String error)
            implements Command {}

    /** Binds an outside key to a promise, in the partition of the key. */
    record BindPromiseKey(String key, UUID executionId, UUID promiseId, String promiseName, long ttlMs)
            implements Command {}

    /** Lets others have the key of a promise that nobody can settle any more, in the partition of the key. */
    record FreePromiseKey(String key, UUID promiseId) implements Command {}

    /** Settles the promise that the key is bound to. */
    record SettlePromiseByKey(String key, boolean reject, Payload value, String error) implements Command {}

    /** Creates a task: standalone (executionId null), or within an open workflow execution. */
    record SubmitTask(
            UUID taskId,
            @Nullable UUID executionId,
            String kind,
            Payload input,
            Map<String, String> metadata,
            int maxRetries,
            long timeoutMs,
            String idempotencyKey,
            long idempotencyKeyTtlMs,
            String queue,
            long retentionMs,
            long scheduledAtMs)
            implements Command {}

    /** In task commands executionId is the workflow's, or the task's own for a standalone one. */
    record CompleteTask(UUID taskId, UUID executionId, Payload output) implements Command {}

    /** An attempt failed. */
    record FailTask(UUID taskId, UUID executionId, String error, long retryDelayMs) implements Command {}

    /**
     * Ends a task for good.
     *
     * @param expectedVersion of the task as the caller saw it, or {@link #ANY_VERSION}
     */
    record CancelTask(UUID taskId, UUID executionId, long expectedVersion) implements Command {}

    /** Prolongs the lease of a running task; with a claimId only if that claim holds it. */
    record HeartbeatTask(
            UUID taskId, UUID executionId, @Nullable UUID claimId, boolean leaving) implements Command {

        /** A sign of life. */
        public HeartbeatTask(UUID taskId, UUID executionId, @Nullable UUID claimId) {
            this(taskId, executionId, claimId, false);
        }
    }

    /** Notes how far a task is, 0 to 1 by convention. */
    record ReportTaskProgress(UUID taskId, UUID executionId, double progress, String details) implements Command {}

    /** Appends a line to a task's log. maxLogBytes is 0 for no limit. */
    record LogTaskMessage(
            UUID taskId, UUID executionId, String level, String message, int maxMessages, long maxLogBytes)
            implements Command {}

    /** Changes a task's own key/value state. */
    record ChangeTaskState(
            UUID taskId, UUID executionId, StateChange change, String key, Payload value, int maxStateBytes)
            implements Command {}

    /** A child tells its parent that it ended. */
    record ChildClosed(
            UUID parentExecutionId,
            UUID childExecutionId,
            String childExecutionName,
            ChildOutcome outcome,
            Payload output,
            String error)
            implements Command {}

    /** Whatever is due by the command's time happens now; limit bounds how much in one command. */
    record FireDue(int limit, long unservedUntilMs) implements Command {

        /** Of an owner whom Kafka has always answered. */
        public FireDue(int limit) {
            this(limit, 0);
        }
    }

    /**
     * A node takes the partition over.
     *
     * @param tenureId chosen by the node for this tenure
     * @param knownRules newest version of the rules that the node knows
     * @param ownedUntilMs time of the partition in the state that the node found: so long it was owned, at the least; 0: not known
     * @param readLeaseMs how long it may answer reads after the group was asked and had it, milliseconds; 0: the usual time
     */
    record BeginTenure(
            UUID tenureId, String node, int knownRules, long ownedUntilMs, int rulesOfNewLog, int readLeaseMs)
            implements Command {

        /**
         * Only the first command of a log can say by which rules the log goes on: later ones are for {@link RaiseRules}.
         *
         * @return version of the rules from the next command on, if this one stands at the offset; 0: those in force
         */
        public int rulesFrom(long offset) {
            return offset == 0 ? rulesOfNewLog : 0;
        }
    }

    /** The owner stops in order. */
    record EndTenure(UUID tenureId, String node) implements Command {}

    /** From the next command on these rules decide. */
    record RaiseRules(int version) implements Command {}

    /** Something that an auditor has to know. It changes nothing, so what it says stays in the record. */
    record RecordNote() implements Command {}

    /** A request that the front door refused, kept for the audit. */
    record RecordRefusal(String method, String reason, String text, String subject) implements Command {}

    /**
     * A worker's report of the end of its work was refused. Its worker keeps the work for graceMs, to report again.
     *
     * @param taskId null: a submission of the workflow
     * @param firstSequenceNumber as that of a submission
     * @param maxRounds deliveries in a row whose submissions are refused with which the workflow fails
     */
    record ReportRefused(
            UUID executionId, @Nullable UUID taskId, String text, int firstSequenceNumber, long graceMs, int maxRounds)
            implements Command {}

    /** What a submission says of the activation as a whole. */
    enum SubmissionStatus {
        SUSPENDED,
        COMPLETED,
        FAILED,
        CANCELLED
    }

    /** How a task's state changes. */
    enum StateChange {
        SET,
        CLEAR,
        CLEAR_ALL
    }

    /** From where a workflow goes on. */
    enum Point {
        BEGINNING,
        /** Behind an event. */
        SEQUENCE,
        /** Behind the last activation that did not fail. */
        LAST_GOOD_POINT,
        /** From nothing but what an open run has not taken in: signals, and a request to cancel. */
        CONTINUE_AS_NEW,
        /** Behind the first event of a type. */
        FIRST_OF_TYPE
    }

    /** How a child ended. */
    enum ChildOutcome {
        COMPLETED,
        FAILED,
        CANCELLED
    }
}
