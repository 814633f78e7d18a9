package io.millrace.infra.audit;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Leads connections on to a port, from an address of its own, and begins each with the same bytes. Safe from any thread. */
final class HeaderProxy implements AutoCloseable {

    /** Where its connections come from. */
    static final String ADDRESS = "127.0.0.2";

    private final int port;
    private final byte[] header;
    private final ServerSocket listening;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();

    HeaderProxy(int port, byte[] header) throws IOException {
        this.port = port;
        this.header = header;
        listening = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().start(this::accept);
    }

    int port() {
        return listening.getLocalPort();
    }

    /** @return a connection to the port that comes from {@link #ADDRESS} */
    static Socket from(int port) throws IOException {
        Socket socket = new Socket();
        socket.bind(new InetSocketAddress(ADDRESS, 0));
        socket.connect(new InetSocketAddress("127.0.0.1", port));
        return socket;
    }

    private void accept() {
        try {
            while (true) {
                Socket client = listening.accept();
                Socket server = from(port);
                open.add(client);
                open.add(server);
                server.getOutputStream().write(header);
                Thread.ofVirtual().start(() -> pipe(client, server));
                Thread.ofVirtual().start(() -> pipe(server, client));
            }
        } catch (IOException closed) {
            // by the test, which is over then
        }
    }

    private static void pipe(Socket from, Socket to) {
        try (from;
                to) {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            in.transferTo(out);
        } catch (IOException closed) {
            // by either side
        }
    }

    @Override
    public void close() {
        try {
            listening.close();
            for (Socket socket : open) {
                socket.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
