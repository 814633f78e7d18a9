package io.millrace.notifier.connection;

import io.grpc.Attributes;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerTransportFilter;
import io.millrace.proto.directory.ConnectionRegistrations;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/** Tells calls which {@link Connection} they came through, and others when one has ended. Any thread. */
public final class Connections extends ServerTransportFilter implements ServerInterceptor {

    private static final Attributes.Key<Connection> CONNECTION = Attributes.Key.create("millrace-connection");

    /** What proxies add that understand HTTP, and lead calls of many clients through one connection. */
    private static final List<Metadata.Key<String>> OF_PROXIES = Stream.of(
                    "x-forwarded-for", "forwarded", "via", "x-envoy-expected-rq-timeout-ms", "x-envoy-external-address")
            .map(name -> Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER))
            .toList();

    private static final Object THIS_MACHINE = new Object();

    private final Departures departures;
    private final Returns returns;
    private final Map<Object, Shared> hosts = new ConcurrentHashMap<>();

    /** A host and how many connections come from there. */
    private record Shared(Host host, int connections) {}

    /**
     * @param departures hears of connections that have ended
     * @param returns hears of them too
     */
    public Connections(Departures departures, Returns returns) {
        this.departures = departures;
        this.returns = returns;
    }

    @Override
    public Attributes transportReady(Attributes attributes) {
        Host host = hosts.merge(
                        origin(attributes),
                        new Shared(new Host(), 1),
                        (known, one) -> new Shared(known.host, known.connections + 1))
                .host;
        return attributes.toBuilder().set(CONNECTION, Connection.opened(host)).build();
    }

    @Override
    public void transportTerminated(Attributes attributes) {
        Connection ended = attributes == null ? null : attributes.get(CONNECTION);
        if (ended != null) {
            ended.end();
            hosts.computeIfPresent(
                    origin(attributes),
                    (at, known) -> known.connections == 1 ? null : new Shared(known.host, known.connections - 1));
            returns.ended(ended);
            departures.ended(ended);
        }
    }

    /** @return where the connection comes from, without its port; what has no such address comes from this machine */
    private static Object origin(Attributes attributes) {
        return attributes.get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR) instanceof InetSocketAddress peer && !peer.isUnresolved()
                ? peer.getAddress()
                : THIS_MACHINE;
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
        if (connection.callsFirst() && OF_PROXIES.stream().anyMatch(headers::containsKey)) {
            connection.share();
        }
        Context context = Context.current()
                .withValues(Connection.KEY, connection, ConnectionRegistrations.KEY, connection.registrations());
        return Contexts.interceptCall(context, call, headers, next);
    }
}
