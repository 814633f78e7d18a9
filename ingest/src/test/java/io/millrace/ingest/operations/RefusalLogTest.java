package io.millrace.ingest.operations;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.ingest.auth.Request;
import io.millrace.ingest.standin.ScriptedLog;
import io.millrace.ingest.validation.RefusedException;
import io.millrace.proto.auth.Caller;
import io.millrace.proto.log.RefusedRequests;
import io.millrace.proto.v1.CommandRecord;
import io.millrace.proto.v1.Principal;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class RefusalLogTest {

    private final ScriptedLog log = new ScriptedLog();

    private static Request requestOf(String principal) {
        return new Request(
                new Caller(
                        new UUID(1, 1),
                        "org",
                        Principal.newBuilder().setId(principal).build(),
                        "peer"),
                "method",
                "");
    }

    @Test
    void whatAKeyHasRefusedBeyondTheLimitIsNotedTogetherAndAnotherKeyIsNotTouched() {
        RefusedRequests refused = new RefusedRequests(log, 2);
        RefusalLog refusals = new RefusalLog(refused);

        for (int i = 0; i < 5; i++) {
            refusals.record(requestOf("ann"), RefusedException.invalid("expected less"));
        }
        refusals.record(requestOf("bob"), RefusedException.invalid("expected less"));
        assertEquals(
                List.of("ann", "ann", "bob"),
                log.refusals().stream().map(each -> each.getPrincipal().getId()).toList());
        refused.close();

        CommandRecord together = log.refusals().get(3);
        assertEquals(4, log.refusals().size());
        assertEquals("ann", together.getPrincipal().getId());
        assertEquals(3, together.getRecordRefusal().getRequests());
        assertTrue(
                together.getRecordRefusal().getText().contains("3 INVALID_ARGUMENT method"),
                together.getRecordRefusal().getText());
    }
}
