package io.millrace.ingest.approvals;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.millrace.ingest.audit.trail.Origin;
import io.millrace.ingest.audit.trail.TrailEntry;
import io.millrace.ingest.auth.IssuedKeys;
import io.millrace.ingest.auth.Request;
import io.millrace.ingest.config.AccessFile;
import io.millrace.ingest.config.KeyDigest;
import io.millrace.ingest.standin.MemoryQueries;
import io.millrace.ingest.standin.MemoryReads;
import io.millrace.ingest.standin.OpenDoor;
import io.millrace.ingest.standin.ScriptedLog;
import io.millrace.ingest.validation.Checks;
import io.millrace.ingest.validation.Limits;
import io.millrace.ingest.validation.RefusedException;
import io.millrace.proto.Ids;
import io.millrace.proto.Shards;
import io.millrace.proto.auth.Caller;
import io.millrace.proto.auth.Scope;
import io.millrace.proto.mac.CommandMacs;
import io.millrace.proto.standin.MemoryDirectory;
import io.millrace.proto.v1.KeyEntry;
import io.millrace.proto.v1.Principal;
import io.millrace.proto.v1.RefusalReason;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;

/** Who asks for an approval hears only of requests that somebody can find. */
class ApprovalsTest {

    private static final UUID ORG = new UUID(1, 1);
    private static final UUID EXECUTION = new UUID(3, 3);

    private final ScriptedLog log = new ScriptedLog();
    private final MemoryQueries queries = new MemoryQueries();
    private final IssuedKeys keys = IssuedKeys.follow(
            AccessFile.parse(OpenDoor.TOML), CommandMacs.OFF, new MemoryDirectory(), Clock.systemUTC());
    private final Approvals approvals = new Approvals(
            log,
            queries::approval,
            keys,
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
                queries::approval,
                keys,
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

    /** Makes a key for somebody, as who shows that credential. */
    private Principal key(String holder, Principal maker) {
        KeyDigest digest = KeyDigest.of("key of " + holder + " by " + maker.getId());
        Principal stands = maker.toBuilder().setId(holder).clearCredential().build();
        keys.keep(KeyEntry.newBuilder()
                        .setKeyId(Ids.toByteString(UUID.randomUUID()))
                        .setOrgId(Ids.toByteString(OpenDoor.ALPHA))
                        .setDigest(ByteString.copyFrom(digest.bytes()))
                        .setPrincipal(stands)
                        .setCreatedBy(maker.getId())
                        .setCreatedWith(maker.getCredential())
                        .setVersion(1)
                        .build())
                .join();
        return stands.toBuilder().setCredential(digest.publicId()).build();
    }

    private static Principal person(String name) {
        return Principal.newBuilder()
                .setType(Principal.Type.USER)
                .setId(name)
                .setRole("ADMIN")
                .setCredential("key-of-" + name)
                .build();
    }

    private RefusedException refusal(Principal asks, Principal approves) {
        UUID id = UUID.randomUUID();
        TrailEntry request = new TrailEntry(
                5,
                1,
                1,
                OpenDoor.ALPHA,
                null,
                1,
                1,
                asks,
                new Origin("n", null, null),
                null,
                "record_note",
                Approval.REQUESTED,
                EXECUTION,
                List.of(),
                null,
                "q",
                "k",
                "why",
                null,
                null,
                List.of(),
                Map.of(
                        "approval", id.toString(),
                        "action", "CANCEL",
                        "expires", "2000-01-01T00:00:00Z",
                        "seal", "none"));
        queries.approvals.put(
                new MemoryReads.Key(OpenDoor.ALPHA, id),
                Approval.of(List.of(request)).orElseThrow());
        return assertThrows(
                RefusedException.class,
                () -> approvals.approve(
                        new Request(
                                new Caller(OpenDoor.ALPHA, "alpha", approves, "", Scope.WHOLE),
                                "POST /approve",
                                "",
                                ""),
                        id.toString(),
                        ""));
    }

    @Test
    void whoMadeAKeyForAnotherIsNobodyElseWithIt() {
        Principal ann = person("ann");
        Principal bob = key("bob", ann);
        Principal carol = key("carol", bob);

        for (List<Principal> two : List.of(
                List.of(ann, bob), List.of(bob, ann), List.of(ann, carol), List.of(carol, ann), List.of(carol, bob))) {
            RefusedException refused = refusal(two.get(0), two.get(1));
            assertEquals(RefusalReason.PERMISSION_DENIED, refused.reason());
            assertTrue(refused.getMessage().startsWith("expected somebody else"), refused.getMessage());
        }
        // These get as far as the seal, which this request has not.
        for (List<Principal> two : List.of(List.of(person("dan"), bob), List.of(bob, person("dan")))) {
            assertEquals(
                    RefusalReason.FAILED_PRECONDITION,
                    refusal(two.get(0), two.get(1)).reason());
        }
    }
}
