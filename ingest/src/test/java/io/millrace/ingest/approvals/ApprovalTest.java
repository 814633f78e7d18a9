package io.millrace.ingest.approvals;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.ingest.approvals.Approval.Status;
import io.millrace.ingest.audit.trail.Origin;
import io.millrace.ingest.audit.trail.TrailEntry;
import io.millrace.proto.mac.CommandMacs;
import io.millrace.proto.mac.MacKey;
import io.millrace.proto.mac.MacKeys;
import io.millrace.proto.mac.MacMode;
import io.millrace.proto.v1.Principal;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** How a request stands, and that it is as a node wrote it. */
class ApprovalTest {

    private static final UUID ORG = new UUID(1, 1);
    private static final UUID ID = new UUID(2, 2);
    private static final UUID EXECUTION = new UUID(3, 3);
    private static final Principal ANN = Principal.newBuilder()
            .setType(Principal.Type.USER)
            .setId("ann")
            .setRole("OPERATOR")
            .setCredential("key-1")
            .build();
    private static final Instant EXPIRES = Instant.parse("2026-01-02T00:00:00Z");
    private static final Instant BEFORE = Instant.parse("2026-01-01T23:59:59Z");
    private static final Seals SEALS =
            new Seals(new CommandMacs(MacMode.REQUIRE, new MacKeys(List.of(new MacKey("k", new byte[32])))));

    private static TrailEntry note(
            long offset, int partition, String kind, Principal principal, Map<String, String> more) {
        return note(1, offset, partition, kind, principal, more);
    }

    private static TrailEntry note(
            long decidedMs, long offset, int partition, String kind, Principal principal, Map<String, String> more) {
        Map<String, String> details = new HashMap<>(more);
        details.put("approval", ID.toString());
        return new TrailEntry(
                partition,
                offset,
                offset,
                ORG,
                null,
                1,
                decidedMs,
                principal,
                new Origin("n", null, null),
                null,
                kind == null ? "cancel_workflow" : "record_note",
                kind,
                EXECUTION,
                List.of(),
                null,
                "q",
                "k",
                "why",
                null,
                null,
                List.of(),
                details);
    }

    private static TrailEntry request(Map<String, String> more) {
        Map<String, String> details = new HashMap<>(Map.of(
                "action", "CANCEL",
                "expires", EXPIRES.toString(),
                "seal", SEALS.of(ORG, ID, ApprovalAction.CANCEL, EXECUTION, null, ANN, EXPIRES.toString(), "why")));
        details.putAll(more);
        return note(5, 1, Approval.REQUESTED, ANN, details);
    }

    private static Approval of(TrailEntry... entries) {
        return Approval.of(List.of(entries)).orElseThrow();
    }

    @Test
    void waitsUntilItsTimeIsOver() {
        Approval approval = of(request(Map.of()));

        assertEquals(Status.PENDING, approval.status(BEFORE));
        assertEquals(Status.EXPIRED, approval.status(EXPIRES));
        assertEquals(Optional.empty(), Approval.of(List.of(note(6, 1, Approval.APPROVED, ANN, Map.of()))));
    }

    @Test
    void theFirstDecisionOfItsPartitionCounts() {
        TrailEntry refused = note(7, 1, Approval.REFUSED, ANN, Map.of());
        TrailEntry approved = note(8, 1, Approval.APPROVED, ANN, Map.of());
        TrailEntry elsewhere = note(6, 2, Approval.APPROVED, ANN, Map.of());

        assertEquals(
                Status.REFUSED,
                of(approved, elsewhere, refused, request(Map.of())).status(EXPIRES));
        assertEquals(Status.APPROVED, of(request(Map.of()), approved).status(EXPIRES));
        assertFalse(of(request(Map.of()), approved).action().isPresent());
        assertTrue(of(request(Map.of()), approved, note(1, 3, null, ANN, Map.of()))
                .action()
                .isPresent());
    }

    @Test
    void aDecisionThatCameToTheLogTooLateCountsForNothing() {
        TrailEntry last = note(EXPIRES.toEpochMilli() - 1, 7, 1, Approval.APPROVED, ANN, Map.of());
        TrailEntry late = note(EXPIRES.toEpochMilli(), 7, 1, Approval.APPROVED, ANN, Map.of());

        assertEquals(Status.APPROVED, of(request(Map.of()), last).status(EXPIRES));
        assertEquals(Status.EXPIRED, of(request(Map.of()), late).status(EXPIRES));
    }

    @Test
    void aSealHoldsForWhatANodeWroteAndForNothingElse() {
        Principal eve = ANN.toBuilder().setId("eve").build();
        TrailEntry genuine = request(Map.of());

        assertTrue(SEALS.holds(of(genuine)));
        assertFalse(SEALS.holds(of(request(Map.of("expires", "2027-01-02T00:00:00Z")))));
        assertFalse(SEALS.holds(of(request(Map.of("seal", "")))));
        assertFalse(SEALS.holds(of(request(Map.of("seal", "no base64!")))));
        assertFalse(SEALS.holds(of(note(5, 1, Approval.REQUESTED, eve, genuine.details()))));
        assertTrue(new Seals(CommandMacs.OFF).holds(of(request(Map.of("seal", "")))));
    }
}
