package io.millrace.ingest.approvals;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.ingest.auth.Request;
import io.millrace.ingest.standin.MemoryQueries;
import io.millrace.ingest.standin.ScriptedLog;
import io.millrace.ingest.validation.Checks;
import io.millrace.ingest.validation.Limits;
import io.millrace.ingest.validation.RefusedException;
import io.millrace.proto.Shards;
import io.millrace.proto.auth.Caller;
import io.millrace.proto.auth.Scope;
import io.millrace.proto.mac.CommandMacs;
import io.millrace.proto.v1.Principal;
import io.millrace.proto.v1.RefusalReason;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;

/** Who asks for an approval hears only of requests that somebody can find. */
class ApprovalsTest {

    private static final UUID ORG = new UUID(1, 1);
    private static final UUID EXECUTION = new UUID(3, 3);

    private final ScriptedLog log = new ScriptedLog();
    private final Approvals approvals = new Approvals(
            log,
            new MemoryQueries()::approval,
            new ApprovalSettings(Set.of(ApprovalAction.CANCEL), Duration.ofHours(1), CommandMacs.OFF),
            new Checks(Limits.defaults()),
            Clock.systemUTC());

    private static Request because(String reason) {
        Principal ann = Principal.newBuilder()
                .setType(Principal.Type.USER)
                .setId("ann")
                .setRole("OPERATOR")
                .build();
        return new Request(new Caller(ORG, "alpha", ann, "", Scope.WHOLE), "POST /cancel", "", reason);
    }

    @Test
    void aRequestWaitsOnceItsNoteIsTaken() {
        Approvals.Pending pending = approvals
                .ask(because("wrong"), ApprovalAction.CANCEL, EXECUTION, null)
                .join()
                .orElseThrow();

        assertEquals(pending.id().toString(), log.onlyCommand().getRecordNote().getDetailsOrThrow("approval"));
        assertEquals(
                Shards.partition(EXECUTION, log.partitions()),
                log.entries().getFirst().partition(),
                "beside the execution");
    }

    @Test
    void whatNeedsAnApprovalToBeCancelledNeedsOneToBeErased() {
        assertTrue(approvals
                .ask(because("wrong"), ApprovalAction.ERASE, EXECUTION, null)
                .join()
                .isPresent());
    }

    @Test
    void aRequestAboutADataSubjectStandsWhereItsErasureWill() {
        Approvals erasures = new Approvals(
                log,
                new MemoryQueries()::approval,
                new ApprovalSettings(Set.of(ApprovalAction.ERASE), Duration.ofHours(1), CommandMacs.OFF),
                new Checks(Limits.defaults()),
                Clock.systemUTC());

        erasures.ask(because("asked by her"), ApprovalAction.ERASE, null, null, "eve")
                .join()
                .orElseThrow();

        assertEquals(
                Shards.partition(Shards.of(ORG, "eve"), log.partitions()),
                log.entries().getFirst().partition());
    }

    @Test
    void aRequestWhoseNoteIsRefusedDoesNotWait() {
        log.refuse(RefusalReason.POISON, "no such record");

        CompletionException failure = assertThrows(
                CompletionException.class,
                () -> approvals
                        .ask(because("wrong"), ApprovalAction.CANCEL, EXECUTION, null)
                        .join());

        RefusedException refused = assertInstanceOf(RefusedException.class, failure.getCause());
        assertEquals(RefusalReason.FAILED_PRECONDITION, refused.reason());
        assertTrue(refused.getMessage().endsWith("as by rules before 3: no such record"), refused.getMessage());
    }

    @Test
    void aReasonThatWouldBeReadBackAsAnotherIsRefused() {
        for (String reason : List.of("wrong\0", "\ud800 wrong")) {
            assertThrows(
                    RefusedException.class,
                    () -> approvals.ask(because(reason), ApprovalAction.CANCEL, EXECUTION, null));
        }
        assertEquals(List.of(), log.entries());
    }
}
