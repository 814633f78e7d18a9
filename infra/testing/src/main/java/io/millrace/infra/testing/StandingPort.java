package io.millrace.infra.testing;

import java.io.IOException;
import java.net.BindException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Ports for servers that stop and come back at the same address. A free port that a test was given, and let go, is soon somebody else's:
 * the system hands it to whoever asks for any, and to connections that go out. One from here is none of those that the system hands out,
 * and another test gets another one, also in another JVM of this machine. Safe from any thread.
 */
public final class StandingPort {

    /** Below what systems hand out: 32,768 and more on Linux, 49,152 and more elsewhere. */
    private static final int FIRST = 20_000;

    private static final int END = 32_000;

    private static final int ATTEMPTS = 1_000;

    /** Nobody else refers to them, and a socket that nobody refers to is closed by the collector. */
    private static final Queue<DatagramSocket> TAKEN = new ConcurrentLinkedQueue<>();

    private StandingPort() {}

    /** @return a port of loopback where nobody listens */
    public static int next() {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            int port = ThreadLocalRandom.current().nextInt(FIRST, END);
            if (reserve(port)) {
                return port;
            }
        }
        throw new AssertionError("expected a free port between " + FIRST + " and " + END + ", but found none in "
                + ATTEMPTS + " attempts");
    }

    /** What is taken for datagrams hinders no server, and tells whoever looks here that the number is taken, until this JVM ends. */
    private static boolean reserve(int port) {
        InetAddress loopback = InetAddress.getLoopbackAddress();
        try {
            DatagramSocket taken = new DatagramSocket(port, loopback);
            try (ServerSocket free = new ServerSocket(port, 1, loopback)) {
                TAKEN.add(taken);
                return free.isBound();
            } catch (IOException e) {
                taken.close();
                throw e;
            }
        } catch (BindException somebodyElse) {
            return false;
        } catch (IOException e) {
            throw new AssertionError("expected to look whether port " + port + " is free", e);
        }
    }
}
