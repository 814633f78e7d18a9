package io.millrace.ingest.grpc;

import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.millrace.proto.HistoryAdvice;
import io.millrace.proto.flovyn.v1.GetEventsResponse;
import io.millrace.proto.flovyn.v1.WorkflowDispatchGrpc;

/**
 * Advises workers to let a workflow continue as new, behind a history that has grown long. The advice stands in the trailers of the
 * answer, since messages are those of public SDKs, which pass trailers over. Safe from any thread.
 */
public final class HistoryHints implements ServerInterceptor {

    private static final String GET_EVENTS =
            WorkflowDispatchGrpc.getGetEventsMethod().getFullMethodName();

    private final int events;
    private final long bytes;

    /**
     * @param events from so many events on
     * @param bytes and from so many bytes of the answer on
     */
    public HistoryHints(int events, long bytes) {
        this.events = events;
        this.bytes = bytes;
    }

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        if (!call.getMethodDescriptor().getFullMethodName().equals(GET_EVENTS)) {
            return next.startCall(call, headers);
        }
        return next.startCall(
                new SimpleForwardingServerCall<>(call) {

                    private volatile boolean isLong;

                    @Override
                    public void sendMessage(A message) {
                        isLong = message instanceof GetEventsResponse history && isLong(history);
                        super.sendMessage(message);
                    }

                    @Override
                    public void close(Status status, Metadata trailers) {
                        if (isLong) {
                            trailers.put(HistoryAdvice.KEY, HistoryAdvice.CONTINUE_AS_NEW);
                        }
                        super.close(status, trailers);
                    }
                },
                headers);
    }

    private boolean isLong(GetEventsResponse history) {
        return history.getEventsCount() >= events || history.getSerializedSize() >= bytes;
    }
}
