package io.millrace.dispatcher.engine.event;

import io.millrace.dispatcher.engine.command.Rules;
import io.millrace.dispatcher.engine.event.Event.*;
import io.millrace.dispatcher.engine.event.Event.RulesRaised;
import io.millrace.dispatcher.engine.event.Event.TenureBegan;
import io.millrace.dispatcher.engine.event.Event.TenureEnded;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Names and JSON of all events, as they stand on the events topic and enter the hash chain. */
public final class EventJson {

    private EventJson() {}

    /** @return type name, upper snake case */
    public static String type(Event event) {
        return switch (event) {
            case HistoryAppended e -> HistoryEntryJson.type(e.entry());
            case WorkflowReady e -> "WORKFLOW_READY";
            case WorkflowClaimed e -> "WORK_CLAIMED";
            case WorkflowClaimEnded e ->
                switch (e.end()) {
                    case RELEASED -> "CLAIM_RELEASED";
                    case LEASE_EXPIRED -> "LEASE_EXPIRED";
                };
            case SubmissionDiscarded e -> "SUBMISSION_DISCARDED";
            case SubmissionIgnored e -> "SUBMISSION_IGNORED";
            case SubmissionRefused e -> "SUBMISSION_REFUSED";
            case SignalNotDelivered e -> "SIGNAL_NOT_DELIVERED";
            case TaskSubmitted e -> "TASK_SUBMITTED";
            case TaskReady e -> "TASK_READY";
            case TaskClaimed e -> "TASK_CLAIMED";
            case TaskClaimReturned e -> "TASK_CLAIM_RELEASED";
            case TaskAttemptFailed e -> "TASK_ATTEMPT_FAILED";
            case TaskRetried e -> "TASK_RETRIED";
            case WorkflowReset e -> "WORKFLOW_RESET";
            case WorkflowContinuedAsNew e -> "WORKFLOW_CONTINUED_AS_NEW";
            case PolicyChanged e -> PolicyEventJson.TYPE;
            case PlacesChanged e -> PolicyEventJson.PLACES;
            case PlacesLent e -> PolicyEventJson.LENT;
            case BulkJobChanged e -> BulkJobEventJson.TYPE;
            case QuerySaved e -> "QUERY_SAVED";
            case QueryDeleted e -> "QUERY_DELETED";
            case OfSchedule e -> ScheduleEventJson.type(e);
            case WorkflowPaused e -> "WORKFLOW_PAUSED";
            case WorkflowAnnotated e -> "WORKFLOW_ANNOTATED";
            case WorkflowResumed e -> "WORKFLOW_RESUMED";
            case TaskReportRefused e -> "TASK_REPORT_REFUSED";
            case TaskReportIgnored e -> "TASK_REPORT_IGNORED";
            case TaskCancelled e -> "TASK_CANCELLED";
            case TaskEnded e ->
                switch (e.end()) {
                    case COMPLETED -> "TASK_COMPLETED";
                    case FAILED -> "TASK_FAILED";
                };
            case TaskLeaseExtended e -> "TASK_HEARTBEAT";
            case LeaseMoved e -> e.taskId() == null ? "LEASE_MOVED" : "TASK_LEASE_MOVED";
            case TaskProgressed e -> "TASK_PROGRESS";
            case TaskLogged e -> "TASK_LOGGED";
            case TaskStateChanged e -> "TASK_STATE_CHANGED";
            case KeyBound e -> "KEY_BOUND";
            case KeyReleased e -> "KEY_RELEASED";
            case KeyFreed e -> "KEY_FREED";
            case ExecutionEvicted e -> "EXECUTION_EVICTED";
            case TenureBegan e -> "TENURE_BEGAN";
            case TenureEnded e -> "TENURE_ENDED";
            case RulesRaised e -> "RULES_RAISED";
        };
    }

