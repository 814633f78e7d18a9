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
import io.millrace.proto.directory.ConnectionRegistrations;

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

    /** @return the connection that the call came through; one that nobody watches where the server has none of these */
    public static Connection of(ServerCall<?, ?> call) {
        Connection known = call.getAttributes().get(CONNECTION);
        return known != null ? known : new Connection();
    }

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        // Subscriptions are many, and spared the context; they have their call at hand.
        boolean unary = call.getMethodDescriptor().getType() == MethodType.UNARY;
        Connection connection = unary ? call.getAttributes().get(CONNECTION) : null;
        if (connection == null) {
            return next.startCall(call, headers);
        }
        Context context = Context.current()
                .withValues(Connection.KEY, connection, ConnectionRegistrations.KEY, connection.registrations());
        return Contexts.interceptCall(context, call, headers, next);
    }
}
