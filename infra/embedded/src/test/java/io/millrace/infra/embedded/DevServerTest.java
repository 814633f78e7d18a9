package io.millrace.infra.embedded;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.infra.server.StartException;
import java.net.InetAddress;
import java.net.ServerSocket;
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
                        () -> DevServer.launch(data, DevServer.config(data, ports, Map.of()), false));

                String text = refusal.getMessage();
                assertTrue(text.startsWith("expected to listen on 127.0.0.1:" + taken.getLocalPort()), text);
                assertTrue(text.endsWith("; stop who listens there, or choose another port"), text);
                assertEquals(1, text.lines().count());
            }
        }
        assertFalse(Files.exists(data));
    }
}
