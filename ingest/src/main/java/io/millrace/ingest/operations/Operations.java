package io.millrace.ingest.operations;

import io.millrace.ingest.approvals.ApprovalSettings;
import io.millrace.ingest.approvals.Approvals;
import io.millrace.ingest.auth.IssuedKeys;
import io.millrace.ingest.encryption.Payloads;
import io.millrace.ingest.limits.OrganisationLoads;
import io.millrace.ingest.queries.ExecutionQueries;
import io.millrace.ingest.streams.TaskStreams;
import io.millrace.ingest.validation.Checks;
import io.millrace.ingest.validation.Limits;
import io.millrace.proto.directory.Directory;
import io.millrace.proto.log.CommandLog;
import io.millrace.proto.reads.PastStates;
import io.millrace.proto.reads.Reads;
import io.millrace.proto.reads.TaskHomes;
import java.time.Clock;
import java.time.Duration;

/**
 * All that can be asked of the front door. gRPC and HTTP are two ways to the same operations, so both check alike.
 *
 * @param workflows start, signal, cancel
 * @param submissions what workers decide
 * @param history reading executions
 * @param ends waiting for their ends
 * @param promises resolve, reject
 * @param tasks submitting and reporting
 * @param taskStates keys and values of tasks
 * @param workers registration and signs of life
 * @param spans spans that workers report
 * @param streams what tasks stream out
 * @param approvals what somebody else has to approve
 * @param erasures of payloads
 * @param schedules what starts workflows by itself
 * @param policies how work is handed out
 * @param bulk the same for many at once
 * @param deadLetters what waits for somebody to look at it
 * @param savedQueries queries that have names
 * @param past how things were
 * @param keys of the API, made and revoked while nodes run
 */
public record Operations(
        WorkflowOperations workflows,
        SubmissionOperations submissions,
        HistoryOperations history,
        EndOperations ends,
        PromiseOperations promises,
        TaskOperations tasks,
        TaskStateOperations taskStates,
        WorkerOperations workers,
        SpanOperations spans,
        StreamOperations streams,
        Approvals approvals,
        EraseOperations erasures,
        ScheduleOperations schedules,
        PolicyOperations policies,
        BulkOperations bulk,
        DeadLetterOperations deadLetters,
        SavedQueryOperations savedQueries,
        PastOperations past,
        KeyOperations keys) {

    /**
     * Puts the operations together on these parts.
     *
     * @param limits what a request may hold
     * @param reasonRequired whether destructive requests over HTTP have to say why
     * @param approval what somebody else has to approve
     * @param settings written into commands for the engine
     * @param taskLease how long a worker may hold a task that gives no sign of life
     * @param payloads what encrypts them
     * @param states make what was of what is recorded
     * @param loads what every organisation has under way on this node
     * @param issued keys that were made while nodes ran
     * @param quotas how much organisations may have that lasts
     */
    public static Operations on(
            Limits limits,
            boolean reasonRequired,
            ApprovalSettings approval,
            StampedSettings settings,
            Duration taskLease,
            Payloads payloads,
            CommandLog log,
            Reads reads,
            Directory directory,
            TaskHomes places,
            ExecutionQueries queries,
            SpanSink spanSink,
            TaskStreams taskStreams,
            WorkerWatch watch,
            PastStates states,
            OrganisationLoads loads,
            IssuedKeys issued,
            Quotas quotas) {
        CommandSender sender = new CommandSender(payloads.encrypting(log));
        Checks checks = new Checks(limits, reasonRequired);
        TaskOwners owners = new TaskOwners(places, reads);
        ClosedExecutions closed = new ClosedExecutions(queries);
        ScopeGuard guard = new ScopeGuard(reads, queries, owners);
        Approvals approvals = new Approvals(log, queries::approval, issued, approval, checks, Clock.systemUTC());
        HistoryOperations history = new HistoryOperations(reads, queries, checks, guard);
        RefusedReportSender refusedReports = new RefusedReportSender(sender, settings, owners);
        TaskOperations tasks = new TaskOperations(
                sender, checks, settings, owners, refusedReports, queries, history, closed, guard, approvals);
        DeadLetterOperations deadLetters = new DeadLetterOperations(sender, checks, queries, guard);
        WorkflowOperations workflows =
                new WorkflowOperations(sender, checks, settings, reads, closed, guard, approvals, quotas);
        return new Operations(
                workflows,
                new SubmissionOperations(sender, checks, settings, refusedReports, guard, approvals),
                history,
                new EndOperations(reads, history, tasks, loads),
                new PromiseOperations(sender, checks, reads, guard),
                tasks,
                new TaskStateOperations(tasks, owners, checks, settings, guard),
                new WorkerOperations(directory, checks, watch),
                new SpanOperations(spanSink, limits),
                new StreamOperations(taskStreams, payloads, owners, checks, sender, taskLease, guard),
                approvals,
                new EraseOperations(sender, checks, payloads.erasure(), approvals, workflows, history, tasks),
                new ScheduleOperations(sender, checks, settings, queries, Clock.systemUTC(), quotas, approvals),
                new PolicyOperations(sender, checks, reads, log.partitions()),
                new BulkOperations(
                        sender, checks, queries, approvals, workflows, tasks, deadLetters, Clock.systemUTC()),
                deadLetters,
                new SavedQueryOperations(sender, checks, queries),
                new PastOperations(queries, loads.pasts(), states, checks, guard, log.partitions(), Clock.systemUTC()),
                new KeyOperations(log, issued, checks, approvals, Clock.systemUTC()));
    }
}
