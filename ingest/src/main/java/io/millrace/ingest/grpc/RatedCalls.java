package io.millrace.ingest.grpc;

import io.grpc.MethodDescriptor;
import io.millrace.proto.flovyn.v1.TaskExecutionGrpc;
import io.millrace.proto.flovyn.v1.WorkflowDispatchGrpc;
import io.millrace.proto.flovyn.v1.WorkflowQueryGrpc;
import java.util.Set;

/**
 * Which calls count among those of a second: what clients ask for. What workers do with work that they have never does: who
 * cannot report what is done does it again, and an empty history is taken for that of a new workflow.
 */
public final class RatedCalls {

    private static final Set<String> METHODS = Set.of(
            WorkflowDispatchGrpc.getStartWorkflowMethod().getFullMethodName(),
            WorkflowDispatchGrpc.getStartChildWorkflowMethod().getFullMethodName(),
            WorkflowDispatchGrpc.getSignalWorkflowMethod().getFullMethodName(),
            WorkflowDispatchGrpc.getSignalWithStartWorkflowMethod().getFullMethodName(),
            WorkflowDispatchGrpc.getResolvePromiseMethod().getFullMethodName(),
            WorkflowDispatchGrpc.getRejectPromiseMethod().getFullMethodName(),
            WorkflowQueryGrpc.getQueryWorkflowMethod().getFullMethodName(),
            TaskExecutionGrpc.getSubmitTaskMethod().getFullMethodName(),
            TaskExecutionGrpc.getCancelTaskMethod().getFullMethodName());

    private RatedCalls() {}

    /** @return whether a call of the method counts */
    public static boolean counts(MethodDescriptor<?, ?> method) {
        return METHODS.contains(method.getFullMethodName());
    }
}