    /** @return the task it is about, or null */
    public static @Nullable UUID taskId(Event event) {
        return switch (event) {
            case HistoryAppended e ->
                switch (e.entry()) {
                    case HistoryEntry.TaskScheduled t -> t.taskId();
                    case HistoryEntry.TaskCompleted t -> t.taskId();
                    case HistoryEntry.TaskFailed t -> t.taskId();
                    default -> null; // every other entry is about the workflow alone
                };
            case TaskSubmitted e -> e.executionId();
            case TaskReady e -> e.taskId();
            case TaskClaimed e -> e.taskId();
            case TaskClaimReturned e -> e.taskId();
            case TaskAttemptFailed e -> e.taskId();
            case TaskReportRefused e -> e.taskId();
            case TaskReportIgnored e -> e.taskId();
            case TaskRetried e -> e.taskId();
            case WorkflowReset e -> null;
            case WorkflowContinuedAsNew e -> null;
            case PolicyChanged e -> null;
            case PlacesChanged e -> null;
            case PlacesLent e -> null;
            case BulkJobChanged e -> null;
            case QuerySaved e -> null;
            case QueryDeleted e -> null;
            case OfSchedule e -> null;
            case WorkflowPaused e -> null;
            case WorkflowAnnotated e -> null;
            case WorkflowResumed e -> null;
            case TaskCancelled e -> e.taskId();
            case TaskEnded e -> e.taskId();
            case TaskLeaseExtended e -> e.taskId();
            case LeaseMoved e -> e.taskId();
            case TaskProgressed e -> e.taskId();
            case TaskLogged e -> e.taskId();
            case TaskStateChanged e -> e.taskId();
            case WorkflowReady e -> null;
            case WorkflowClaimed e -> null;
            case WorkflowClaimEnded e -> null;
            case SubmissionDiscarded e -> null;
            case SubmissionIgnored e -> null;
            case SubmissionRefused e -> null;
            case SignalNotDelivered e -> null;
            case KeyBound e -> null;
            case KeyReleased e -> null;
            case KeyFreed e -> null;
            case ExecutionEvicted e -> null;
            case TenureBegan e -> null;
            case TenureEnded e -> null;
            case RulesRaised e -> null;
        };
    }

