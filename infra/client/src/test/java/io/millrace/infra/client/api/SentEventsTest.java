package io.millrace.infra.client.api;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SentEventsTest {

    @Test
    void eventsComeWholeAndCommentsDoNot() throws IOException {
        String stream =
                ": open\n\nid: 0.1\nevent: data\ndata: {\"a\":\ndata: \"b\u2028\u0085c\"}\n\n: still here\n\r\nid: 1.1\r\nevent: token\r\ndata:1\r\n\r\nid: 2.1\ndata: cut off";
        try (SentEvents events = new SentEvents(new ByteArrayInputStream(stream.getBytes(StandardCharsets.UTF_8)))) {
            assertEquals(
                    Optional.of(new SentEvents.Event("0.1", "data", "{\"a\":\n\"b\u2028\u0085c\"}")), events.next());
            assertEquals(Optional.of(new SentEvents.Event("1.1", "token", "1")), events.next());
            assertEquals(Optional.empty(), events.next());
        }
    }
}
