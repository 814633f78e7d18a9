package io.millrace.dispatcher.engine.event;

import io.millrace.dispatcher.engine.command.Command.StateChange;
import io.millrace.dispatcher.engine.command.SavedQuery;
import io.millrace.dispatcher.engine.event.Event.*;
import io.millrace.dispatcher.engine.event.Event.RulesRaised;
import io.millrace.dispatcher.engine.event.Event.TenureBegan;
import io.millrace.dispatcher.engine.event.Event.TenureEnded;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.NullUnmarked;

/**
 * Reads events back from their final form: the other way round than {@link EventJson}. What events of
 * rules before 4 do not tell, such as how long a closed execution is kept, is 0, empty or null.
 */
@NullUnmarked // what stands in a log is believed as it stands, and only compared
public final class EventParser {

    private EventParser() {}

    /**
     * @return the event
     * @throws IllegalArgumentException if it is of a type that is not known, or lacks what its type has
     */
    public static Event parse(SealedEvent sealed) {
        JsonReader json = new JsonReader(sealed.data());
        UUID execution = sealed.executionId();
        if (sealed.historySequence() > 0) {
            return new HistoryAppended(
                    execution, sealed.orgId(), sealed.historySequence(), HistoryEntryParser.parse(sealed.type(), json));
        }
        UUID task = sealed.taskId();
        return switch (sealed.type()) {
            case "WORKFLOW_READY" -> new WorkflowReady(execution, cause(json), json.number("taskTimeMs"));
            case "WORK_CLAIMED" ->
                new WorkflowClaimed(
                        execution,
                        json.id("claimId"),
                        json.text("workerId"),
                        json.number("leaseUntilMs"),
                        (int) json.number("delivery"),
                        (int) json.number("maxDeliveries"),
                        HolderJson.read(json));
            case "CLAIM_RELEASED" ->
                new WorkflowClaimEnded(execution, json.id("claimId"), ClaimEnd.RELEASED, json.text("reason"));
            case "LEASE_EXPIRED" ->
                new WorkflowClaimEnded(execution, json.id("claimId"), ClaimEnd.LEASE_EXPIRED, json.text("reason"));
            case "SUBMISSION_DISCARDED" ->
                new SubmissionDiscarded(
                        execution, json.text("reason"), (int) json.number("round"), json.number("retryAtMs"));
            case "SUBMISSION_IGNORED" -> new SubmissionIgnored(execution, json.text("reason"), HolderJson.read(json));
            case "SUBMISSION_REFUSED" ->
                new SubmissionRefused(
                        execution, json.text("text"), (int) json.number("round"), json.number("leaseUntilMs"));
            case "SIGNAL_NOT_DELIVERED" ->
                new SignalNotDelivered(execution, json.text("signalName"), json.raw("signalValue"));
            case "TASK_SUBMITTED" ->
                new TaskSubmitted(
                        execution,
                        sealed.orgId(),
                        json.text("kind"),
                        json.raw("input"),
                        json.texts("metadata"),
                        (int) json.number("maxRetries"),
                        json.number("timeoutMs"),
                        json.text("queue"),
                        json.number("retentionMs", 0),
                        json.number("scheduledAtMs"),
                        json.optional("idempotencyKey"),
                        json.optional("traceparent"));
            case "TASK_READY" -> new TaskReady(execution, task, cause(json));
            case "TASK_CLAIMED" ->
                new TaskClaimed(
                        execution,
                        task,
                        json.id("claimId"),
                        json.text("workerId"),
                        json.number("leaseMs", json.number("leaseUntilMs") - sealed.timeMs()),
                        json.number("leaseUntilMs"),
                        (int) json.number("attempt"),
                        HolderJson.read(json));
            case "TASK_CLAIM_RELEASED" ->
                new TaskClaimReturned(execution, task, json.id("claimId"), json.text("reason"));
            case "TASK_ATTEMPT_FAILED" ->
                new TaskAttemptFailed(
                        execution, task, json.text("error"), (int) json.number("attempt"), json.number("retryAtMs"));
            case "TASK_RETRIED" -> new TaskRetried(execution, task, (int) json.number("attempts"));
            case "WORKFLOW_ANNOTATED" -> new WorkflowAnnotated(execution, json.text("text"), json.text("requestedBy"));
            case "WORKFLOW_PAUSED" -> new WorkflowPaused(execution, json.text("reason"), json.text("requestedBy"));
            case "WORKFLOW_RESUMED" -> new WorkflowResumed(execution, json.text("reason"), json.text("requestedBy"));
            case "WORKFLOW_RESET" ->
                new WorkflowReset(
                        execution,
                        json.id("newExecutionId"),
                        (int) json.number("sequence"),
                        json.text("reason"),
                        json.text("requestedBy"));
            case "WORKFLOW_CONTINUED_AS_NEW" ->
                new WorkflowContinuedAsNew(
                        execution, json.id("newExecutionId"), json.text("reason"), json.text("requestedBy"));
            case "TASK_REPORT_REFUSED" ->
                new TaskReportRefused(execution, task, json.text("text"), json.number("leaseUntilMs"));
            case "TASK_REPORT_IGNORED" ->
                new TaskReportIgnored(execution, task, json.text("reason"), HolderJson.read(json));
            case "TASK_CANCELLED" -> new TaskCancelled(execution, task, json.text("reason"));
            case "TASK_COMPLETED" -> new TaskEnded(execution, task, TaskEnd.COMPLETED, json.raw("output"), null);
            case "TASK_FAILED" -> new TaskEnded(execution, task, TaskEnd.FAILED, null, json.text("error"));
            case "TASK_HEARTBEAT" -> new TaskLeaseExtended(execution, task, json.number("leaseUntilMs"));
            case "LEASE_MOVED" -> leaseMoved(execution, null, json);
            case "TASK_LEASE_MOVED" -> leaseMoved(execution, task, json);
            case "TASK_PROGRESS" -> new TaskProgressed(execution, task, json.decimal("progress"), json.text("details"));
            case "TASK_LOGGED" -> new TaskLogged(execution, task, json.text("level"), json.text("message"));
            case "TASK_STATE_CHANGED" ->
                new TaskStateChanged(
                        execution,
                        task,
                        StateChange.valueOf(json.text("change")),
                        json.optional("key"),
                        json.has("value") ? json.raw("value") : null);
            case "KEY_BOUND" ->
                new KeyBound(
                        execution == null ? json.optionalId("executionId") : execution,
                        KeyUse.valueOf(json.text("use")),
                        Objects.requireNonNullElse(json.optionalId("orgId"), sealed.orgId()),
                        json.text("key"),
                        json.id("targetId"),
                        json.optional("detail"),
                        json.number("expiresMs"));
            case "KEY_RELEASED" ->
                new KeyReleased(execution, KeyUse.valueOf(json.text("use")), sealed.orgId(), json.text("key"));
            case "KEY_FREED" ->
                new KeyFreed(
                        execution,
                        KeyUse.valueOf(json.text("use")),
                        sealed.orgId(),
                        json.text("key"),
                        json.id("targetId"));
            case "EXECUTION_EVICTED" -> new ExecutionEvicted(execution);
            case "TENURE_BEGAN" ->
                new TenureBegan(
                        json.id("tenureId"),
                        json.text("node"),
                        (int) json.number("knownRules"),
                        json.number("ownedUntilMs", 0),
                        (int) json.number("readLeaseMs", 0));
            case "TENURE_ENDED" -> new TenureEnded(json.id("tenureId"), json.text("node"));
            case "RULES_RAISED" -> new RulesRaised((int) json.number("version"));
            case PolicyEventJson.TYPE -> PolicyEventJson.read(sealed, json);
            case PolicyEventJson.PLACES -> PolicyEventJson.readPlaces(sealed, json);
            case PolicyEventJson.LENT -> PolicyEventJson.readLent(sealed, json);
            case BulkJobEventJson.TYPE -> BulkJobEventJson.read(sealed, json);
            case "QUERY_SAVED" ->
                new QuerySaved(
                        sealed.orgId(),
                        new SavedQuery(
                                json.text("name"),
                                json.text("subject"),
                                json.text("query"),
                                json.optional("about"),
                                json.text("savedBy"),
                                json.number("version", 0)));
            case "QUERY_DELETED" -> new QueryDeleted(sealed.orgId(), json.text("name"), json.text("requestedBy"));
            default -> ScheduleEventParser.parse(sealed, json);
        };
    }

    private static Cause cause(JsonReader json) {
        return Cause.valueOf(json.text("cause"));
    }

    private static LeaseMoved leaseMoved(UUID execution, UUID task, JsonReader json) {
        return new LeaseMoved(
                execution, task, json.number("leaseUntilMs"), json.number("graceMs"), json.text("reason"));
    }
}
