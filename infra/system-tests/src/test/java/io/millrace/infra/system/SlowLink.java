package io.millrace.infra.system;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * A way to a Kafka on loopback whose answers can be held up: each arrives the same time later, and none waits for another.
 * So a client sees a Kafka that takes that long for a request. Safe from any thread.
 *
 * <p>What the broker says to itself goes this way too, since it uses the address that it tells everybody. That is not held up:
 * a request that a client waits for is one, whatever brokers have to ask each other for it.
 */
final class SlowLink implements AutoCloseable {

    private static final int CHUNK_BYTES = 64 * 1024;
    /** Where the length of the client's name stands in a request: behind its size, key, version and number. */
    private static final int NAME_AT = 12;
    /** Its length where a broker logs in to a broker; others have names. */
    private static final short NO_NAME = -1;

    private final ServerSocket door;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private volatile int target;
    private volatile long delayNanos;

    /** A way that leads nowhere yet. */
    SlowLink() throws IOException {
        door = new ServerSocket(0, 0, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().name("slow-link").start(this::accept);
    }

    /** @return where clients connect to */
    int port() {
        return door.getLocalPort();
    }

    /** Leads connections that are made from now on to the port. */
    void leadTo(int port) {
        target = port;
    }

    /** Holds up answers that leave the server from now on. */
    void delay(Duration delay) {
        delayNanos = delay.toNanos();
    }

    private void accept() {
        while (!door.isClosed()) {
            try {
                Socket client = door.accept();
                sockets.add(client);
                Socket server = new Socket(InetAddress.getLoopbackAddress(), target);
                sockets.add(server);
                client.setTcpNoDelay(true);
                server.setTcpNoDelay(true);
                Way way = new Way();
                Thread.ofVirtual().start(() -> pass(client, server, way));
                passLater(server, client, way);
            } catch (IOException e) {
                // Closed, or the server is not there: whoever connected sees that by itself.
            }
        }
    }

    private void pass(Socket client, Socket server, Way way) {
        try (client;
                server) {
            DataInputStream in = new DataInputStream(client.getInputStream());
            byte[] head = in.readNBytes(NAME_AT);
            short length = in.readShort();
            way.heldUp = length != NO_NAME;
            DataOutputStream out = new DataOutputStream(server.getOutputStream());
            out.write(head);
            out.writeShort(length);
            in.transferTo(server.getOutputStream());
        } catch (IOException e) {
            // The other side has gone.
        }
    }

    private void passLater(Socket from, Socket to, Way way) {
        BlockingQueue<Chunk> underWay = new LinkedBlockingQueue<>();
        Thread.ofVirtual().start(() -> {
            try (InputStream in = from.getInputStream()) {
                byte[] buffer = new byte[CHUNK_BYTES];
                for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                    underWay.add(
                            new Chunk(Arrays.copyOf(buffer, read), System.nanoTime() + (way.heldUp ? delayNanos : 0)));
                }
            } catch (IOException e) {
                // The other side has gone.
            } finally {
                underWay.add(Chunk.END);
            }
        });
        Thread.ofVirtual().start(() -> {
            try (to;
                    from;
                    OutputStream out = to.getOutputStream()) {
                for (Chunk chunk = underWay.take(); chunk != Chunk.END; chunk = underWay.take()) {
                    TimeUnit.NANOSECONDS.sleep(chunk.dueNanos - System.nanoTime());
                    out.write(chunk.bytes);
                }
            } catch (IOException e) {
                // The other side has gone.
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
    }

    @Override
    public void close() throws IOException {
        door.close();
        for (Socket socket : sockets) {
            socket.close();
        }
    }

    /** One connection. */
    private static final class Way {
        private volatile boolean heldUp;
    }

    private record Chunk(byte[] bytes, long dueNanos) {

        static final Chunk END = new Chunk(new byte[0], 0);
    }
}
