package io.millrace.ingest.http.server;

import io.millrace.proto.kafka.Outage;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.ServerSocketChannel;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.eclipse.jetty.http.HttpCompliance;
import org.eclipse.jetty.http.UriCompliance;
import org.eclipse.jetty.server.ConnectionFactory;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Jetty as an HTTP/1.1 server that answers whatever comes: what is not well-formed gets an error in JSON like anything else
 * that is refused. Safe from any thread.
 */
public final class WebServer implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(WebServer.class);
    private static final int BACKLOG = 1_024;
    /** For who accepts, who waits for bytes of all connections, and a few short tasks. */
    private static final int LIBRARY_THREADS = 16;

    private static final int SELECTORS = 1;

    /** Strict, but that proxies may name another host in front of the path. Paths are read by whoever knows the routes. */
    private static final HttpCompliance STRICT =
            HttpCompliance.STRICT.with("PROXIED", HttpCompliance.Violation.MISMATCHED_AUTHORITY);

    private final ServerSocketChannel listening;
    private final WebLimits limits;
    private final ExecutorService threads;
    private final Outage threadless = new Outage("could not give a request a thread, and closed its connection");
    private final WebConnections connections;
    private final Server server;
    private final Acceptor acceptor;

    /** Answers requests, each on a thread of its own. What it throws ends the connection. */
    @FunctionalInterface
    public interface Handler {
        void handle(WebExchange exchange) throws IOException;
    }

    private WebServer(
            ServerSocketChannel listening,
            WebLimits limits,
            ExecutorService threads,
            Predicate<InetAddress> proxies,
            Optional<WebTls> tls)
            throws IOException {
        this.listening = listening;
        this.limits = limits;
        this.threads = threads;
        connections = new WebConnections(limits);
        QueuedThreadPool own = new QueuedThreadPool(LIBRARY_THREADS);
        own.setName("http");
        own.setDaemon(true);
        own.setVirtualThreadsExecutor(this::execute);
        server = new Server(own);
        server.setErrorHandler(new ErrorAnswers());
        HttpConnectionFactory http = new HttpConnectionFactory(configuration(limits));
        acceptor = tls.<Acceptor>map(spoken -> {
                    SslConnectionFactory encrypted = encrypted(spoken, http);
                    return acceptor(proxied(encrypted, proxies), encrypted, http);
                })
                .orElseGet(() -> acceptor(proxied(http, proxies), http));
        acceptor.addBean(connections);
        // They are looked at elsewhere while nothing is asked, and told why they are closed.
        acceptor.setIdleTimeout(limits.quietMillis());
        acceptor.open(listening);
        server.addConnector(acceptor);
    }

    private Acceptor acceptor(ConnectionFactory... factories) {
        return new Acceptor(server, SELECTORS, factories);
    }

    private ConnectionFactory proxied(ConnectionFactory behind, Predicate<InetAddress> proxies) {
        return new ProxiedConnections(behind, connections, proxies);
    }

    /** The library would refuse requests whose host is not one of the certificate's, which is the client's to look at. */
    private static SslConnectionFactory encrypted(WebTls tls, HttpConnectionFactory http) {
        SslConnectionFactory encrypted = new SslConnectionFactory(tls.factory(), http.getProtocol());
        encrypted.setEnsureSecureRequestCustomizer(false);
        return encrypted;
    }

    private static HttpConfiguration configuration(WebLimits limits) {
        HttpConfiguration configuration = new HttpConfiguration();
        configuration.setSendServerVersion(false);
        configuration.setRequestHeaderSize(limits.headBytes());
        configuration.setHttpCompliance(STRICT);
        configuration.setUriCompliance(UriCompliance.UNSAFE);
        return configuration;
    }

    /**
     * @param threads gives each request a thread; it is shut down with the server
     * @return a server bound to the address, and not yet started
     * @throws IOException if the address cannot be bound
     */
    public static WebServer bind(InetSocketAddress address, WebLimits limits, ExecutorService threads)
            throws IOException {
        return bind(address, limits, threads, peer -> false, Optional.empty());
    }

    /**
     * As above.
     *
     * @param proxies tells whose connections begin with a header of the PROXY protocol
     * @param tls how TLS is spoken; empty: plain text
     */
    public static WebServer bind(
            InetSocketAddress address,
            WebLimits limits,
            ExecutorService threads,
            Predicate<InetAddress> proxies,
            Optional<WebTls> tls)
            throws IOException {
        ServerSocketChannel listening = ServerSocketChannel.open();
        try {
            listening.setOption(StandardSocketOptions.SO_REUSEADDR, true);
            listening.bind(address, BACKLOG);
            return new WebServer(listening, limits, threads, proxies, tls);
        } catch (IOException | RuntimeException e) {
            listening.close();
            throw e;
        }
    }

    /** @return the address bound */
    public InetSocketAddress address() {
        return (InetSocketAddress) listening.socket().getLocalSocketAddress();
    }

    /** Starts to listen. */
    public void start(Handler answers) {
        server.setHandler(new Requests(connections, limits, answers));
        try {
            server.start();
        } catch (Exception e) {
            throw new IllegalStateException("expected to start the HTTP server, but could not", e);
        }
    }

    /** @return whether connections are let in; any thread */
    public boolean accepts() {
        return server.isRunning() && listening.isOpen() && !acceptor.failing();
    }

    /** The library closes the connection for which there is no thread if it is told so in this way. */
    private void execute(Runnable request) {
        try {
            threads.execute(request);
            threadless.over();
        } catch (OutOfMemoryError e) {
            threadless.failed(e);
            throw new RejectedExecutionException("expected a thread for a request, but the machine has none left", e);
        }
    }

    /** Lets nobody in any more, gives requests under way so long, and then ends them. */
    public void stop(Duration grace) {
        try {
            listening.close();
            connections.closeIdle();
            threads.shutdown();
            threads.awaitTermination(grace.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            LOG.warn("expected to close the HTTP port, but could not: {}", e.getMessage());
        }
        threads.shutdownNow();
        connections.close();
        try {
            server.stop();
        } catch (Exception e) {
            LOG.warn("expected the HTTP server to stop in order, but it did not: {}", e.getMessage());
        }
    }

    @Override
    public void close() {
        stop(Duration.ZERO);
    }
}
