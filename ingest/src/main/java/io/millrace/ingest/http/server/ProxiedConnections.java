package io.millrace.ingest.http.server;

import io.millrace.ingest.auth.ProxyHeader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.function.Predicate;
import org.eclipse.jetty.io.AbstractConnection;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.AbstractConnectionFactory;
import org.eclipse.jetty.server.ConnectionFactory;
import org.eclipse.jetty.server.Connector;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Begins connections: of the proxies that are named it reads a header of the PROXY protocol first, of all others what
 * comes behind it at once: HTTP, or TLS around it. The library's own reader of that header is not used. It takes version 1 as well, and its connections would
 * count twice among those that are open. Any thread.
 */
final class ProxiedConnections extends AbstractConnectionFactory {

    private static final Logger LOG = LoggerFactory.getLogger(ProxiedConnections.class);

    private final ConnectionFactory behind;
    private final WebConnections connections;
    private final Predicate<InetAddress> proxies;

    ProxiedConnections(ConnectionFactory behind, WebConnections connections, Predicate<InetAddress> proxies) {
        super("proxied");
        this.behind = behind;
        this.connections = connections;
        this.proxies = proxies;
    }

    @Override
    public Connection newConnection(Connector connector, EndPoint endPoint) {
        boolean speaks =
                endPoint.getRemoteSocketAddress() instanceof InetSocketAddress peer && proxies.test(peer.getAddress());
        return speaks ? new Beginning(connector, endPoint) : behind.newConnection(connector, endPoint);
    }

    /** A connection until its header is there. It counts among the open ones from then on. */
    private final class Beginning extends AbstractConnection {

        private final Connector connector;
        private final byte[] head = new byte[ProxyHeader.HEAD_BYTES];
        private byte @Nullable [] rest;
        /** Takes bytes until it is full, so that none of those behind the header is taken. */
        private ByteBuffer part = empty(head);

        Beginning(Connector connector, EndPoint endPoint) {
            super(endPoint, connector.getExecutor());
            this.connector = connector;
        }

        /** The library appends what comes to what a buffer holds. */
        private static ByteBuffer empty(byte[] bytes) {
            return ByteBuffer.wrap(bytes).limit(0);
        }

        @Override
        public void onOpen() {
            super.onOpen();
            fillInterested();
        }

        @Override
        public void onFillable() {
            try {
                while (part.limit() < part.capacity()) {
                    int read = getEndPoint().fill(part);
                    if (read < 0) {
                        close();
                        return;
                    }
                    if (read == 0) {
                        fillInterested();
                        return;
                    }
                    if (part.limit() == part.capacity() && rest == null) {
                        byte[] said = new byte[ProxyHeader.length(head)];
                        rest = said;
                        part = empty(said);
                    }
                }
                byte[] whole = Objects.requireNonNull(rest, "what comes behind the head");
                ProxyHeader.client(head, whole).ifPresent(client -> connections.told(getEndPoint(), client));
                getEndPoint().upgrade(behind.newConnection(connector, getEndPoint()));
            } catch (IllegalArgumentException malformed) {
                LOG.warn(
                        "connection closed peer={}: {}",
                        getEndPoint().getRemoteSocketAddress(),
                        malformed.getMessage());
                close();
            } catch (IOException gone) {
                close();
            }
        }
    }
}
