package io.millrace.infra.door;

import io.grpc.Attributes;
import io.grpc.Grpc;
import io.grpc.ServerCall;
import io.grpc.ServerTransportFilter;
import io.millrace.ingest.auth.ClientCertificate;
import io.millrace.ingest.auth.ProxiedClient;
import io.millrace.ingest.grpc.CallThread;
import io.millrace.ingest.limits.OrganisationLoad;
import io.millrace.ingest.limits.Places;
import io.millrace.ingest.limits.Strangers;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import javax.net.ssl.SSLSession;

/**
 * The connections of gRPC that are open. There is a limit for all, and one address gets only as many as the others
 * leave free. At most a quarter of all may be connections that have shown no key. For one more of these, the one that
 * has waited longest is closed. Safe from any thread.
 */
public final class OpenConnections extends ServerTransportFilter {

    private static final Attributes.Key<DoorConnection> CONNECTION = Attributes.Key.create("millrace-door-connection");

    private final Places places;
    private final Map<SocketAddress, Opened> byAddress = new ConcurrentHashMap<>();
    private final Strangers<Opened> strangers;

    /** A connection, and how to close it. */
    record Opened(SocketAddress address, DoorConnection connection, Runnable close, Places.Place place) {}

    /** @param most most connections that may be open at a time */
    public OpenConnections(int most) {
        places = new Places(most);
        strangers = new Strangers<>(most, opened -> opened.connection().isStranger());
    }

    /** @return how many are open */
    public long open() {
        return places.open();
    }

    /** @return calls on all of them that have not ended, without those that wait for work and those of this load */
    long openCalls(OrganisationLoad without) {
        return byAddress.values().stream()
                .mapToLong(opened -> opened.connection().openCalls(without))
                .sum();
    }

    /** @return the most that may be open */
    public long most() {
        return places.most();
    }

    /**
     * @param thread of the connection
     * @param close closes the connection, from any thread
     * @return the connection, for which {@link #left} must be called in the end; nothing if there is no room for it
     */
    Optional<Opened> enter(InetSocketAddress from, Executor thread, Runnable close) {
        Optional<Places.Place> place = places.enter(from.getAddress());
        if (place.isEmpty()) {
            return Optional.empty();
        }
        Opened opened = new Opened(from, new DoorConnection(thread), close, place.get());
        byAddress.put(from, opened);
        strangers.add(opened).ifPresent(longest -> longest.close().run());
        return Optional.of(opened);
    }

    void left(Opened opened) {
        byAddress.remove(opened.address(), opened);
        strangers.remove(opened);
        opened.place().leave();
    }

    @Override
    public Attributes transportReady(Attributes attributes) {
        Opened opened = byAddress.get(attributes.get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR));
        if (opened == null) {
            return attributes;
        }
        Attributes.Builder known = attributes.toBuilder()
                .set(CONNECTION, opened.connection())
                .set(CallThread.KEY, opened.connection()::afterWrites);
        InetSocketAddress client = opened.connection().client();
        if (client != null) {
            known.set(ProxiedClient.KEY, client);
        }
        SSLSession session = attributes.get(Grpc.TRANSPORT_ATTR_SSL_SESSION);
        if (session != null) {
            ClientCertificate.of(session).ifPresent(shown -> {
                known.set(ClientCertificate.KEY, shown);
                opened.connection().certifiedUntil(shown.untilMs());
            });
        }
        return known.build();
    }

    /** @return the connection of the call; if that has just been closed, a new one that nobody watches */
    static DoorConnection of(ServerCall<?, ?> call) {
        DoorConnection known = call.getAttributes().get(CONNECTION);
        return known != null ? known : new DoorConnection(Runnable::run);
    }
}