    /**
     * @param rules version of the rules that decide: newer ones tell more
     * @return the event's JSON object
     */
    public static byte[] data(Event event, int rules) {
        JsonWriter json = new JsonWriter();
        boolean all = rules >= Rules.EVENTS_TELL_ALL;
        switch (event) {
            case HistoryAppended e -> {
                return HistoryEntryJson.data(e.entry(), rules);
            }
            case WorkflowReady e -> json.text("cause", e.cause().name()).number("taskTimeMs", e.taskTimeMs());
            case WorkflowClaimed e -> {
                json.id("claimId", e.claimId())
                        .text("workerId", e.workerId())
                        .number("delivery", e.delivery())
                        .number("maxDeliveries", e.maxDeliveries())
                        .number("leaseUntilMs", e.leaseUntilMs());
                HolderJson.write(json, e.holder());
            }
            case WorkflowClaimEnded e -> json.id("claimId", e.claimId()).text("reason", e.reason());
            case SubmissionDiscarded e ->
                json.text("reason", e.reason()).number("round", e.round()).number("retryAtMs", e.retryAtMs());
            case SubmissionIgnored e -> HolderJson.write(json.text("reason", e.reason()), e.holder());
            case TaskReportIgnored e -> HolderJson.write(json.text("reason", e.reason()), e.holder());
            case SubmissionRefused e ->
                json.text("text", e.text()).number("round", e.round()).number("leaseUntilMs", e.leaseUntilMs());
            case SignalNotDelivered e -> json.text("signalName", e.name()).raw("signalValue", e.value());
            case TaskSubmitted e -> {
                json.text("kind", e.kind())
                        .id("taskExecutionId", e.executionId())
                        .raw("input", e.input())
                        .text("queue", e.queue())
                        .texts("metadata", e.metadata())
                        .number("maxRetries", e.maxRetries())
                        .number("timeoutMs", e.timeoutMs())
                        .number("scheduledAtMs", e.scheduledAtMs())
                        .optional("idempotencyKey", e.idempotencyKey());
                if (all) {
                    json.number("retentionMs", e.retentionMs());
                }
                if (rules >= Rules.TRACES) {
                    json.optional("traceparent", e.traceparent());
                }
            }
            case TaskReady e -> json.text("cause", e.cause().name());
            case TaskClaimed e -> {
                json.id("claimId", e.claimId())
                        .text("workerId", e.workerId())
                        .number("attempt", e.attempt())
                        .number("leaseUntilMs", e.leaseUntilMs());
                if (all) {
                    json.number("leaseMs", e.leaseMs());
                }
                HolderJson.write(json, e.holder());
            }
            case TaskClaimReturned e -> json.id("claimId", e.claimId()).text("reason", e.reason());
            case TaskAttemptFailed e ->
                json.text("error", e.error()).number("attempt", e.attempt()).number("retryAtMs", e.retryAtMs());
            case TaskRetried e -> json.number("attempts", e.attempts());
            case PolicyChanged e -> PolicyEventJson.write(json, e);
            case PlacesChanged e -> PolicyEventJson.write(json, e);
            case PlacesLent e -> PolicyEventJson.write(json, e);
            case BulkJobChanged e -> BulkJobEventJson.write(json, e);
            case QuerySaved e ->
                json.text("name", e.query().name())
                        .text("subject", e.query().subject())
                        .text("query", e.query().query())
                        .optional("about", e.query().about())
                        .text("savedBy", e.query().savedBy())
                        .number("version", e.query().version());
            case QueryDeleted e -> json.text("name", e.name()).text("requestedBy", e.requestedBy());
            case OfSchedule e -> {
                return ScheduleEventJson.data(e);
            }
            case WorkflowAnnotated e -> json.text("text", e.text()).text("requestedBy", e.requestedBy());
            case WorkflowPaused e -> json.text("reason", e.reason()).text("requestedBy", e.requestedBy());
            case WorkflowResumed e -> json.text("reason", e.reason()).text("requestedBy", e.requestedBy());
            case WorkflowReset e ->
                json.id("newExecutionId", e.newExecutionId())
                        .number("sequence", e.sequence())
                        .text("reason", e.reason())
                        .text("requestedBy", e.requestedBy());
            case WorkflowContinuedAsNew e ->
                json.id("newExecutionId", e.newExecutionId())
                        .text("reason", e.reason())
                        .text("requestedBy", e.requestedBy());
            case TaskReportRefused e -> json.text("text", e.text()).number("leaseUntilMs", e.leaseUntilMs());
            case TaskCancelled e -> json.id("taskExecutionId", e.taskId()).text("reason", e.reason());
            case TaskEnded e -> {
                json.id("taskExecutionId", e.taskId());
                switch (e.end()) {
                    case COMPLETED -> json.raw("output", e.output());
                    case FAILED -> json.text("error", e.error());
                }
            }
            case TaskLeaseExtended e -> json.number("leaseUntilMs", e.leaseUntilMs());
            case LeaseMoved e ->
                json.number("leaseUntilMs", e.leaseUntilMs())
                        .number("graceMs", e.graceMs())
                        .text("reason", e.reason());
            case TaskProgressed e -> json.decimal("progress", e.progress()).text("details", e.details());
            case TaskLogged e -> json.text("level", e.level()).text("message", e.message());
            case TaskStateChanged e -> {
                json.text("change", e.change().name()).optional("key", e.key());
                switch (e.change()) {
                    case SET -> json.raw("value", e.value());
                    case CLEAR, CLEAR_ALL -> {}
                }
            }
            case KeyBound e -> {
                json.text("use", e.use().name())
                        .text("key", e.key())
                        .id("targetId", e.targetId())
                        .number("expiresMs", e.expiresMs());
                if (all || e.use() == KeyUse.SIGNAL) {
                    json.text("detail", e.detail());
                }
                if (all && e.use() == KeyUse.PROMISE) {
                    json.id("executionId", e.executionId()).id("orgId", e.orgId());
                }
            }
            case KeyReleased e -> json.text("use", e.use().name()).text("key", e.key());
            case KeyFreed e ->
                json.text("use", e.use().name()).text("key", e.key()).id("targetId", e.targetId());
            case ExecutionEvicted e -> {}
            case TenureBegan e -> {
                json.id("tenureId", e.tenureId()).text("node", e.node()).number("knownRules", e.knownRules());
                if (e.ownedUntilMs() > 0) {
                    json.number("ownedUntilMs", e.ownedUntilMs());
                }
                if (e.readLeaseMs() > 0) {
                    json.number("readLeaseMs", e.readLeaseMs());
                }
            }
            case TenureEnded e -> json.id("tenureId", e.tenureId()).text("node", e.node());
            case RulesRaised e -> json.number("version", e.version());
        }
        return json.finish();
    }
}
