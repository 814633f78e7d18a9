package io.millrace.ingest.grpc;

import io.grpc.MethodDescriptor;
import io.millrace.proto.flovyn.v1.TaskExecutionGrpc;
import io.millrace.proto.flovyn.v1.WorkflowDispatchGrpc;
import io.millrace.proto.v1.ExecutionResultsGrpc;
import java.util.Set;

/**
 * Which calls wait for something to happen, and so stay open: polls, subscriptions, and waits for an end. All others are
 * soon answered.
 */
public final class WaitingCalls {

    private static final Set<String> METHODS = Set.of(
            WorkflowDispatchGrpc.getPollWorkflowMethod().getFullMethodName(),
            WorkflowDispatchGrpc.getSubscribeToNotificationsMethod().getFullMethodName(),
            TaskExecutionGrpc.getPollTaskMethod().getFullMethodName(),
            ExecutionResultsGrpc.getAwaitEndMethod().getFullMethodName());

    private WaitingCalls() {}

    /** @return whether a call of the method waits */
    public static boolean waits(MethodDescriptor<?, ?> method) {
        return METHODS.contains(method.getFullMethodName());
    }
}
