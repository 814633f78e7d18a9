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
import io.millrace.proto.v1.RefusalReason;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class RefusalLogTest {

    private final ScriptedLog log = new ScriptedLog();

    private static Request requestOf(String principal) {
        return requestOf(principal, "method");
    }

    private static Request requestOf(String principal, String method) {
        return new Request(
                new Caller(
                        new UUID(1, 1),
                        "org",
                        Principal.newBuilder().setId(principal).build(),
                        "peer"),
                method,
                "");
    }

    @Test
    void aReadThatMakesNoSenseIsNotNotedButOneThatIsNotAllowedIs() {
        RefusalLog refusals = new RefusalLog(new RefusedRequests(log, 10));

        for (String call : List.of(
                "GET /api/orgs/{slug}/workflow-executions",
                "GET /api/orgs/{slug}/approvals",
                "flovyn.v1.WorkflowQuery/QueryWorkflow")) {
            refusals.record(requestOf("ann", call), RefusedException.invalid("expected a query"));
            assertEquals(List.of(), log.refusals());
        }
        refusals.record(
                requestOf("ann", "GET /api/orgs/{slug}/workflow-executions"),
                new RefusedException(RefusalReason.PERMISSION_DENIED, "expected another role"));
        refusals.record(
                requestOf("ann", "POST /api/orgs/{slug}/workflow-executions"),
                RefusedException.invalid("expected a kind"));
        assertEquals(2, log.refusals().size());
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
