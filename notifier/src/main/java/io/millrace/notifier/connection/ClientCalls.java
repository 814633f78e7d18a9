package io.millrace.notifier.connection;

import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.millrace.proto.flovyn.v1.WorkflowDispatchGrpc;
import io.millrace.proto.flovyn.v1.WorkflowQueryGrpc;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** Tells a {@link Host} of the calls that its clients make, which is what a worker does not. Any thread. */
public final class ClientCalls implements ServerInterceptor {

    private static final Set<String> METHODS = Set.of(
            WorkflowDispatchGrpc.getStartWorkflowMethod().getFullMethodName(),
            WorkflowDispatchGrpc.getSignalWorkflowMethod().getFullMethodName(),
            WorkflowDispatchGrpc.getSignalWithStartWorkflowMethod().getFullMethodName(),
            WorkflowDispatchGrpc.getResolvePromiseMethod().getFullMethodName(),
            WorkflowDispatchGrpc.getRejectPromiseMethod().getFullMethodName(),
            WorkflowQueryGrpc.getQueryWorkflowMethod().getFullMethodName());

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        if (METHODS.contains(call.getMethodDescriptor().getFullMethodName())) {
            Connections.of(call).host().clientCalled(TimeUnit.NANOSECONDS.toMillis(System.nanoTime()));
        }
        return next.startCall(call, headers);
    }
}
