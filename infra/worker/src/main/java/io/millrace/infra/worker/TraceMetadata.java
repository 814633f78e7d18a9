package io.millrace.infra.worker;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.Context;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.millrace.proto.TraceContext;

/** Puts the trace of the work into calls that are made for it, unless whoever calls has put one there. Safe from any thread. */
final class TraceMetadata implements ClientInterceptor {

    private static final Metadata.Key<String> TRACEPARENT =
            Metadata.Key.of(TraceContext.HEADER, Metadata.ASCII_STRING_MARSHALLER);

    private static final Context.Key<String> WORK = Context.keyWithDefault("millrace-work-traceparent", "");

    /** @return the context for work of that trace; the empty text for none */
    static Context within(String traceparent) {
        return Context.current().withValue(WORK, traceparent);
    }

    @Override
    public <Q, A> ClientCall<Q, A> interceptCall(MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
        String traceparent = WORK.get();
        ClientCall<Q, A> call = next.newCall(method, options);
        if (traceparent.isEmpty()) {
            return call;
        }
        return new SimpleForwardingClientCall<>(call) {
            @Override
            public void start(Listener<A> listener, Metadata headers) {
                if (!headers.containsKey(TRACEPARENT)) {
                    headers.put(TRACEPARENT, traceparent);
                }
                super.start(listener, headers);
            }
        };
    }
}
