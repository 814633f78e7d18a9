package io.millrace.infra.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.infra.embedded.DevServer;
import io.millrace.infra.system.TestServer;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What connections may do: section 1.1 of the contract, trap 1. */
class TransportRulesTest extends Protocol {

    private static final int SETTINGS = 4;
    private static final int PING = 6;
    private static final int GO_AWAY = 7;

    TransportRulesTest() {
        super(SharedServers.strict());
    }

    /** The Rust SDK pings whether a call is open or not; a server that minds goes away after the third time. */
    @Test
    void pingsWithoutAnOpenCallAreTolerated() throws IOException {
        try (Socket socket =
                new Socket("127.0.0.1", place.server().node(TestServer.FIRST).grpcPort())) {
            OutputStream out = socket.getOutputStream();
            DataInputStream in = new DataInputStream(socket.getInputStream());
            out.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            send(out, SETTINGS, 0);
            for (int i = 0; i < 6; i++) {
                pause(socket, in, out);
                send(out, PING, 8);
                socket.setSoTimeout(30_000);
                while (read(in, out) != PING) {
                    assertTrue(socket.isConnected());
                }
            }
        }
    }

    @Test
    void pingsEveryTenSecondsAreFineByDefault() {
        assertTrue(DevServer.config(Path.of("unused"), Map.of("server.node", "n"), Map.of())
                        .grpc()
                        .permitKeepAlive()
                        .compareTo(Duration.ofSeconds(10))
                <= 0);
    }

    /** Lets a little more time pass than must lie between pings. */
    private static void pause(Socket socket, DataInputStream in, OutputStream out) throws IOException {
        socket.setSoTimeout((int) SharedServers.STRICT_KEEP_ALIVE.toMillis() * 3 / 2);
        try {
            while (true) {
                read(in, out);
            }
        } catch (SocketTimeoutException silence) {
            assertTrue(socket.isConnected());
        }
    }

    /** @return type of the next frame, which is no GOAWAY */
    private static int read(DataInputStream in, OutputStream out) throws IOException {
        int length = in.readUnsignedByte() << 16 | in.readUnsignedShort();
        int type = in.readUnsignedByte();
        int flags = in.readUnsignedByte();
        in.readInt();
        String content = new String(in.readNBytes(length), StandardCharsets.ISO_8859_1);
        assertNotEquals(GO_AWAY, type, content);
        if (type == SETTINGS && flags == 0) {
            out.write(new byte[] {0, 0, 0, SETTINGS, 1, 0, 0, 0, 0});
        }
        if (type == PING) {
            assertEquals(1, flags, "the ping is acknowledged");
        }
        return type;
    }

    private static void send(OutputStream out, int type, int length) throws IOException {
        byte[] frame = new byte[9 + length];
        frame[2] = (byte) length;
        frame[3] = (byte) type;
        out.write(frame);
        out.flush();
    }
}
