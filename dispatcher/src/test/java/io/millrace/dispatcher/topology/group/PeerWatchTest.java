package io.millrace.dispatcher.topology.group;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Whose process is gone is noticed, and whoever only cannot be reached is left alone. */
class PeerWatchTest {

    private final Map<String, Set<String>> goneMembers = new ConcurrentHashMap<>();
    private final CountDownLatch goneAgain = new CountDownLatch(3);

    private final PeerWatch.Gone gone = new PeerWatch.Gone() {
        @Override
        public Set<String> membersOf(String node) {
            return Set.of("member of " + node);
        }

        @Override
        public void gone(String node, Set<String> members) {
            goneMembers.put(node, members);
            goneAgain.countDown();
        }
    };

    private static ServerSocket listening() throws IOException {
        return new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    }

    private static InetSocketAddress at(ServerSocket server) {
        return InetSocketAddress.createUnresolved("127.0.0.1", server.getLocalPort());
    }

    @Test
    void whoseConnectionBrokeAndWhosePortRefusesIsGoneButNotWhoWasNeverReached() throws Exception {
        ServerSocket dying = listening();
        ServerSocket elsewhere = listening();
        elsewhere.close(); // nobody listens at the address that this one tells
        Map<String, InetSocketAddress> peers = Map.of("dying", at(dying), "elsewhere", at(elsewhere));
        try (PeerWatch watch = new PeerWatch(() -> peers, gone)) {
            watch.start();
            Socket connection = dying.accept();
            dying.close();
            connection.close();

            assertTrue(goneAgain.await(50, TimeUnit.SECONDS));
        }
        assertEquals(Map.of("dying", Set.of("member of dying")), goneMembers);
    }

    @Test
    void whoAcceptsAndClosesAtOnceIsNotAskedWithoutEnd() throws Exception {
        try (ServerSocket proxy = listening();
                PeerWatch watch = new PeerWatch(() -> Map.of("behind", at(proxy)), gone)) {
            watch.start();
            long closedNanos = System.nanoTime() - TimeUnit.SECONDS.toNanos(1);
            for (int connection = 0; connection < 3; connection++) {
                try (Socket accepted = proxy.accept()) {
                    long pausedMs = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - closedNanos);
                    assertTrue(pausedMs >= 100, "expected a pause, but it came back after " + pausedMs + " ms");
                    closedNanos = System.nanoTime();
                }
            }
        }
    }

    @Test
    void notEvenAnErrorEndsTheWatch() throws Exception {
        CountDownLatch asked = new CountDownLatch(2);
        try (PeerWatch watch = new PeerWatch(
                () -> {
                    asked.countDown();
                    throw new StackOverflowError("for the test");
                },
                gone)) {
            watch.start();
            assertTrue(asked.await(50, TimeUnit.SECONDS));
        }
    }
}
