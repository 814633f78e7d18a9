package io.millrace.ingest.http.server;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class WriteWatchdogTest {

    @Test
    void aClientThatTakesNothingIsCutOff() throws IOException {
        try (WriteWatchdog watchdog = new WriteWatchdog(Duration.ofMillis(100));
                ServerSocketChannel server = ServerSocketChannel.open()
                        .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
                SocketChannel client = SocketChannel.open(server.getLocalAddress());
                SocketChannel channel = server.accept()) {
            WatchedOutput output = watchdog.watch(Channels.newOutputStream(channel), () -> end(channel));
            byte[] bytes = new byte[1 << 20];

            assertThrows(IOException.class, () -> {
                while (true) {
                    output.write(bytes);
                }
            });

            assertFalse(channel.isOpen());
            assertTrue(client.isOpen());
        }
    }

    private static void end(SocketChannel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void whoTakesNothingOfAPlainAnswerIsCutOff() throws Exception {
        byte[] body = new byte[64 << 20];
        isCutOff(exchange -> {
            try (OutputStream out = exchange.answer(200, body.length)) {
                out.write(body);
            }
        }, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    }

    @Test
    void whoTakesNothingOfHeadsAloneIsCutOff() throws Exception {
        String long8 = "x".repeat(8 << 10);
        isCutOff(exchange -> {
            exchange.set("X-Long", long8);
            exchange.answerHead(200, 1);
        }, "HEAD / HTTP/1.1\r\nHost: x\r\n\r\n");
    }

    /** The client asks again and again, and reads nothing. */
    private static void isCutOff(WebServer.Handler handler, String request) throws Exception {
        try (WebServer server = WebServer.bind(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                WebLimits.usual(4).withPatience(Duration.ofMillis(100)),
                Executors.newThreadPerTaskExecutor(Thread.ofPlatform().daemon().factory()))) {
            server.start(handler);
            try (Socket client = new Socket(server.address().getAddress(), server.address().getPort())) {
                byte[] asked = request.getBytes(StandardCharsets.US_ASCII);

                assertThrows(IOException.class, () -> {
                    while (true) {
                        client.getOutputStream().write(asked);
                    }
                });
            }
        }
    }

    @Test
    void anAnswerInWhichNothingHappensIsNotStuck() throws Exception {
        AtomicBoolean ended = new AtomicBoolean();
        try (WriteWatchdog watchdog = new WriteWatchdog(Duration.ofMillis(50))) {
            WatchedOutput output = watchdog.watch(OutputStream.nullOutputStream(), () -> ended.set(true));
            output.write(1);

            output.endIfStuck(0);

            assertFalse(ended.get());
        }
    }
}
