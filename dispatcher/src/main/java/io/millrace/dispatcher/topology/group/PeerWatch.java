package io.millrace.dispatcher.topology.group;

import io.millrace.proto.thread.Recurring;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Notices within a moment that the process of another dispatcher is gone. A connection to the port of its reads stands
 * open and idle. When it breaks, and the port refuses new ones several times in a row, nobody listens there any more.
 * Silence proves nothing, so a node that hangs, or whose machine is away, is left to the group's session. Nor does a
 * refusal that does not follow a connection which stood: the address may be wrong, or a firewall may refuse. All
 * threads are its own.
 */
public final class PeerWatch implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(PeerWatch.class);
    private static final int REFUSALS = 3;
    private static final int CONNECT_LIMIT_MS = 1_000;
    private static final Duration LOOK_EVERY = Duration.ofMillis(500);
    private static final long REFUSED_PAUSE_MS = 50;
    private static final long PAUSE_MS = 500;
    /** After a connection that did not last, so long that {@link #PAUSE_MS} is not waited for when its process died. */
    private static final long SHORT_PAUSE_MS = 200;
    /** Instead of a number of refusals: no connection stood before. */
    private static final int NOT_COUNTED = -1;

    /** What is done about a node that is gone. */
    public interface Gone {
        /** @return what the group has of the node now; whoever comes later under its name is another */
        Set<String> membersOf(String node);

        /** These members of the node are no more. */
        void gone(String node, Set<String> members) throws InterruptedException;
    }

    /** What became of a connection. */
    private enum Stay {
        /** It came about, and broke. */
        STOOD,
        /** Nobody listens there. */
        REFUSED,
        /** It did not come about, for whatever other reason. */
        UNKNOWN
    }

    private record Peer(String node, InetSocketAddress address) {}

    private final Supplier<Map<String, InetSocketAddress>> peers;
    private final Gone gone;
    private final Map<Peer, Thread> watched = new ConcurrentHashMap<>();
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("millrace-peers").daemon(true).factory());
    private volatile boolean running = true;

    /** @param peers the other nodes that say they own partitions, and where they serve reads; must not block */
    public PeerWatch(Supplier<Map<String, InetSocketAddress>> peers, Gone gone) {
        this.peers = peers;
        this.gone = gone;
    }

    /** Begins to watch. */
    public void start() {
        Recurring.start(
                timer,
                Duration.ZERO,
                LOOK_EVERY,
                "could not look which other nodes there are, will try again",
                this::look);
    }

    private void look() {
        Set<Peer> now = new HashSet<>();
        peers.get().forEach((node, address) -> now.add(new Peer(node, address)));
        watched.forEach((peer, watcher) -> {
            if (!now.contains(peer)) {
                watched.remove(peer);
                watcher.interrupt();
            }
        });
        now.forEach(peer -> watched.computeIfAbsent(
                peer,
                added ->
                        Thread.ofVirtual().name("millrace-peer-" + added.node()).start(() -> watch(added))));
    }

    private void watch(Peer peer) {
        try {
            Set<String> members = Set.of();
            int refusals = NOT_COUNTED;
            while (running && !Thread.currentThread().isInterrupted()) { // it may run before it is among the watched
                try {
                    switch (stay(peer.address())) {
                        case STOOD -> {
                            members = gone.membersOf(peer.node());
                            refusals = 0;
                        }
                        case UNKNOWN -> {
                            refusals = NOT_COUNTED;
                            Thread.sleep(PAUSE_MS);
                        }
                        case REFUSED -> {
                            if (refusals == NOT_COUNTED) {
                                Thread.sleep(PAUSE_MS);
                            } else {
                                refused(peer, ++refusals, members);
                            }
                        }
                    }
                } catch (RuntimeException | Error e) {
                    LOG.error("could not watch node {}, will try again", peer.node(), e);
                    Thread.sleep(PAUSE_MS);
                }
            }
        } catch (InterruptedException e) {
            // it is watched no more
        }
    }

    private void refused(Peer peer, int times, Set<String> members) throws InterruptedException {
        if (times < REFUSALS) {
            Thread.sleep(REFUSED_PAUSE_MS);
            return;
        }
        if (times == REFUSALS) {
            LOG.warn("the process of node {} is gone: {} refuses connections", peer.node(), peer.address());
        }
        gone.gone(peer.node(), members);
        Thread.sleep(PAUSE_MS);
    }

    /** Connects and waits until that breaks. */
    private static Stay stay(InetSocketAddress address) throws InterruptedException {
        long connectedNanos = 0;
        boolean connected = false;
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(address.getHostString(), address.getPort()), CONNECT_LIMIT_MS);
            connected = true;
            connectedNanos = System.nanoTime();
            InputStream in = socket.getInputStream();
            byte[] unread = new byte[1024];
            while (in.read(unread) >= 0) {
                // it may say something; nothing of it is of interest
            }
        } catch (IOException e) {
            if (Thread.currentThread().isInterrupted()) {
                throw new InterruptedException();
            }
            if (!connected) {
                boolean refused = e instanceof ConnectException
                        && String.valueOf(e.getMessage()).contains("refused");
                return refused ? Stay.REFUSED : Stay.UNKNOWN;
            }
        }
        if (System.nanoTime() - connectedNanos < TimeUnit.MILLISECONDS.toNanos(PAUSE_MS)) {
            Thread.sleep(SHORT_PAUSE_MS); // something there accepts and closes; it is not to be asked without end
        }
        return Stay.STOOD;
    }

    @Override
    public void close() {
        running = false;
        timer.shutdownNow();
        watched.values().forEach(Thread::interrupt);
        watched.clear();
    }
}
