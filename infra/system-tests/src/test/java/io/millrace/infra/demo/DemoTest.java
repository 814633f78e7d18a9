package io.millrace.infra.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.infra.system.TestServer;
import io.millrace.ingest.config.Access;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The demo is a test of the whole: its worker polls only every 30 s, and its workflows wait for everything there is. */
class DemoTest {

    @Test
    void theDemoFindsNothingWrongAndShowsEveryHistory() throws InterruptedException {
        StringWriter printed = new StringWriter();
        try (TestServer server = TestServer.start();
                Demo demo = new Demo(
                        new PrintWriter(printed),
                        "127.0.0.1",
                        server.node(TestServer.FIRST).grpcPort(),
                        Access.DEV_WORKER_KEY,
                        server.kafka())) {
            assertEquals(List.of(), demo.run());
        }
        String text = printed.toString();
        for (String expected : List.of(
                "echo",
                "doubler",
                "stateful",
                "OPERATION_COMPLETED",
                "STATE_SET",
                "TIMER_FIRED",
                "SIGNAL_RECEIVED",
                "PROMISE_RESOLVED",
                "CHILD_WORKFLOW_COMPLETED",
                "All results are right.")) {
            assertTrue(text.contains(expected), () -> "expected " + expected + " in:\n" + text);
        }
    }
}
