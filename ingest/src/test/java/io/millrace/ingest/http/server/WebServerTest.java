package io.millrace.ingest.http.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Bytes on a socket, and the bytes that come back. */
class WebServerTest {

    /** Says what came: method, path, query and body. */
    private static final WebServer.Handler ECHO = exchange -> {
        byte[] body = exchange.body().readAllBytes();
        byte[] answer = (exchange.method() + " " + exchange.path() + " " + exchange.query() + " "
                        + new String(body, StandardCharsets.ISO_8859_1))
                .getBytes(StandardCharsets.ISO_8859_1);
        try (OutputStream out = exchange.answer(200, answer.length)) {
            out.write(answer);
        }
    };

    private WebServer server;

    @BeforeEach
    void start() throws IOException {
        server = server(Duration.ofSeconds(30), 10);
        server.start(ECHO);
    }

    private static WebServer server(Duration requestTime, int connections) throws IOException {
        return WebServer.bind(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                new WebLimits(requestTime, 1 << 10, 20, connections, Duration.ofSeconds(30), 4 << 20),
                Executors.newThreadPerTaskExecutor(Thread.ofPlatform().daemon().factory()));
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void answersRequestsOfOneConnectionInTheirOrder() throws IOException {
        String all = exchange("GET /a?b=%zz HTTP/1.1\r\nHost: h\r\n\r\n"
                + "POST /c HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nxyz\r\n"
                + "PUT http://somewhere:80/d?e HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: Chunked\r\n\r\n3;x=y\r\nabc\r\n1\r\nd\r\n0\r\nT: u\r\n\r\n"
                + "GET /f HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\nGET /g HTTP/1.1\r\nHost: h\r\n\r\n");

        int first = all.indexOf("GET /a b=%zz ");
        int second = all.indexOf("POST /c null xyz");
        int third = all.indexOf("PUT /d e abcd");
        int fourth = all.indexOf("GET /f null ");
        assertTrue(0 < first && first < second && second < third && third < fourth, all);
        assertFalse(all.contains("/g"), all);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET * HTTP/1.1\r\nHost: h\r\n\r\n",
                "GET a HTTP/1.1\r\nHost: h\r\n\r\n",
                "GET /#a HTTP/1.1\r\nHost: h\r\n\r\n",
                "GET / / HTTP/1.1\r\nHost: h\r\n\r\n",
                "GET /\r\n\r\n",
                "G@T / HTTP/1.1\r\nHost: h\r\n\r\n",
                "\u0016\u0003\u0001\u0000\r\n",
                "GET / HTTP/1.1\r\nA b\r\n\r\n",
                "GET / HTTP/1.1\r\nA : b\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: h\r\nA: b\r\n c\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: h\r\nA: b\u0000\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: h\r\nA: b\rC: d\r\n\r\n",
                "GET / HTTP/1.1\nHost: h\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: h\nA: b\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: h\r\n\n",
                "GET / HTTP/1.1\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: h\r\nHost: h\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: h\r\nAuthorization: a\r\nAuthorization: b\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: h\r\nContent-Type: a/b\r\ncontent-type: a/b\r\n\r\n",
                "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1\na\r\n0\r\n\r\n",
                "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\n0\r\n\r\n",
                "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\n",
                "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: -1\r\n\r\n",
                "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
                "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nab",
                "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
                "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n",
                "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n\r\n",
                "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcd\r\n0\r\n\r\n",
                "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nab",
                "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n",
                "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip\r\n\r\n"
            })
    void whatIsMalformedIsToldSoAtOnce(String request) throws IOException {
        String answer = exchange(request);

        assertTrue(answer.startsWith("HTTP/1.1 400 Bad Request\r\n"), answer);
        assertTrue(answer.contains("Connection: close\r\n"), answer);
        assertTrue(
                answer.contains("\r\n\r\n{\"error\":{\"code\":\"INVALID_ARGUMENT\",\"message\":\"expected "), answer);
    }

