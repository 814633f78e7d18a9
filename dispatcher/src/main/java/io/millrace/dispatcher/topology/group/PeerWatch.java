package io.millrace.dispatcher.topology.group;

import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Notices within a moment that the process of another dispatcher is gone. A connection to the port of its reads stands open
 * and idle; when it breaks and the port refuses new ones, several times in a row, nobody listens there any more. Silence
 * proves nothing, so a node that hangs, or whose machine is away, is left to the group's session. All threads are its own.
 */
public final class PeerWatch implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(PeerWatch.class);
    private static final int REFUSALS = 3;
    private static final int CONNECT_LIMIT_MS = 1_000;
    private static final long LOOK_EVERY_MS = 500;
    private static final long REFUSED_PAUSE_MS = 50;
    private static final long PAUSE_MS = 500;

    /** What is done about a node that is gone. */
    public interface Gone {
        /** @return what the group has of the node now; whoever comes later under its name is another */
        Set<String> membersOf(String node);

        /** These members of the node are no more. */
        void gone(String node, Set<String> members) throws InterruptedException;
    }

    private record Peer(String node, InetSocketAddress address) {}

    private final Supplier<Map<String, InetSocketAddress>> peers;
    private final Gone gone;
    private final Map<Peer, Thread> watched = new ConcurrentHashMap<>();
    private final Thread thread;
    private volatile boolean running = true;

    /** @param peers the other nodes that say they own partitions, and where they serve reads; must not block */
    public PeerWatch(Supplier<Map<String, InetSocketAddress>> peers, Gone gone) {
        this.peers = peers;
        this.gone = gone;
        thread = Thread.ofPlatform().name("millrace-peers").daemon(true).unstarted(this::run);
    }

    /** Begins to watch. */
    public void start() {
        thread.start();
    }

    private void run() {
        try {
            while (running) {
                Map<Peer, Boolean> now = new HashMap<>();
                peers.get().forEach((node, address) -> now.put(new Peer(node, address), true));
                watched.forEach((peer, watcher) -> {
                    if (!now.containsKey(peer)) {
                        watched.remove(peer);
                        watcher.interrupt();
                    }
                });
                now.keySet().forEach(peer -> watched.computeIfAbsent(peer, added ->
                        Thread.ofVirtual().name("millrace-peer-" + added.node()).start(() -> watch(added))));
                Thread.sleep(LOOK_EVERY_MS);
            }
        } catch (InterruptedException e) {
            // it is closed
        }
    }

    private void watch(Peer peer) {
        try {
            int refusals = 0;
            Set<String> members = Set.of();
            while (running && watched.containsKey(peer)) {
                if (stay(peer.address())) {
                    refusals = 0;
                } else if (++refusals == 1) {
                    members = gone.membersOf(peer.node());
                    Thread.sleep(REFUSED_PAUSE_MS);
                } else if (refusals < REFUSALS) {
                    Thread.sleep(REFUSED_PAUSE_MS);
                } else {
                    if (refusals == REFUSALS) {
                        LOG.warn("the process of node {} is gone: {} refuses connections", peer.node(), peer.address());
                    }
                    gone.gone(peer.node(), members);
                    Thread.sleep(PAUSE_MS);
                }
            }
        } catch (InterruptedException e) {
            // it is watched no more
        }
    }

    /** Connects and waits until that breaks. @return false if nobody listens there */
    private static boolean stay(InetSocketAddress address) throws InterruptedException {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(address.getHostString(), address.getPort()), CONNECT_LIMIT_MS);
            InputStream in = socket.getInputStream();
            byte[] unread = new byte[1024];
            while (in.read(unread) >= 0) {
                // it may say something; nothing of it is of interest
            }
            return true;
        } catch (ConnectException e) {
            if (String.valueOf(e.getMessage()).contains("refused")) {
                return false;
            }
            Thread.sleep(PAUSE_MS);
            return true;
        } catch (IOException e) {
            if (Thread.currentThread().isInterrupted()) {
                throw new InterruptedException();
            }
            Thread.sleep(REFUSED_PAUSE_MS);
            return true;
        }
    }

    @Override
    public void close() {
        running = false;
        thread.interrupt();
        watched.values().forEach(Thread::interrupt);
        watched.clear();
    }
}
