package io.millrace.infra.torture;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets whoever reaches an address of this machine reach another one. It can stand still: then connections stay, and nothing goes
 * through them. Any thread.
 */
final class Relay implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Relay.class);
    private static final int BUFFER_BYTES = 64 << 10;
    private static final int BACKLOG = 100;

    private final ServerSocket door;
    private final InetSocketAddress to;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    /** Done while it lets all through. */
    private volatile CompletableFuture<Void> flow = CompletableFuture.completedFuture(null);

    /**
     * Begins to listen on a free port.
     *
     * @param at the address
     * @param to where it leads
     */
    Relay(String at, InetSocketAddress to) throws IOException {
        this.to = to;
        door = new ServerSocket();
        door.bind(new InetSocketAddress(at, 0), BACKLOG);
        Thread.ofVirtual().start(this::accept);
    }

    /** @return where it listens */
    InetSocketAddress address() {
        return new InetSocketAddress(door.getInetAddress(), door.getLocalPort());
    }

    /** Lets nothing through until {@link #goOn}. */
    void standStill() {
        flow = new CompletableFuture<>();
    }

    /** Lets all through that has come meanwhile, and what comes. */
    void goOn() {
        flow.complete(null);
    }

    private void accept() {
        while (!door.isClosed()) {
            try {
                Socket client = door.accept();
                open.add(client);
                Thread.ofVirtual().start(() -> serve(client));
            } catch (IOException e) {
                LOG.debug("no connection was taken", e);
            }
        }
    }

    private void serve(Socket client) {
        try (client;
                Socket server = new Socket(to.getHostString(), to.getPort())) {
            join(client, server, () -> flow.join());
        } catch (IOException e) {
            LOG.debug("a connection ended", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            open.remove(client);
        }
    }

    /** Hands on what each of two says to the other, until both have ended. The caller closes them. */
    static void join(Socket one, Socket other) throws IOException, InterruptedException {
        join(one, other, () -> {});
    }

    private static void join(Socket one, Socket other, Runnable wait) throws IOException, InterruptedException {
        one.setTcpNoDelay(true);
        other.setTcpNoDelay(true);
        Thread back = Thread.ofVirtual().start(() -> copy(other, one, wait));
        copy(one, other, wait);
        back.join();
    }

    private static void copy(Socket from, Socket to, Runnable wait) {
        byte[] buffer = new byte[BUFFER_BYTES];
        try {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                wait.run();
                out.write(buffer, 0, read);
            }
            to.shutdownOutput();
        } catch (IOException e) {
            end(from);
            end(to);
        }
    }

    /** Closes a socket, whatever becomes of that. */
    static void end(Closeable socket) {
        try {
            socket.close();
        } catch (IOException e) {
            LOG.debug("a socket could not be closed", e);
        }
    }

    @Override
    public void close() {
        end(door);
        goOn();
        open.forEach(Relay::end);
    }
}
