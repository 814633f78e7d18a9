package io.millrace.ingest.auth;

import io.millrace.ingest.validation.RefusedException;
import io.millrace.proto.auth.Caller;
import io.millrace.proto.auth.Role;
import io.millrace.proto.v1.RefusalReason;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Who may make which call, the same for gRPC and HTTP: the table from which every check is made. A call that does not stand in
 * it may be made by nobody. {@code docs/roles.md} shows the same table. Immutable, safe from any thread.
 */
public final class Permissions {

    private static final String ORG = "/api/orgs/{slug}";
    private static final Map<String, Right> CALLS = calls();

    private Permissions() {}

    private static Map<String, Right> calls() {
        Map<String, Right> calls = new HashMap<>();
        put(calls, "flovyn.v1.WorkflowDispatch/", Right.READ, "GetEvents", "GetVisualWorkflowDefinitionById");
        put(
                calls,
                "flovyn.v1.WorkflowDispatch/",
                Right.START,
                "StartWorkflow",
                "StartChildWorkflow",
                "SignalWorkflow",
                "SignalWithStartWorkflow",
                "ResolvePromise",
                "RejectPromise");
        put(
                calls,
                "flovyn.v1.WorkflowDispatch/",
                Right.WORK,
                "PollWorkflow",
                "SubscribeToNotifications",
                "SubmitWorkflowCommands",
                "ReportExecutionSpans");
        put(calls, "flovyn.v1.WorkflowQuery/", Right.READ, "QueryWorkflow");
        put(calls, "millrace.v1.ExecutionResults/", Right.READ, "AwaitEnd");
        put(calls, "millrace.v1.WorkflowRuns/", Right.WORK, "ContinueAsNew");
        put(calls, "flovyn.v1.TaskExecution/", Right.READ, "GetState", "GetStateKeys");
        put(calls, "flovyn.v1.TaskExecution/", Right.START, "SubmitTask");
        put(calls, "flovyn.v1.TaskExecution/", Right.CANCEL, "CancelTask");
        put(
                calls,
                "flovyn.v1.TaskExecution/",
                Right.WORK,
                "PollTask",
                "CompleteTask",
                "FailTask",
                "Heartbeat",
                "ReportProgress",
                "LogMessage",
                "StreamTaskData",
                "SetState",
                "ClearState",
                "ClearAllState");
        put(calls, "flovyn.v1.WorkerLifecycle/", Right.WORK, "RegisterWorker", "SendHeartbeat");

        put(
                calls,
                "GET " + ORG,
                Right.LIST,
                "/workflow-executions",
                "/workflow-executions/counts",
                "/workflow-executions/completions",
                "/task-executions",
                "/task-executions/counts",
                "/task-executions/completions",
                "/schedules",
                "/schedules/{schedule}/runs",
                "/bulk-jobs",
                "/bulk-jobs/{id}",
                "/bulk-jobs/{id}/items",
                "/dead-letters",
                "/saved-queries",
                "/workers",
                "/queues",
                "/queues/{queue}",
                "/queues/{queue}/why",
                "/kinds",
                "/read-model",
                "/changes",
                "/system");
        calls.put("GET /api/me", Right.READ);
        // A proof has the whole records: who asked, from where, with which key.
        put(
                calls,
                "GET " + ORG,
                Right.AUDIT,
                "/audit",
                "/workflow-executions/{id}/proof",
                "/task-executions/{id}/proof");
        put(
                calls,
                "GET " + ORG,
                Right.READ,
                "/workflow-executions/{id}",
                "/workflow-executions/{id}/result",
                "/workflow-executions/{id}/events",
                "/workflow-executions/{id}/state",
                "/workflow-executions/{id}/state/{key}",
                "/workflow-executions/{id}/why",
                "/workflow-executions/{id}/annotations",
                "/workflow-executions/{id}/stream",
                "/task-executions/{id}",
                "/task-executions/{id}/result",
                "/task-executions/{id}/why",
                "/task-executions/{id}/stream",
                "/schedules/{schedule}");
        put(
                calls,
                "POST " + ORG,
                Right.START,
                "/workflow-executions",
                "/workflow-executions/signal-with-start",
                "/workflow-executions/{id}/signal",
                "/promises/{promise}/resolve",
                "/promises/{promise}/reject",
                "/task-executions",
                "/schedules",
                "/schedules/{schedule}/trigger");
        put(
                calls,
                "POST " + ORG,
                Right.CANCEL,
                "/workflow-executions/{id}/cancel",
                "/workflow-executions/{id}/terminate",
                "/workflow-executions/{id}/pause",
                "/workflow-executions/{id}/resume",
                "/workflow-executions/{id}/retry",
                "/workflow-executions/{id}/reset",
                "/workflow-executions/{id}/restart",
                "/workflow-executions/{id}/continue-as-new",
                "/workflow-executions/{id}/annotations",
                "/workflow-executions/{id}/dismiss",
                "/task-executions/{id}/dismiss",
                "/task-executions/{id}/retry",
                "/task-executions/{id}/cancel",
                "/schedules/{schedule}/update",
                "/schedules/{schedule}/pause",
                "/schedules/{schedule}/resume",
                "/schedules/{schedule}/backfill",
                "/schedules/{schedule}/backfill/stop",
                "/schedules/{schedule}/delete",
                "/bulk-jobs",
                "/bulk-jobs/{id}/pause",
                "/bulk-jobs/{id}/resume",
                "/bulk-jobs/{id}/stop",
                "/saved-queries",
                "/saved-queries/{name}/delete",
                "/workers/{id}/drain",
                "/workers/{id}/undrain",
                "/queues/{queue}/pause",
                "/queues/{queue}/resume",
                "/queues/{queue}/limit",
                "/queues/{queue}/unlimit",
                "/workflow-kinds/{kind}/pause",
                "/workflow-kinds/{kind}/resume",
                "/task-kinds/{kind}/pause",
                "/task-kinds/{kind}/resume",
                "/approvals/{id}/approve",
                "/approvals/{id}/refuse");
        // Whoever may do a thing may approve that another does it, and see what waits for that.
        put(calls, "GET " + ORG, Right.CANCEL, "/approvals");
        calls.put("GET " + ORG + "/keys", Right.KEYS);
        put(calls, "POST " + ORG, Right.KEYS, "/keys", "/keys/{id}/expire", "/keys/{id}/revoke");
        put(
                calls,
                "POST " + ORG,
                Right.ERASE,
                "/workflow-executions/{id}/erase",
                "/task-executions/{id}/erase",
                "/data-subjects/{subject}/erase");
        return Map.copyOf(calls);
    }

