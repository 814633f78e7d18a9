package io.millrace.ingest.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class OpenStreamsTest {

    @Test
    void aClientThatTakesNothingIsCutOff() throws IOException {
        try (OpenStreams open = new OpenStreams(1, Duration.ofMillis(100));
                ServerSocketChannel server = ServerSocketChannel.open()
                        .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
                SocketChannel client = SocketChannel.open(server.getLocalAddress());
                SocketChannel channel = server.accept()) {
            EventWriter writer = new EventWriter(Channels.newOutputStream(channel), () -> false);
            open.watch(writer);

            assertThrows(IOException.class, () -> {
                while (true) {
                    writer.event("1", "data", "x".repeat(1 << 20));
                }
            });

            assertTrue(Thread.interrupted());
            assertFalse(channel.isOpen());
            assertTrue(client.isOpen());
        }
    }

    @Test
    void aStreamWithoutEventsIsNotStuck() throws Exception {
        try (OpenStreams open = new OpenStreams(1, Duration.ofMillis(50))) {
            EventWriter writer = new EventWriter(OutputStream.nullOutputStream(), () -> false);
            open.watch(writer);
            writer.comment("open");

            writer.endIfStuck(0);

            assertFalse(Thread.interrupted());
        }
    }

    @Test
    void whatIsGivenUpIsNotWrittenToItsEnd() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        EventWriter writer = new EventWriter(out, () -> out.size() > 0);

        assertThrows(IOException.class, () -> writer.event("1", "data", "x".repeat(1 << 20)));

        assertEquals(16 << 10, out.size());
    }

    @Test
    void thereAreNoMoreThanSoMany() {
        try (OpenStreams open = new OpenStreams(1, Duration.ofSeconds(30))) {
            assertTrue(open.enter());
            assertFalse(open.enter());

            open.leave();

            assertTrue(open.enter());
        }
    }
}
