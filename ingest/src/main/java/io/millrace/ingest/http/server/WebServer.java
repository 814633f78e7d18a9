package io.millrace.ingest.http.server;

import io.millrace.ingest.limits.Places;
import io.millrace.ingest.limits.Places.Place;
import io.millrace.ingest.limits.Strangers;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An HTTP/1.1 server that answers whatever comes. What is not well-formed gets an error in JSON, like anything else that is
 * refused; the JDK's server sends a page of HTML or just closes the connection. Safe from any thread.
 */
public final class WebServer implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(WebServer.class);
    private static final int BACKLOG = 1_024;
    private static final long PAUSE_MS = 100;
    private static final long WARNING_PAUSE_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final ServerSocketChannel listening;
    private final WebLimits limits;
    private final ExecutorService threads;
    private final Map<WebConnection, Place> connections = new ConcurrentHashMap<>();
    private final Places places;
    private final Strangers<WebConnection> strangers;
    private final WriteWatchdog watchdog;
    private final CountDownLatch stopped = new CountDownLatch(1);
    private Handler handler;
    private volatile Thread acceptor;
    private volatile boolean failing;
    private volatile boolean stopping;
    private long nextWarningNanos = System.nanoTime();
    private long unsaid;

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
        strangers = new Strangers<>(limits.connections(), WebConnection::isStranger);
        watchdog = new WriteWatchdog(limits.patience());
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
        acceptor = Thread.ofPlatform().name("http-accept").daemon(true).start(this::accept);
    }

    /** @return whether connections are let in; any thread */
    public boolean accepts() {
        Thread accepting = acceptor;
        return accepting != null && accepting.isAlive() && !failing;
    }

    private void accept() {
        while (listening.isOpen()) {
            try {
                acceptOne();
            } catch (Throwable again) {
                // Even to say what failed may fail, for lack of memory. Only the end of the server may end this thread.
                failing = true;
            }
        }
    }

    private void acceptOne() throws InterruptedException {
        try {
            take(listening.accept());
            failing = false;
        } catch (ClosedChannelException gone) {
            // The server, which ends the loop, or the connection.
        } catch (Throwable e) {
            // Out of descriptors, threads or memory, most likely: those who are served now will give some back.
            failing = true;
            stopped.await(PAUSE_MS, TimeUnit.MILLISECONDS);
            warn(e);
        }
    }

    /** Clients decide how often there is something to say: so it is one line in ten seconds at the most. */
    private void warn(Throwable e) {
        long now = System.nanoTime();
        if (now - nextWarningNanos < 0) {
            unsaid++;
            return;
        }
        LOG.warn("expected to let in an HTTP connection, but could not, others={}: {}", unsaid, e.toString());
        unsaid = 0;
        nextWarningNanos = now + WARNING_PAUSE_NANOS;
    }

    private void take(SocketChannel channel) throws IOException {
        Place place = null;
        WebConnection connection = null;
        boolean begun = false;
        try {
            place = channel.getRemoteAddress() instanceof InetSocketAddress from
                    ? places.enter(from.getAddress()).orElse(null)
                    : null;
            if (place == null) {
                return;
            }
            // Without this every answer in two writes would wait 40 ms for the acknowledgement of the first.
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            connection = new WebConnection(channel, this);
            connections.put(connection, place);
            strangers.add(connection).ifPresent(WebConnection::close);
            threads.execute(connection);
            begun = true;
        } catch (RejectedExecutionException stops) {
            LOG.debug("an HTTP connection came while the server stops");
        } finally {
            if (!begun) {
                giveUp(channel, connection, place);
            }
        }
    }

    private void giveUp(SocketChannel channel, WebConnection connection, Place place) throws IOException {
        boolean gone = connection != null && connections.remove(connection) == null; // ended by a stop, with its place
        if (place != null && !gone) {
            place.leave();
        }
        if (connection == null) {
            channel.close();
        } else {
            strangers.remove(connection);
            connection.close();
        }
    }

    WriteWatchdog watchdog() {
        return watchdog;
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
        strangers.remove(connection);
        Place place = connections.remove(connection);
        if (place != null) {
            place.leave();
        }
    }

    /** Lets nobody in any more, gives requests under way so long, and then ends them. */
    public void stop(Duration grace) {
        stopping = true;
        stopped.countDown();
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
        watchdog.close();
    }

    @Override
    public void close() {
        stop(Duration.ZERO);
    }
}
