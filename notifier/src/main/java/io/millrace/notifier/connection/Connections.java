package io.millrace.notifier.connection;

import io.grpc.Attributes;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerTransportFilter;

/** Tells calls which {@link Connection} they came through, and {@link Departures} when one has ended. Any thread. */
public final class Connections extends ServerTransportFilter implements ServerInterceptor {

    private static final Attributes.Key<Connection> CONNECTION = Attributes.Key.create("millrace-connection");

    private final Departures departures;

    /** @param departures hears of connections that have ended */
    public Connections(Departures departures) {
        this.departures = departures;
    }

    @Override
    public Attributes transportReady(Attributes attributes) {
        return attributes.toBuilder().set(CONNECTION, Connection.opened()).build();
    }

    @Override
    public void transportTerminated(Attributes attributes) {
        Connection ended = attributes == null ? null : attributes.get(CONNECTION);
        if (ended != null) {
            ended.end();
            departures.ended(ended);
        }
    }

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        // Only polls hand out work; subscriptions are many, and spared the context.
        boolean poll = call.getMethodDescriptor().getType() == MethodType.UNARY;
        Connection connection = poll ? call.getAttributes().get(CONNECTION) : null;
        return connection == null
                ? next.startCall(call, headers)
                : Contexts.interceptCall(
                        Context.current().withValue(Connection.KEY, connection), call, headers, next);
    }
}
