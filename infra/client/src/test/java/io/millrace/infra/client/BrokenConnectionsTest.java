package io.millrace.infra.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.infra.client.api.ExitCode;
import io.millrace.infra.client.command.Invocation;
import io.millrace.infra.client.print.Screen;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What commands make of connections that break, and of servers that are none of ours. */
class BrokenConnectionsTest {

    private static final String ID = "0190a5f0-0000-7000-8000-000000000001";
    private static final String STREAM =
            "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";
    private static final String END = "0\r\n\r\n";

    private final List<String> requests = new CopyOnWriteArrayList<>();
    private final Queue<String> answers = new ArrayDeque<>();
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private ServerSocket server;
    private Thread thread;
    private String token = "k";

    @BeforeEach
    void listen() throws IOException {
        server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    }

    @AfterEach
    void close() throws Exception {
        server.close();
        if (thread != null) {
            thread.join();
        }
    }

    @Test
    void aRequestWhoseAnswerIsLostIsNotSentAgainAndItsOutcomeIsUnknown() {
        answerWith("");

        assertEquals(ExitCode.UNKNOWN_OUTCOME, run("workflow", "start", "order"));

        assertEquals(1, requests.size(), requests::toString);
        assertTrue(
                err.toString().endsWith("; what was asked for may have been done: look before you ask again\n"),
                err::toString);
    }

    @Test
    void anotherProgramIsNotTakenForAServer() {
        answerWith("HTTP/1.1 404 Not Found\r\nContent-Length: 9\r\nConnection: close\r\n\r\nnot found");

        assertEquals(ExitCode.UNREACHABLE, run("workflow", "show", ID));

        assertTrue(err.toString().endsWith("; another program may listen there\n"), err::toString);
    }

    @Test
    void aStreamThatBreaksGoesOnBehindWhatWasSeen() {
        answerWith(
                STREAM + chunk(event("0.1", "WORKFLOW_STARTED")) + chunk("id: 0.2\nevent: data\nda"),
                STREAM + chunk(event("0.2", "WORKFLOW_COMPLETED")) + END);

        assertEquals(ExitCode.DONE, run("workflow", "watch", ID, "-o", "id"));

        assertEquals("0.1\n0.2\n", out.toString());
        assertFalse(requests.get(0).contains("Last-Event-ID"), requests.get(0));
        assertTrue(requests.get(1).contains("Last-Event-ID: 0.1\r\n"), requests.get(1));
    }

    @Test
    void whoeverWaitsForAResultWaitsOnWhileTheServerIsAway() {
        answerWith(
                answer(
                        503,
                        "{\"error\":{\"code\":\"UNAVAILABLE\",\"message\":\"expected an owner, but there is none\"}}"),
                answer(200, "{\"status\":\"RUNNING\"}"),
                answer(200, "{\"sentence\":\"It waits for Ada.\"}"),
                answer(200, "{\"status\":\"COMPLETED\",\"output\":{\"a\" : 1.0}}"));

        assertEquals(ExitCode.DONE, run("workflow", "result", ID), err::toString);

        assertEquals("{\"a\" : 1.0}\n", out.toString());
        String path = "GET /api/orgs/dev/workflow-executions/" + ID;
        assertTrue(requests.get(1).startsWith(path + "/result?wait=5000ms "), requests.get(1));
        assertTrue(requests.get(2).startsWith(path + "/why "), requests.get(2));
        assertTrue(requests.get(3).startsWith(path + "/result?wait=30000ms "), requests.get(3));
        assertEquals("millrace: still waiting; It waits for Ada.\n", err.toString());
    }

    @Test
    void aPortThatSpeaksNoHttpIsNotTakenForAServerThatIsAway() {
        answerWith("\0\0\6\4\0\0\0\0\0\0\5\0\0\100\0");

        assertEquals(ExitCode.UNREACHABLE, run("workflow", "list"));

        assertTrue(err.toString().contains("but what answers there speaks no HTTP; gRPC has a port"), err::toString);
    }

