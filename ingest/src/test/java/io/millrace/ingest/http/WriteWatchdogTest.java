package io.millrace.ingest.http;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.ingest.auth.Authenticator;
import io.millrace.ingest.config.AccessFile;
import io.millrace.ingest.limits.LoadSettings;
import io.millrace.ingest.limits.OrganisationLoads;
import io.millrace.ingest.operations.RefusalLog;
import io.millrace.ingest.standin.OpenDoor;
import io.millrace.ingest.standin.ScriptedLog;
import io.millrace.proto.log.RefusedRequests;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
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
            WatchedOutput output = watchdog.watch(Channels.newOutputStream(channel));
            byte[] bytes = new byte[1 << 20];

            assertThrows(IOException.class, () -> {
                while (true) {
                    output.write(bytes);
                }
            });

            assertTrue(Thread.interrupted());
            assertFalse(channel.isOpen());
            assertTrue(client.isOpen());
        }
    }

    @Test
    void whoTakesNothingOfAPlainAnswerIsCutOff() throws Exception {
        int size = 64 << 20;
        CompletableFuture<Thread> answering = new CompletableFuture<>();
        try (HttpDoor door = new HttpDoor(
                new HttpSettings("127.0.0.1", 0, 1 << 10, 1),
                new Routes(null, null, null, null, null, null),
                new Authenticator(AccessFile.parse(OpenDoor.TOML)),
                new RefusalLog(new RefusedRequests(new ScriptedLog())),
                new OrganisationLoads(LoadSettings.defaults()),
                new WriteWatchdog(Duration.ofMillis(100)))) {
            InetSocketAddress address = door.start(Optional::empty, () -> {
                answering.complete(Thread.currentThread());
                return "x".repeat(size);
            });
            try (Socket client = new Socket(address.getAddress(), address.getPort())) {
                client.getOutputStream()
                        .write("GET /_/metrics HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII));

                answering.join().join();

                assertTrue(client.getInputStream().readAllBytes().length < size);
            }
        }
    }

    @Test
    void anAnswerInWhichNothingHappensIsNotStuck() throws Exception {
        try (WriteWatchdog watchdog = new WriteWatchdog(Duration.ofMillis(50))) {
            WatchedOutput output = watchdog.watch(OutputStream.nullOutputStream());
            output.write(1);

            output.endIfStuck(0);

            assertFalse(Thread.interrupted());
        }
    }
}
