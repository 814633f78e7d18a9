package io.millrace.ingest.operations;

import io.millrace.ingest.approvals.Approvals;
import io.millrace.ingest.auth.IssuedKeys;
import io.millrace.ingest.encryption.Payloads;
import io.millrace.ingest.limits.OrganisationLoads;
import io.millrace.ingest.queries.ExecutionQueries;
import io.millrace.ingest.validation.Checks;
import io.millrace.proto.log.CommandLog;
import io.millrace.proto.reads.Reads;
import java.time.Clock;

/**
 * All that can be asked of the front door. gRPC and HTTP are two ways to the same operations, so both check alike.
 *
 * @param starts starting and signalling workflows
 * @param workflows cancelling, resetting, pausing them
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
        StartOperations starts,
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
     * @param log where commands go
     * @param payloads what encrypts them
     * @param watch looks after workers
     * @param loads what every organisation has under way on this node
     * @param issued keys that were made while nodes ran
     * @param quotas how much organisations may have that lasts
     */
    public static Operations on(
            OperationSettings settings,
            CommandLog log,
            Sources sources,
            Payloads payloads,
            WorkerWatch watch,
            OrganisationLoads loads,
            IssuedKeys issued,
            Quotas quotas) {
        Clock clock = Clock.systemUTC();
        Reads reads = sources.reads();
        ExecutionQueries queries = sources.queries();
        StampedSettings stamped = settings.stamped();
        CommandSender sender = new CommandSender(payloads.encrypting(log));
        Checks checks = new Checks(settings.limits(), settings.reasonRequired());
        TaskOwners owners = new TaskOwners(sources.places(), reads);
        ClosedExecutions closed = new ClosedExecutions(queries);
        ScopeGuard guard = new ScopeGuard(reads, queries, owners);
        Approvals approvals = new Approvals(log, queries::approval, issued, settings.approval(), checks, clock);
        HistoryOperations history = new HistoryOperations(reads, queries, checks, guard);
        RefusedReportSender refusedReports = new RefusedReportSender(sender, stamped, owners);
        TaskOperations tasks = new TaskOperations(
                sender, checks, stamped, owners, refusedReports, queries, history, closed, guard, approvals);
        DeadLetterOperations deadLetters = new DeadLetterOperations(sender, checks, queries, guard);
        WorkflowOperations workflows = new WorkflowOperations(sender, checks, closed, guard, approvals);
        return new Operations(
                new StartOperations(sender, checks, stamped, reads, closed, guard, quotas),
                workflows,
                new SubmissionOperations(sender, checks, stamped, refusedReports, guard, approvals),
                history,
                new EndOperations(reads, history, tasks, loads),
                new PromiseOperations(sender, checks, reads, guard),
                tasks,
                new TaskStateOperations(tasks, owners, checks, stamped, guard),
                new WorkerOperations(sources.directory(), checks, watch),
                new SpanOperations(sources.spans(), settings.limits()),
                new StreamOperations(sources.streams(), payloads, owners, checks, sender, settings.taskLease(), guard),
                approvals,
                new EraseOperations(sender, checks, payloads.erasure(), approvals, workflows, history, tasks),
                new ScheduleOperations(sender, checks, stamped, queries, clock, quotas, approvals),
                new PolicyOperations(sender, checks, reads, log.partitions()),
                new BulkOperations(sender, checks, queries, approvals, workflows, tasks, deadLetters, clock),
                deadLetters,
                new SavedQueryOperations(sender, checks, queries),
                new PastOperations(queries, loads.pasts(), sources.states(), checks, guard, log.partitions(), clock),
                new KeyOperations(log, issued, checks, approvals, clock));
    }
}
