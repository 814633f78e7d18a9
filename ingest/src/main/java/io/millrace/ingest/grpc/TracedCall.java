package io.millrace.ingest.grpc;

import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;
import io.millrace.ingest.auth.CallTrace;
import java.util.function.Function;

/** A call whose span is recorded: it is over when it is answered, or when its client has given it up. */
final class TracedCall<Q, A> extends SimpleForwardingServerCall<Q, A> {

    private final CallTrace trace;

    TracedCall(ServerCall<Q, A> call, CallTrace trace) {
        super(call);
        this.trace = trace;
    }

    @Override
    public void close(Status status, Metadata trailers) {
        super.close(status, trailers);
        trace.end(status.isOk() ? "" : status.getCode().name());
    }

    /** @return what the transport is to tell */
    ServerCall.Listener<Q> listener(Function<ServerCall<Q, A>, ServerCall.Listener<Q>> next) {
        return new SimpleForwardingServerCallListener<>(next.apply(this)) {

            @Override
            public void onCancel() {
                trace.end(Status.Code.CANCELLED.name());
                super.onCancel();
            }
        };
    }
}
