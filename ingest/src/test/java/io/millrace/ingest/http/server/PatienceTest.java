package io.millrace.ingest.http.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;

/** How long a client may take nothing of what is sent to it. */
class PatienceTest {

    private static final Duration PATIENCE = Duration.ofMillis(100);
    /** Long enough for the first bytes on a machine that is busy. */
    private static final Duration LONGER_PATIENCE = Duration.ofSeconds(1);

    @Test
    void whoTakesNothingOfAPlainAnswerIsCutOff() throws Exception {
        byte[] body = new byte[64 << 20];
        isCutOff(
                exchange -> {
                    try (OutputStream out = exchange.answer(200, body.length)) {
                        out.write(body);
                    }
                },
                "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    }

    @Test
    void whoTakesNothingOfAnOpenAnswerIsCutOff() throws Exception {
        byte[] piece = new byte[1 << 20];
        isCutOff(
                exchange -> {
                    try (OutputStream out = exchange.answerOpen(200)) {
                        while (true) {
                            out.write(piece);
                        }
                    }
                },
                "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    }

    @Test
    void whoTakesNothingOfHeadsAloneIsCutOff() throws Exception {
        String long4 = "x".repeat(4 << 10);
        isCutOff(
                exchange -> {
                    exchange.set("X-Long", long4);
                    exchange.answerHead(200, 1);
                },
                "HEAD / HTTP/1.1\r\nHost: x\r\n\r\n");
    }

    /** The client asks again and again, and reads nothing. */
    private static void isCutOff(WebServer.Handler handler, String request) throws Exception {
        try (WebServer server = server(handler);
                Socket client = connect(server)) {
            byte[] asked = request.getBytes(StandardCharsets.US_ASCII);

            assertThrows(IOException.class, () -> {
                while (true) {
                    client.getOutputStream().write(asked);
                }
            });
        }
    }

    @Test
    void whoTakesLittleOfAPlainAnswerIsCutOffThoughItTakesSomethingAllTheTime() throws Exception {
        byte[] body = new byte[16 << 20];
        try (WebServer server = server(exchange -> {
                    try (OutputStream out = exchange.answer(200, body.length)) {
                        out.write(body);
                    }
                });
                Socket client = new Socket()) {
            client.setReceiveBufferSize(4 << 10);
            client.connect(server.address());
            client.getOutputStream().write("GET / HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII));

            int taken = 0;
            int part = 1;
            while (part > 0) {
                part = takeLittle(client.getInputStream());
                taken += part;
                awaitPassed(PATIENCE.dividedBy(20));
            }

            assertTrue(taken < body.length, "the whole answer was given");
        }
    }

    /** @return bytes read, 0 once the connection has ended */
    private static int takeLittle(InputStream in) {
        try {
            return in.readNBytes(16 << 10).length;
        } catch (IOException reset) {
            return 0;
        }
    }

    @Test
    void aPlainAnswerThatIsNotWrittenToItsEndInTimeBreaksOff() throws Exception {
        assertEquals("a", answerWithAPause(exchange -> exchange.answer(200, 2)));
    }

    @Test
    void anAnswerInWhichNothingHappensIsNotStuck() throws Exception {
        assertEquals("ab", answerWithAPause(exchange -> exchange.answerOpen(200)));
    }

    private interface Answer {
        OutputStream begin(WebExchange exchange) throws IOException;
    }

    /** @return the body that comes of one with a pause in the middle */
    private static String answerWithAPause(Answer answer) throws IOException {
        try (WebServer server = server(LONGER_PATIENCE, exchange -> {
                    try (OutputStream out = answer.begin(exchange)) {
                        out.write('a');
                        awaitPassed(LONGER_PATIENCE.multipliedBy(2));
                        out.write('b');
                    }
                });
                Socket client = connect(server)) {
            client.getOutputStream().write("GET / HTTP/1.0\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII));

            String whole = new String(client.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);

            return whole.substring(whole.indexOf("\r\n\r\n") + 4);
        }
    }

    private static void awaitPassed(Duration time) {
        long endNanos = System.nanoTime() + time.toNanos();
        while (System.nanoTime() - endNanos < 0) {
            Thread.onSpinWait();
        }
    }

    private static WebServer server(WebServer.Handler handler) throws IOException {
        return server(PATIENCE, handler);
    }

    private static WebServer server(Duration patience, WebServer.Handler handler) throws IOException {
        WebServer server = WebServer.bind(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                WebLimits.usual(4).withPatience(patience),
                Executors.newThreadPerTaskExecutor(Thread.ofPlatform().daemon().factory()));
        server.start(handler);
        return server;
    }

    private static Socket connect(WebServer server) throws IOException {
        return new Socket(server.address().getAddress(), server.address().getPort());
    }
}
