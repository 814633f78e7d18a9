package io.millrace.ingest.http;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.millrace.proto.Ids;
import io.millrace.proto.v1.TaskStreamRecord;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class StreamPayloadTest {

    private static final UUID TASK = UUID.fromString("33333333-3333-4333-8333-333333333333");
    private static final String SOURCE =
            "\"taskExecutionId\":\"33333333-3333-4333-8333-333333333333\",\"sequence\":7,\"timestampMs\":9";

    @Test
    void anObjectIsToldItsSourceAndElseStaysAsItIs() {
        assertEquals("{ \"a\" : 1.0,\"b\":[{}] ," + SOURCE + "}", told("{ \"a\" : 1.0,\"b\":[{}] }"));
        assertEquals("{" + SOURCE + "}", told("{}"));
        assertEquals("{\"a\":\"}\"," + SOURCE + "}\n", told("{\"a\":\"}\"}\n"));
    }

    @Test
    void itsOwnFieldsGoBeforeThose() {
        assertEquals(
                "{\"sequence\":1,\"timestampMs\":2,\"taskExecutionId\":null}",
                told("{\"sequence\":1,\"timestampMs\":2,\"taskExecutionId\":null}"));
        assertEquals(
                "{\"in\":{\"sequence\":1}," + SOURCE + "}",
                told("{\"in\":{\"sequence\":1}}"),
                "those within do not count");
    }

    @Test
    void whatIsNoObjectStaysAsItIs() {
        assertEquals("[1]", told("[1]"));
        assertEquals(" \"{}\" ", told(" \"{}\" "));
    }

    private static String told(String payload) {
        return StreamPayload.withSource(TaskStreamRecord.newBuilder()
                .setTaskId(Ids.toByteString(TASK))
                .setSequence(7)
                .setTimestampMs(9)
                .setPayload(payload)
                .build());
    }
}
