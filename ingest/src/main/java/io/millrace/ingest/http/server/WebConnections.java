package io.millrace.ingest.http.server;

import io.millrace.ingest.limits.Places;
import io.millrace.ingest.limits.Places.Place;
import io.millrace.ingest.limits.Strangers;
import io.millrace.proto.thread.Recurring;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.ssl.SslConnection;

/** The connections of a server: so many, of which those are looked at now and then that answer no request. Any thread. */
final class WebConnections implements Connection.Listener, AutoCloseable {

    private static final int LOOKS_IN_TIME = 10;

    private final WebLimits limits;
    private final Places places;
    private final Strangers<WebConnection> strangers;
    private final Map<EndPoint, WebConnection> open = new ConcurrentHashMap<>();
    /** Clients that proxies told of, from just before their connections open. */
    private final Map<EndPoint, InetSocketAddress> told = new ConcurrentHashMap<>();

    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("http-watch").factory());

    WebConnections(WebLimits limits) {
        this.limits = limits;
        places = new Places(limits.connections());
        strangers = new Strangers<>(limits.connections(), WebConnection::isStranger);
        Duration pause = Duration.ofMillis(Math.max(1, limits.requestTime().toMillis() / LOOKS_IN_TIME));
        Recurring.start(
                timer,
                pause,
                pause,
                "could not look for connections on which no request comes in time",
                () -> open.values().forEach(each -> each.look(System.nanoTime())));
    }

    /** A proxy has told of the client; the connection opens next. */
    void told(EndPoint endPoint, InetSocketAddress client) {
        told.put(endPoint, client);
    }

    @Override
    public void onOpened(Connection connection) {
        if (connection instanceof SslConnection) {
            return; // the connection within it opens at the same time, and is the one that counts
        }
        EndPoint endPoint = connection.getEndPoint();
        InetSocketAddress client = told.remove(endPoint instanceof EndPoint.Wrapper tls ? tls.unwrap() : endPoint);
        Optional<Place> place = endPoint.getRemoteSocketAddress() instanceof InetSocketAddress from
                ? places.enter(from.getAddress())
                : Optional.empty();
        if (place.isEmpty()) {
            endPoint.close();
            return;
        }
        WebConnection entered = new WebConnection(connection, place.get(), limits, client);
        open.put(endPoint, entered);
        strangers.add(entered).ifPresent(WebConnection::close);
    }

    @Override
    public void onClosed(Connection connection) {
        WebConnection left = open.remove(connection.getEndPoint());
        if (left != null) {
            strangers.remove(left);
            left.place().leave();
        }
    }

    /** @return the connection; nothing if it has been closed */
    Optional<WebConnection> of(EndPoint endPoint) {
        return Optional.ofNullable(open.get(endPoint));
    }

    /** Closes those on which no request is being answered. */
    void closeIdle() {
        open.values().stream().filter(each -> !each.busy()).forEach(WebConnection::close);
    }

    /** Closes all. */
    @Override
    public void close() {
        timer.shutdownNow();
        open.values().forEach(WebConnection::close);
    }
}
