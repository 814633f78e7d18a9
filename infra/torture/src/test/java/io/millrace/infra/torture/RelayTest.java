package io.millrace.infra.torture;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A relay hands on what is said, but for the time that it stands still; then nothing is lost. */
class RelayTest {

    private static final int SHORT_MS = 200;

    @Test
    @Timeout(600)
    void whatIsSaidWhileItStandsStillArrivesAfterwards() throws Exception {
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                Relay relay = new Relay(
                        "127.0.0.1", new InetSocketAddress(InetAddress.getLoopbackAddress(), server.getLocalPort()));
                Socket client = new Socket("127.0.0.1", relay.address().getPort());
                Socket served = server.accept()) {
            client.getOutputStream().write(1);
            assertEquals(1, served.getInputStream().read());

            relay.standStill();
            client.getOutputStream().write(new byte[] {2, 3});
            served.setSoTimeout(SHORT_MS);
            assertThrows(SocketTimeoutException.class, served.getInputStream()::read);

            relay.goOn();
            served.setSoTimeout(0);
            assertArrayEquals(new byte[] {2, 3}, served.getInputStream().readNBytes(2));
            served.getOutputStream().write(4);
            assertEquals(4, client.getInputStream().read());

            served.close();
            assertEquals(-1, client.getInputStream().read());
        }
    }
}
