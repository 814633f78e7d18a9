package io.millrace.ingest.http;

import io.millrace.ingest.auth.TrustedProxies;
import io.millrace.ingest.http.server.WebLimits;
import io.millrace.ingest.http.server.WebServer;
import io.millrace.ingest.http.server.WebTls;
import io.millrace.ingest.limits.OpenFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** HTTP servers by their settings, with the usual limits. */
public final class HttpListener {

    private static final int OTHER_CONNECTIONS = 4_000;
    private static final int FIRST_WITHOUT_PINNING = 24;

    private HttpListener() {}

    /**
     * @return a server bound to the address, and not yet started
     * @throws UncheckedIOException if the address cannot be bound
     */
    public static WebServer bind(HttpSettings settings) {
        return bind(settings, limits(settings), TrustedProxies.NONE, Optional.empty());
    }

    /**
     * As above.
     *
     * @param proxies whose connections may begin with a header of the PROXY protocol
     * @param tls how TLS is spoken; empty: plain text
     */
    public static WebServer bind(HttpSettings settings, TrustedProxies proxies, Optional<WebTls> tls) {
        return bind(settings, limits(settings), proxies, tls);
    }

    /** As above, with other limits. */
    static WebServer bind(HttpSettings settings, WebLimits limits, TrustedProxies proxies, Optional<WebTls> tls) {
        InetSocketAddress address = new InetSocketAddress(settings.host(), settings.port());
        try {
            return WebServer.bind(address, limits, threads(), proxies::speak, tls);
        } catch (IOException e) {
            throw new UncheckedIOException("expected to bind HTTP to " + address + ", but could not", e);
        }
    }

    /** @return the usual limits of connections */
    static WebLimits limits(HttpSettings settings) {
        return WebLimits.usual((int) Math.min(OpenFiles.forHttp(), (long) settings.maxStreams() + OTHER_CONNECTIONS))
                .withBodies(settings.maxBodyBytes());
    }

    /**
     * A thread for each request. Before JDK 24 a virtual thread that waits under the lock of an object holds a carrier.
     * A few slow clients would hold all carriers.
     */
    private static ExecutorService threads() {
        return Executors.newThreadPerTaskExecutor(
                Runtime.version().feature() < FIRST_WITHOUT_PINNING
                        ? Thread.ofPlatform().daemon().name("http-", 0).factory()
                        : Thread.ofVirtual().name("http-", 0).factory());
    }
}
