package io.millrace.infra.client;

import io.millrace.infra.client.command.Invocation;
import io.millrace.infra.client.print.Screen;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.Writer;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;

/**
 * Runs commands once against a server that is only a stand-in. The launcher lets the JVM watch this run, and keeps what
 * the JVM learned of the classes. So later starts are quicker.
 */
final class ClientWarmUp {

    private static final String ID = "0190a5f0-0000-7000-8000-000000000001";
    private static final String BODY =
            "{\"id\":\"" + ID + "\",\"status\":\"COMPLETED\",\"createdAt\":\"2026-01-31T08:00:00Z\",\"output\":1,"
                    + "\"workflowExecutions\":[{\"id\":\"" + ID
                    + "\",\"status\":\"RUNNING\",\"createdAt\":\"2026-01-31T08:00:00Z\"}],"
                    + "\"taskExecutions\":[],\"workers\":[],\"queues\":[],\"entries\":[],\"events\":[{\"sequence\":1,\"timestamp\":\"2026-01-31T08:00:00Z\"}]}";

    private ClientWarmUp() {}

    public static void main(String[] args) throws IOException {
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Thread.ofPlatform().daemon(true).start(() -> serve(server));
            String url = "http://127.0.0.1:" + server.getLocalPort();
            for (String command : List.of(
                    "version",
                    "workflow list",
                    "workflow list -o json",
                    "workflow list -o yaml",
                    "workflow show " + ID,
                    "workflow start order -i {}",
                    "workflow result " + ID,
                    "workflow events " + ID,
                    "workflow signal " + ID + " go",
                    "workflow cancel " + ID,
                    "task list",
                    "task show " + ID,
                    "worker list",
                    "queue list",
                    "audit list",
                    "promise resolve " + ID + ":p",
                    "status",
                    "workflow --help",
                    "workflow lst")) {
                boolean asks = command.contains(" ") && !command.contains("help") || command.equals("status");
                run((command + (asks ? " --org dev --url " + url : "")).split(" "));
            }
        }
    }

    private static void run(String[] command) {
        PrintWriter nowhere = new PrintWriter(Writer.nullWriter());
        ClientMain.execute(
                command,
                new Invocation(
                        Map.of(),
                        Path.of("").toAbsolutePath(),
                        new ByteArrayInputStream(new byte[0]),
                        new Screen(80, true),
                        InstantSource.system(),
                        ZoneId.systemDefault()),
                nowhere,
                nowhere);
    }

    /** Gives each connection one answer, whatever it asks for. */
    private static void serve(ServerSocket server) {
        while (!server.isClosed()) {
            try (Socket socket = server.accept()) {
                socket.getInputStream().read(new byte[1 << 16]);
                OutputStream out = socket.getOutputStream();
                byte[] body = BODY.getBytes(StandardCharsets.UTF_8);
                out.write(("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " + body.length
                                + "\r\nConnection: close\r\n\r\n")
                        .getBytes(StandardCharsets.US_ASCII));
                out.write(body);
            } catch (IOException over) {
                // A connection, or the server, was closed on purpose.
            }
        }
    }
}
