package io.millrace.ingest.http;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * The JDK's HTTP server with limits, which it has none of by itself: a request has to be there within 30 s, its headers may
 * have 16 KiB, and connections are counted. The JDK reads these limits once in the life of a process, so the first server
 * decides; each may be set otherwise by a system property of the JDK's name.
 */
public final class HttpListener {

    private static final int OTHER_CONNECTIONS = 4_000;
    private static final int FIRST_WITHOUT_PINNING = 24;

    private HttpListener() {}

    /**
     * @return a server bound to the address, and not yet started
     * @throws UncheckedIOException if the address cannot be bound
     */
    public static HttpServer bind(HttpSettings settings) {
        // Without this every answer on a kept connection waits 40 ms for the delayed acknowledgement of its headers.
        unlessSet("sun.net.httpserver.nodelay", "true");
        unlessSet("sun.net.httpserver.maxReqTime", "30");
        unlessSet("sun.net.httpserver.maxReqHeaderSize", Integer.toString(16 << 10));
        long connections = Math.min(Integer.MAX_VALUE, (long) settings.maxStreams() + OTHER_CONNECTIONS);
        unlessSet("jdk.httpserver.maxConnections", Long.toString(connections));
        InetSocketAddress address = new InetSocketAddress(settings.host(), settings.port());
        try {
            return HttpServer.create(address, 0);
        } catch (IOException e) {
            throw new UncheckedIOException("expected to bind HTTP to " + address + ", but could not", e);
        }
    }

    private static void unlessSet(String property, String value) {
        if (System.getProperty(property) == null) {
            System.setProperty(property, value);
        }
    }

    /**
     * @return a thread for each request, of which a connection has one at a time. The server reads and writes under locks of
     *     objects: before JDK 24 a virtual thread that waits there holds a carrier, and a few slow clients would hold them all.
     */
    public static ExecutorService threads() {
        return Executors.newThreadPerTaskExecutor(
                Runtime.version().feature() < FIRST_WITHOUT_PINNING
                        ? Thread.ofPlatform().daemon().name("http-", 0).factory()
                        : Thread.ofVirtual().name("http-", 0).factory());
    }
}