    @ParameterizedTest
    @CsvSource({
        "505, HTTP_VERSION_NOT_SUPPORTED, PRI / HTTP/2.0||",
        "505, HTTP_VERSION_NOT_SUPPORTED, GET / HTTP/1.2||",
        "417, EXPECTATION_FAILED, POST / HTTP/1.1|Host: h|Expect: more||"
    })
    void whatIsNotServedIsToldByItsOwnStatus(int status, String code, String request) throws IOException {
        String answer = exchange(request.replace("|", "\r\n"));

        assertTrue(answer.startsWith("HTTP/1.1 " + status + " "), answer);
        assertTrue(answer.contains("{\"error\":{\"code\":\"" + code + "\""), answer);
    }

    @Test
    void headersOfOneNameAreOneListInTheirOrder() throws IOException {
        server.close();
        server = server(Duration.ofSeconds(30), 10);
        server.start(exchange -> {
            exchange.set("X-Seen", exchange.header("X-Forwarded-For") + " " + exchange.header("Forwarded"));
            exchange.answer(204);
        });

        String answer =
                exchange("GET / HTTP/1.1\r\nHost: h\r\nX-Forwarded-For: a, b\r\nA: b\r\nx-forwarded-for: c\r\n\r\n");

        assertTrue(answer.contains("X-Seen: a, b,c null\r\n"), answer);
    }

    @Test
    void moreSpacesBetweenTheWordsOfTheFirstLineChangeNothing() throws IOException {
        String answers = exchange("GET  /a?b  HTTP/1.1\r\nHost: h\r\n\r\nGET /c HTTP/1.1\r\nHost: h\r\n\r\n");

        int first = answers.indexOf("GET /a b ");
        int second = answers.indexOf("GET /c null ");
        assertTrue(0 < first && first < second, answers);
    }

    @Test
    void aBodyIsWholeBehindItsLastChunkThoughTheEmptyLineBehindThatIsMissing() throws IOException {
        String answer = exchange("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n");

        assertTrue(answer.endsWith("POST / null abc"), answer);
    }

    @Test
    void whoLeavesWithinTheHeadersIsNotServed() throws IOException {
        String answer = exchange("GET / HTTP/1.1\r\nHost: h\r\nA: b");

        assertFalse(answer.startsWith("HTTP/1.1 200 "), answer);
    }

    @Test
    void headsThatAreTooLargeAreToldSo() throws IOException {
        for (String head : new String[] {
            "GET / HTTP/1.1\r\nHost: h\r\n" + "A: b\r\n".repeat(20),
            "GET / HTTP/1.1\r\nHost: h\r\nA: " + "b".repeat(1_100) + "\r\n",
            "GET /" + "b".repeat(1_100) + " HTTP/1.1\r\nHost: h\r\n"
        }) {
            String answer = exchange(head + "\r\n");

            assertTrue(answer.startsWith("HTTP/1.1 431 Request Header Fields Too Large\r\n"), answer);
            assertTrue(answer.contains("{\"error\":{\"code\":\"HEADERS_TOO_LARGE\""), answer);
        }
    }