    private static void put(Map<String, Right> calls, String prefix, Right right, String... names) {
        for (String name : names) {
            calls.put(prefix + name, right);
        }
    }

    /** @return what each call needs, by the full name of the gRPC method, or the HTTP method and path template */
    public static Map<String, Right> all() {
        return CALLS;
    }

    /**
     * Says whether a caller may make a call at all; what it may be about is {@link io.millrace.proto.auth.Scope}'s to say.
     *
     * @param call full name of the gRPC method, {@code package.Service/Method}, or the HTTP method and path template
     * @return empty if it may
     */
    public static Optional<RefusedException> refusal(Caller caller, String call) {
        Right right = CALLS.get(call);
        if (right == null) {
            return refused("expected a call that some role may make, but " + call + " is none");
        }
        Role role = Role.of(caller.principal());
        if (!right.holders().contains(role)) {
            return refused("expected a key with the role " + names(right) + " to call " + call + ", but "
                    + caller.principal().getId() + " has the role " + role);
        }
        if (right == Right.LIST && !caller.scope().isWhole()) {
            return refused("expected a key for all queues and kinds to call " + call + ", but "
                    + caller.principal().getId() + " is kept to " + caller.scope());
        }
        return Optional.empty();
    }

    /**
     * Says whether a caller has a right, as far as no single call is looked at.
     *
     * @param caller somebody whose key was checked
     */
    public static boolean has(Caller caller, Right right) {
        return right.holders().contains(Role.of(caller.principal()))
                && (right != Right.LIST || caller.scope().isWhole());
    }

    /** @return whether a call, named as in {@link #refusal}, only reads */
    public static boolean onlyReads(String call) {
        return switch (CALLS.get(call)) {
            case READ, LIST, AUDIT -> true;
            case null, default -> call.startsWith("GET ");
        };
    }

    /** @return whether a call, named as in {@link #refusal}, {@linkplain Right#relieves relieves} */
    public static boolean relieves(String call) {
        Right right = CALLS.get(call);
        return right != null && right.relieves();
    }

    private static String names(Right right) {
        String all = right.holders().stream().map(Role::name).collect(Collectors.joining(", "));
        int last = all.lastIndexOf(", ");
        return last < 0 ? all : all.substring(0, last) + " or " + all.substring(last + 2);
    }

    private static Optional<RefusedException> refused(String text) {
        return Optional.of(new RefusedException(RefusalReason.PERMISSION_DENIED, text));
    }
}
