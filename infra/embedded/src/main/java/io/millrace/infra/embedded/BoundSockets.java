package io.millrace.infra.embedded;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.common.network.ListenerName;
import org.apache.kafka.server.ServerSocketFactory;

/**
 * Server sockets that are bound before the broker is made. So a port that is taken is found at once, in our own code.
 * And nobody else can take a free port between its choice and its use.
 */
final class BoundSockets implements ServerSocketFactory, AutoCloseable {

    /** Connections that may wait for the broker to accept them; Kafka's own default. */
    private static final int BACKLOG = 50;

    private final Map<String, ServerSocketChannel> byListener = new ConcurrentHashMap<>();

    /**
     * Binds a loopback port for a listener.
     *
     * @param port the port, or 0 for any free one
     * @return the bound port
     * @throws EmbeddedStartException if the port is taken
     */
    int bind(String listener, int port) {
        InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
        try {
            ServerSocketChannel channel = ServerSocketChannel.open();
            try {
                channel.bind(address, BACKLOG);
            } catch (IOException e) {
                channel.close();
                throw e;
            }
            byListener.put(ListenerName.normalised(listener).value(), channel);
            return ((InetSocketAddress) channel.getLocalAddress()).getPort();
        } catch (BindException e) {
            throw new EmbeddedStartException(
                    "expected port " + port + " of " + address.getAddress().getHostAddress()
                            + " to be free for Kafka's listener " + listener
                            + ", but another process listens there; stop it, or choose another port",
                    e);
        } catch (IOException e) {
            throw new EmbeddedStartException(
                    "expected to open a socket for Kafka's listener " + listener + " on port " + port
                            + ", but that failed: " + e.getMessage(),
                    e);
        }
    }

    /** Hands a bound socket to the broker, which closes it when it stops. */
    @Override
    public ServerSocketChannel openServerSocket(
            String listener, InetSocketAddress address, int backlog, int receiveBufferBytes) throws IOException {
        ServerSocketChannel channel =
                byListener.remove(ListenerName.normalised(listener).value());
        if (channel == null) {
            throw new IOException("expected a bound socket for listener " + listener + ", but there is none left");
        }
        channel.configureBlocking(false);
        return channel;
    }

    /** Closes the sockets that the broker has not taken. */
    @Override
    public void close() {
        try {
            for (ServerSocketChannel channel : byListener.values()) {
                channel.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        byListener.clear();
    }
}
