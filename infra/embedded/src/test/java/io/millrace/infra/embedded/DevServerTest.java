package io.millrace.infra.embedded;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.infra.server.StartException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DevServerTest {

    @TempDir
    private Path folder;

    @Test
    void saysThatAPortIsTakenBeforeItStartsAnything() throws Exception {
        Path data = folder.resolve("data");
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            for (String port : new String[] {"grpc.port", "http.port"}) {
                Map<String, String> ports = port.startsWith("grpc")
                        ? Map.of("grpc.port", "" + taken.getLocalPort(), "http.port", "0")
                        : Map.of("grpc.port", "0", "http.port", "" + taken.getLocalPort());

                StartException refusal = assertThrows(
                        StartException.class,
                        () -> DevServer.launch(
                                data, DevServer.config(data, ports, Map.of()), false, StartProgress.SILENT));

                String text = refusal.getMessage();
                assertTrue(text.startsWith("expected to listen on 127.0.0.1:" + taken.getLocalPort()), text);
                assertTrue(text.contains("as " + port + " ("), text);
                assertTrue(text.endsWith("; stop who listens there, or choose another port by the setting"), text);
                assertEquals(1, text.lines().count());
            }
        }
        assertFalse(Files.exists(data));
    }

    @Test
    void saysWhichServerHasAPortThatIsTaken() throws Exception {
        Path data = folder.resolve("data");
        try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Thread.ofPlatform().daemon(true).start(() -> answerHealth(other));

            StartException refusal = assertThrows(
                    StartException.class,
                    () -> DevServer.launch(
                            data,
                            DevServer.config(
                                    data, Map.of("grpc.port", "0", "http.port", "" + other.getLocalPort()), Map.of()),
                            false,
                            StartProgress.SILENT));

            assertTrue(
                    refusal.getMessage()
                            .contains(
                                    " says, but node other of Millrace, with the data in /their/data, does (Address already in use"),
                    refusal.getMessage());
        }
    }

    private static void answerHealth(ServerSocket server) {
        String body = "{\"status\":\"UP\",\"node\":\"other\",\"data\":\"/their/data\"}";
        try (Socket asked = server.accept()) {
            asked.getInputStream().read(new byte[1_000]);
            asked.getOutputStream()
                    .write(("HTTP/1.1 200 OK\r\nContent-Length: " + body.length() + "\r\nConnection: close\r\n\r\n"
                                    + body)
                            .getBytes(StandardCharsets.US_ASCII));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
