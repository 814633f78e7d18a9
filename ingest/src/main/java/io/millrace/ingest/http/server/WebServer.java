package io.millrace.ingest.http.server;

import io.millrace.ingest.limits.Places;
import io.millrace.ingest.limits.Places.Place;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An HTTP/1.1 server that answers whatever comes: what is not well-formed gets an error in JSON like anything else that is
 * refused, where the JDK's server sends a page of HTML or just closes the connection. Safe from any thread.
 */
public final class WebServer implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(WebServer.class);
    private static final int BACKLOG = 1_024;
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final ServerSocketChannel listening;
    private final WebLimits limits;
    private final ExecutorService threads;
    private final Map<WebConnection, Place> connections = new ConcurrentHashMap<>();
    private final Places places;
    private Handler handler;
    private volatile boolean stopping;

    /** Answers requests, each on the thread of its connection. What it throws ends the connection. */
    @FunctionalInterface
    public interface Handler {
        void handle(WebExchange exchange) throws IOException;
    }

    private WebServer(ServerSocketChannel listening, WebLimits limits, ExecutorService threads) {
        this.listening = listening;
        this.limits = limits;
        this.threads = threads;
        places = new Places(limits.connections());
    }

    /**
     * @param threads gives each connection a thread; it is shut down with the server
     * @return a server bound to the address, and not yet started
     * @throws IOException if the address cannot be bound
     */
    public static WebServer bind(InetSocketAddress address, WebLimits limits, ExecutorService threads) throws IOException {
        ServerSocketChannel listening = ServerSocketChannel.open();
        try {
            listening.setOption(StandardSocketOptions.SO_REUSEADDR, true);
            listening.bind(address, BACKLOG);
        } catch (IOException | RuntimeException e) {
            listening.close();
            throw e;
        }
        return new WebServer(listening, limits, threads);
    }

    /** @return the address bound */
    public InetSocketAddress address() {
        return (InetSocketAddress) listening.socket().getLocalSocketAddress();
    }

    /** Starts to listen. */
    public void start(Handler answers) {
        handler = answers;
        Thread.ofPlatform().name("http-accept").daemon(true).start(this::accept);
    }

    private void accept() {
        while (!stopping) {
            try {
                take(listening.accept());
            } catch (ClosedChannelException stopped) {
                return;
            } catch (IOException e) {
                // Out of descriptors, most likely: those who are served now will give some back.
                LOG.warn("expected to accept an HTTP connection, but could not: {}", e.getMessage());
                LockSupport.parkNanos(PAUSE_NANOS);
            }
        }
    }

    private void take(SocketChannel channel) throws IOException {
        Optional<Place> place = channel.getRemoteAddress() instanceof InetSocketAddress from
                ? places.enter(from.getAddress())
                : Optional.empty();
        if (place.isEmpty()) {
            channel.close();
            return;
        }
        WebConnection connection = null;
        try {
            // Without this every answer in two writes would wait 40 ms for the acknowledgement of the first.
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            connection = new WebConnection(channel, this);
            connections.put(connection, place.get());
            threads.execute(connection);
        } catch (IOException | RejectedExecutionException gone) {
            if (connection == null || connections.remove(connection) != null) {
                place.get().leave();
            }
            channel.close();
        }
    }

    WebLimits limits() {
        return limits;
    }

    Handler handler() {
        return handler;
    }

    boolean stopping() {
        return stopping;
    }

    void ended(WebConnection connection) {
        Place place = connections.remove(connection);
        if (place != null) {
            place.leave();
        }
    }

    /** Lets nobody in any more, gives requests under way so long, and then ends them. */
    public void stop(Duration grace) {
        stopping = true;
        try {
            listening.close();
        } catch (IOException e) {
            LOG.warn("expected to close the HTTP port, but could not: {}", e.getMessage());
        }
        connections.keySet().stream().filter(connection -> !connection.busy()).forEach(WebConnection::close);
        threads.shutdown();
        try {
            threads.awaitTermination(grace.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        threads.shutdownNow();
        connections.keySet().forEach(WebConnection::close);
    }

    @Override
    public void close() {
        stop(Duration.ZERO);
    }
}