    @Test
    void whoWaitsForLeaveToSendABodyGetsItWhenItIsWanted() throws IOException {
        try (Socket client = connect()) {
            send(client, "POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
            assertEquals(
                    "HTTP/1.1 100 Continue\r\n\r\n",
                    new String(client.getInputStream().readNBytes(25), StandardCharsets.US_ASCII));
            send(client, "ab");
            client.shutdownOutput();
            assertTrue(rest(client).endsWith("POST / null ab"));
        }
    }

    @Test
    void anOlderClientGetsNoChunks() throws IOException {
        server.close();
        server = server(Duration.ofSeconds(30), 10);
        server.start(exchange -> {
            try (OutputStream out = exchange.answerOpen(200)) {
                out.write("ab".getBytes(StandardCharsets.US_ASCII));
                out.write("c".getBytes(StandardCharsets.US_ASCII));
            }
        });

        assertTrue(exchange("GET / HTTP/1.0\r\n\r\n").endsWith("\r\n\r\nabc"));
        assertTrue(exchange("GET / HTTP/1.1\r\nHost: h\r\n\r\n").endsWith("\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n"));
    }

    @Test
    void anAnswerToHeadHasNoBodyAndTheNextRequestIsServed() throws IOException {
        server.close();
        server = server(Duration.ofSeconds(30), 10);
        server.start(exchange -> exchange.answerHead(200, 7));

        String answers = exchange("HEAD / HTTP/1.1\r\nHost: h\r\n\r\nHEAD / HTTP/1.1\r\nHost: h\r\n\r\n");

        assertEquals(2, answers.split("Content-Length: 7\r\n\r\n", -1).length - 1, answers);
    }

    @Test
    void aRequestThatDoesNotComeToItsEndIsGivenUpAndTold() throws IOException {
        server.close();
        server = server(Duration.ofMillis(300), 10);
        server.start(ECHO);

        String ofHead = answerToTheLate("GET / HTTP/1.1\r\nHost: h\r\n");
        String ofBody = answerToTheLate("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nab");

        assertTrue(ofHead.startsWith("HTTP/1.1 408 Request Timeout\r\n"), ofHead);
        assertTrue(ofBody.startsWith("HTTP/1.1 408 Request Timeout\r\n"), ofBody);
        try (Socket silent = connect()) {
            assertEquals("", rest(silent));
        }
    }

    /** Where this machine was too slow to send the first byte in time there is no answer: then it is sent again. */
    private String answerToTheLate(String part) {
        String answer = "";
        while (answer.isEmpty()) {
            try (Socket client = connect()) {
                send(client, part);
                answer = rest(client);
            } catch (IOException closedMeanwhile) {
                Thread.onSpinWait();
            }
        }
        return answer;
    }

    @Test
    void anAnswerIsNotLostWhereTheClientSendsALargeBodyToItsEndFirst() throws IOException {
        server.close();
        server = server(Duration.ofSeconds(30), 10);
        server.start(exchange -> {
            exchange.endConnection();
            exchange.answer(413);
        });
        try (Socket client = connect()) {
            send(client, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 4000000\r\n\r\n" + "x".repeat(4_000_000));

            assertEquals("HTTP/1.1 413", new String(client.getInputStream().readNBytes(12), StandardCharsets.US_ASCII));
        }
    }

    @Test
    void anAnswerBeforeTheEndOfTheBodyIsNotLost() throws IOException {
        server.close();
        server = server(Duration.ofSeconds(30), 10);
        server.start(exchange -> exchange.answer(413));
        try (Socket client = connect()) {
            send(client, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 9000000\r\n\r\n" + "x".repeat(500_000));

            InputStream in = client.getInputStream();
            assertEquals("HTTP/1.1 413", new String(in.readNBytes(12), StandardCharsets.US_ASCII));
        }
    }

    @Test
    void whatFailsUnexpectedlyIsToldWithoutItsText() throws IOException {
        server.close();
        server = server(Duration.ofSeconds(30), 10);
        server.start(exchange -> {
            throw new StackOverflowError("secret");
        });

        String answer = exchange("GET / HTTP/1.1\r\nHost: h\r\n\r\n");

        assertTrue(answer.startsWith("HTTP/1.1 500 "), answer);
        assertTrue(answer.contains("{\"error\":{\"code\":\"INTERNAL\""), answer);
        assertFalse(answer.contains("secret"), answer);
    }

    @Test
    void connectionsBeyondTheLimitAreClosedAndOthersServedOnceThereIsRoom() throws Exception {
        server.close();
        server = server(Duration.ofSeconds(30), 1);
        CompletableFuture<Void> entered = new CompletableFuture<>();
        CountDownLatch leave = new CountDownLatch(1);
        server.start(exchange -> {
            entered.complete(null);
            try {
                leave.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            exchange.endConnection();
            exchange.answer(200);
        });
        try (Socket first = connect()) {
            send(first, "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
            entered.join();
            try (Socket second = connect()) {
                assertEquals(-1, second.getInputStream().read());
            }
            leave.countDown();
            assertTrue(rest(first).startsWith("HTTP/1.1 200 OK\r\n"));
        }
        String answer = "";
        while (answer.isEmpty()) {
            try (Socket later = connect()) {
                send(later, "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
                answer = rest(later);
            } catch (IOException stillClosed) {
                Thread.onSpinWait();
            }
        }
        assertTrue(answer.startsWith("HTTP/1.1 200 OK\r\n"), answer);
    }

    @Test
    void aRequestForWhichThereIsNoThreadEndsItsConnectionAndOthersAreServedAfterIt() throws Exception {
        AtomicInteger failures = new AtomicInteger(2);
        ExecutorService threads =
                new ThreadPoolExecutor(
                        0,
                        4,
                        1,
                        TimeUnit.SECONDS,
                        new SynchronousQueue<>(),
                        Thread.ofPlatform().daemon().factory()) {
                    @Override
                    public void execute(Runnable task) {
                        if (failures.getAndDecrement() > 0) {
                            throw new OutOfMemoryError("unable to create native thread");
                        }
                        super.execute(task);
                    }
                };
        server.close();
        server =
                WebServer.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), WebLimits.usual(2), threads);
        server.start(ECHO);

        for (int i = 0; i < 2; i++) {
            try (Socket refused = connect()) {
                send(refused, "GET /a HTTP/1.1\r\nHost: x\r\n\r\n");
                assertEquals("", rest(refused));
            }
        }

        assertTrue(exchange("GET /a HTTP/1.1\r\nHost: x\r\n\r\n").startsWith("HTTP/1.1 200 OK\r\n"));
        assertTrue(server.accepts());
        server.close();
        while (server.accepts()) {
            Thread.onSpinWait();
        }
    }

    @Test
    void theOldestConnectionThatShowedNoKeyGoesForANewOneAndThoseThatDidStay() throws Exception {
        server.close();
        server = server(Duration.ofSeconds(30), 8); // of which two may be strangers
        server.start(exchange -> {
            if (exchange.path().equals("/key")) {
                exchange.showedKey();
            }
            exchange.answer(204);
        });
        try (Socket known = connect()) {
            assertServed(known, "/key");
            // One at a time: connections that come together are opened in any order.
            try (Socket oldest = connect()) {
                assertServed(oldest, "/");
                try (Socket other = connect()) {
                    assertServed(other, "/");
                    try (Socket newest = connect()) {
                        assertEquals("", rest(oldest));
                        assertServed(other, "/");
                        assertServed(newest, "/");
                        assertServed(known, "/");
                    }
                }
            }
        }
    }

    private static void assertServed(Socket client, String path) throws IOException {
        send(client, "GET " + path + " HTTP/1.1\r\nHost: h\r\n\r\n");
        StringBuilder answer = new StringBuilder();
        while (answer.indexOf("\r\n\r\n") < 0) {
            int next = client.getInputStream().read();
            assertTrue(next >= 0, "expected an answer, but the connection ended");
            answer.append((char) next);
        }
        assertTrue(answer.toString().startsWith("HTTP/1.1 204 "), answer.toString());
    }

    @Test
    void aStopEndsConnectionsWithoutARequestAtOnceAndOthersAfterTheirGrace() throws Exception {
        CompletableFuture<Void> entered = new CompletableFuture<>();
        server.close();
        server = server(Duration.ofSeconds(30), 10);
        server.start(exchange -> {
            entered.complete(null);
            try {
                new CountDownLatch(1).await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        try (Socket idle = connect();
                Socket busy = connect()) {
            send(busy, "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
            entered.join();

            server.stop(Duration.ofMillis(50));

            assertEquals("", rest(idle));
            assertEquals("", rest(busy));
        }
    }

    private String exchange(String request) throws IOException {
        try (Socket client = connect()) {
            send(client, request);
            client.shutdownOutput();
            return rest(client);
        }
    }

    private Socket connect() throws IOException {
        return new Socket(server.address().getAddress(), server.address().getPort());
    }

    private static void send(Socket client, String text) throws IOException {
        client.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    private static String rest(Socket client) throws IOException {
        return new String(client.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
    }
}
