package io.millrace.ingest.auth;

import io.millrace.proto.v1.Principal;
import java.util.Set;

/**
 * Which principals may make which gRPC calls. Calls of clients (start, signal, settle, read) are open to both kinds, since
 * some SDKs make them with a worker's key. Calls of workers are open to workers, and to users who own or administer the
 * organisation.
 */
public final class Permissions {

    private static final Set<String> CALLS_OF_WORKERS = Set.of(
            "flovyn.v1.WorkflowDispatch/PollWorkflow",
            "flovyn.v1.WorkflowDispatch/SubscribeToNotifications",
            "flovyn.v1.WorkflowDispatch/SubmitWorkflowCommands",
            "flovyn.v1.WorkflowDispatch/ReportExecutionSpans",
            "flovyn.v1.TaskExecution/PollTask",
            "flovyn.v1.TaskExecution/CompleteTask",
            "flovyn.v1.TaskExecution/FailTask",
            "flovyn.v1.TaskExecution/Heartbeat",
            "flovyn.v1.TaskExecution/ReportProgress",
            "flovyn.v1.TaskExecution/LogMessage",
            "flovyn.v1.TaskExecution/StreamTaskData",
            "flovyn.v1.TaskExecution/SetState",
            "flovyn.v1.TaskExecution/ClearState",
            "flovyn.v1.TaskExecution/ClearAllState",
            "flovyn.v1.WorkerLifecycle/RegisterWorker",
            "flovyn.v1.WorkerLifecycle/SendHeartbeat");
    private static final Set<String> ROLES_OF_STEWARDS = Set.of("OWNER", "ADMIN");

    private Permissions() {}

    /** @return whether the principal may call the gRPC method of this full name, {@code package.Service/Method} */
    public static boolean allows(Principal principal, String method) {
        return principal.getType() == Principal.Type.WORKER
                || ROLES_OF_STEWARDS.contains(principal.getRole())
                || !CALLS_OF_WORKERS.contains(method);
    }
}