    @Test
    void anAddressWithTlsForAPortInPlainTextIsToldWithTheOtherOne() {
        // What begins TLS never ends a request.
        thread = Thread.ofPlatform().daemon(true).start(() -> {
            try (Socket socket = server.accept()) {
                socket.getInputStream().read();
                socket.getOutputStream().write("HTTP/1.1 400 Bad Request\r\n\r\n".getBytes(StandardCharsets.UTF_8));
                socket.shutdownOutput();
                socket.getInputStream().readAllBytes();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });

        assertEquals(
                ExitCode.UNREACHABLE,
                run("workflow", "list", "--org", "dev", "--url", "https://127.0.0.1:" + server.getLocalPort()));

        assertTrue(err.toString().contains("an address that begins with http://"), err::toString);
    }

    @Test
    void whoeverShowsNoKeyIsToldHowAndWhoeverShowsAWrongOneWhereToLook() {
        String refusal = "{\"error\":{\"code\":\"UNAUTHENTICATED\",\"message\":\"expected a key\"}}";
        answerWith(answer(401, refusal), answer(401, refusal));

        assertEquals(ExitCode.FORBIDDEN, run("workflow", "list"));
        assertTrue(
                err.toString().contains("does not know the key: look at --token, at $MILLRACE_TOKEN"), err::toString);

        token = "";
        assertEquals(ExitCode.FORBIDDEN, run("workflow", "list"));
        assertTrue(err.toString().contains("expected a key; name one by --token, by $MILLRACE_TOKEN"), err::toString);
    }

    private static String event(String id, String type) {
        return "id: " + id + "\nevent: data\ndata: {\"type\":\"Event\",\"event\":{\"eventType\":\"" + type
                + "\",\"data\":{}}}\n\n";
    }

    private static String chunk(String text) {
        return Integer.toHexString(text.length()) + "\r\n" + text + "\r\n";
    }

    private static String answer(int status, String body) {
        return "HTTP/1.1 " + status + " Answer\r\nContent-Type: application/json\r\nContent-Length: " + body.length()
                + "\r\nConnection: close\r\n\r\n" + body;
    }

    /** Each connection gets one of the answers, in this order, and is closed. */
    private void answerWith(String... all) {
        answers.addAll(List.of(all));
        thread = Thread.ofPlatform().daemon(true).start(() -> {
            while (!server.isClosed()) {
                try (Socket socket = server.accept()) {
                    requests.add(request(socket.getInputStream()));
                    String answer = answers.poll();
                    if (answer != null) {
                        socket.getOutputStream().write(answer.getBytes(StandardCharsets.UTF_8));
                    }
                } catch (IOException e) {
                    if (!server.isClosed()) {
                        throw new UncheckedIOException(e);
                    }
                }
            }
        });
    }

    /** @return the head of a request; its body, if it has one, is read */
    private static String request(InputStream in) throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            int next = in.read();
            if (next < 0) {
                return head.toString();
            }
            head.append((char) next);
        }
        for (String line : head.toString().split("\r\n")) {
            if (line.startsWith("Content-Length: ")) {
                in.readNBytes(Integer.parseInt(line.substring("Content-Length: ".length())));
            }
        }
        return head.toString();
    }

    private int run(String... command) {
        Map<String, String> environment = Map.of(
                "MILLRACE_URL",
                "http://127.0.0.1:" + server.getLocalPort(),
                "MILLRACE_ORG",
                "dev",
                "MILLRACE_TOKEN",
                token);
        Invocation around = new Invocation(
                environment,
                Path.of("/"),
                new ByteArrayInputStream(new byte[0]),
                Screen.NONE,
                InstantSource.system(),
                ZoneOffset.UTC);
        return ClientMain.execute(command, around, new PrintWriter(out, true), new PrintWriter(err, true));
    }
}
