package io.millrace.infra.server;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.millrace.infra.config.ServerConfig;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ReadsServerTest {

    private static final int LIMIT_MS = 120_000;

    /** One address may have half of them, and who shows no key of the nodes a quarter. */
    private static final int CONNECTIONS = 16;

    @Test
    void connectionsAreBoundedAndNodesAreAnsweredAllTheSame() throws Exception {
        ServerConfig config = ServerConfig.load(
                Map.of("server.node", "a", "kafka.bootstrap_servers", "broker:9092", "commands.mac.mode", "off"),
                Map.of(),
                Optional.empty());
        List<Socket> strangers = new ArrayList<>();
        try (NodeLinks links = new NodeLinks(config)) {
            NodeCalls calls = new NodeCalls(links, "a");
            try (ReadsServer server = new ReadsServer("127.0.0.1", 0, "127.0.0.1", CONNECTIONS, links, calls)) {
                for (int i = 0; i <= CONNECTIONS / 4; i++) {
                    strangers.add(connect(server.port()));
                }
                assertEquals(-1, read(strangers.getFirst()), "the oldest goes for one more");

                assertEquals(
                        "a",
                        calls.who("127.0.0.1", server.port())
                                .get(LIMIT_MS, TimeUnit.MILLISECONDS)
                                .getNode());
            }
        } finally {
            for (Socket each : strangers) {
                each.close();
            }
        }
    }

    private static Socket connect(int port) throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setSoTimeout(LIMIT_MS);
        return socket;
    }

    /** @return −1 at the end, past what an HTTP/2 server says at first */
    private static int read(Socket socket) throws IOException {
        byte[] said = new byte[1024];
        int last = socket.getInputStream().read(said);
        while (last > 0) {
            last = socket.getInputStream().read(said);
        }
        return last;
    }
}
