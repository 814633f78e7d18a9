package io.millrace.infra.torture;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What stands in front of the nodes' ports of gRPC in an installation: it hands each connection on to a node whose {@code /_/ready}
 * is good, in turns, and knows nothing of what goes through it. It asks as the probes of our chart do, only more often: a node that is
 * not ready twice in a row gets no more connections, and keeps those that it has. Any thread.
 */
final class Balancer implements AutoCloseable {

    /** So long a node that is told to stop has to serve on: two probes, and a connection that is just being made. */
    static final Duration STOP_DELAY = Duration.ofSeconds(2);

    private static final Logger LOG = LoggerFactory.getLogger(Balancer.class);
    private static final long PROBE_EVERY_MS = 300;
    private static final Duration PROBE_LIMIT = Duration.ofSeconds(1);
    private static final int MOST_FAILURES = 2;
    private static final int CONNECT_LIMIT_MS = 1_000;
    private static final long AGAIN_MS = 20;

    /**
     * A node behind the balancer. Its ports stay the same when it is started again.
     *
     * @param http address of its HTTP
     */
    record Target(URI http, int grpcPort) {}

    private final List<Target> nodes;
    private final Findings findings;
    private final ServerSocket door;
    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(PROBE_LIMIT).build();
    private final Set<Integer> ready = ConcurrentHashMap.newKeySet();
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final AtomicInteger turn = new AtomicInteger();
    private volatile boolean closed;

    /** Begins to ask and to listen, on a free port of 127.0.0.1. */
    Balancer(List<Target> nodes, Findings findings) throws IOException {
        this.nodes = List.copyOf(nodes);
        this.findings = findings;
        door = new ServerSocket(0, 1_000, InetAddress.getLoopbackAddress());
        for (int node = 0; node < nodes.size(); node++) {
            int probed = node;
            Thread.ofVirtual().start(() -> probe(probed));
        }
        Thread.ofVirtual().start(this::accept);
    }

    /** @return where clients connect to */
    int port() {
        return door.getLocalPort();
    }

    /** @return the same with its host */
    InetSocketAddress address() {
        return InetSocketAddress.createUnresolved("127.0.0.1", port());
    }

    /** @return whether new connections go to the node */
    boolean sendsTo(int node) {
        return ready.contains(node);
    }

    private void probe(int node) {
        URI address = nodes.get(node).http().resolve("/_/ready");
        int failures = 0;
        while (!closed) {
            if (isReady(address)) {
                failures = 0;
                ready.add(node);
            } else if (++failures >= MOST_FAILURES) {
                ready.remove(node);
            }
            pause(PROBE_EVERY_MS);
        }
    }

    private boolean isReady(URI address) {
        HttpRequest request =
                HttpRequest.newBuilder(address).timeout(PROBE_LIMIT).build();
        try {
            return http.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() == 200;
        } catch (IOException away) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private void accept() {
        while (!closed) {
            try {
                Socket client = door.accept();
                open.add(client);
                Thread.ofVirtual().start(() -> serve(client));
            } catch (IOException e) {
                if (!closed) {
                    LOG.warn("the balancer could not take a connection", e);
                }
            }
        }
    }

    private void serve(Socket client) {
        try (client;
                Socket node = connect()) {
            open.add(node);
            Relay.join(client, node);
            open.remove(node);
        } catch (IOException e) {
            LOG.debug("a connection ended", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            open.remove(client);
        }
    }

    /** Where no node is ready the client waits, as it does in the queue of a balancer. */
    private Socket connect() throws IOException {
        boolean waits = false;
        while (!closed) {
            Optional<Integer> next = next();
            if (next.isEmpty() && !waits) {
                waits = true;
                findings.count("connections that found no node ready, and waited");
            }
            if (next.isPresent()) {
                Socket socket = new Socket();
                try {
                    socket.connect(
                            new InetSocketAddress(
                                    InetAddress.getLoopbackAddress(),
                                    nodes.get(next.get()).grpcPort()),
                            CONNECT_LIMIT_MS);
                    return socket;
                } catch (IOException away) {
                    socket.close(); // the next probe finds it out too; meanwhile others get their turn
                }
            }
            pause(AGAIN_MS);
        }
        throw new IOException("expected the balancer to be open, but it is closed");
    }

    private Optional<Integer> next() {
        List<Integer> there = ready.stream().sorted().toList();
        return there.isEmpty()
                ? Optional.empty()
                : Optional.of(there.get(Math.floorMod(turn.getAndIncrement(), there.size())));
    }

    private static void pause(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() throws IOException {
        closed = true;
        door.close();
        open.forEach(Relay::end);
        http.close();
    }
}
