package io.millrace.ingest.operations;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.millrace.ingest.approvals.ApprovalAction;
import io.millrace.ingest.approvals.ApprovalSettings;
import io.millrace.ingest.approvals.Approvals;
import io.millrace.ingest.auth.IssuedKeys;
import io.millrace.ingest.auth.Request;
import io.millrace.ingest.config.AccessFile;
import io.millrace.ingest.config.KeyDigest;
import io.millrace.ingest.standin.MemoryQueries;
import io.millrace.ingest.standin.OpenDoor;
import io.millrace.ingest.standin.ScriptedLog;
import io.millrace.ingest.validation.Checks;
import io.millrace.ingest.validation.Limits;
import io.millrace.ingest.validation.RefusedException;
import io.millrace.proto.Ids;
import io.millrace.proto.auth.Caller;
import io.millrace.proto.mac.CommandMacs;
import io.millrace.proto.mac.MacKey;
import io.millrace.proto.mac.MacKeys;
import io.millrace.proto.mac.MacMode;
import io.millrace.proto.standin.MemoryDirectory;
import io.millrace.proto.v1.Approval;
import io.millrace.proto.v1.CommandRecord;
import io.millrace.proto.v1.KeyEntry;
import io.millrace.proto.v1.Principal;
import io.millrace.proto.v1.RecordNote;
import io.millrace.proto.v1.RefusalReason;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** Which keys are made, and which are not. */
class KeyOperationsTest {

    private static final CommandMacs MACS =
            new CommandMacs(MacMode.REQUIRE, new MacKeys(List.of(new MacKey("k", new byte[MacKey.LEAST_BYTES]))));
    private static final Principal ANN = Principal.newBuilder()
            .setType(Principal.Type.USER)
            .setId("ann")
            .setRole("ADMIN")
            .setCredential("key-of-ann")
            .build();

    private final ScriptedLog log = new ScriptedLog();

    private static IssuedKeys keys(CommandMacs macs) {
        return IssuedKeys.follow(AccessFile.parse(OpenDoor.TOML), macs, new MemoryDirectory(), InstantSource.system());
    }

    private KeyOperations operations(IssuedKeys keys, ApprovalAction... required) {
        return operations(keys, InstantSource.system(), required);
    }

    private KeyOperations operations(IssuedKeys keys, InstantSource clock, ApprovalAction... required) {
        Checks checks = new Checks(Limits.defaults());
        ApprovalSettings settings = new ApprovalSettings(Set.of(required), Duration.ofHours(1), MACS);
        Approvals approvals =
                new Approvals(log, new MemoryQueries()::approval, keys, settings, checks, Clock.systemUTC());
        return new KeyOperations(log, keys, checks, approvals, clock);
    }

    private static Request asked() {
        return new Request(new Caller(OpenDoor.ALPHA, "alpha", ANN, ""), "POST /keys", "");
    }

    private static KeyOperations.Wanted wanted(String type, String role, List<String> queues) {
        return new KeyOperations.Wanted(type, "w", role, "", queues, List.of(), Optional.empty(), Optional.empty());
    }

    private KeyEntry make(IssuedKeys keys, List<String> queues) {
        return operations(keys)
                .create(asked(), wanted("WORKER", "", queues), "")
                .join()
                .entry();
    }

    @Test
    void whereCancellingNeedsAnApprovalAKeyThatCouldEndWorkIsInForceOnlyOnceItIsApproved() {
        IssuedKeys keys = keys(MACS);
        KeyOperations operations = operations(keys, ApprovalAction.CANCEL);

        KeyOperations.Made made = operations
                .create(asked(), wanted("WORKER", "", List.of("q")), "a new worker")
                .join();

        assertTrue(made.pending().isPresent());
        assertEquals(List.of(), keys.of(OpenDoor.ALPHA));
        RecordNote note = log.onlyCommand().getRecordNote();
        assertEquals("approval_requested", note.getKind());
        assertEquals("KEYS", note.getDetailsOrThrow("action"));
        assertEquals("WORKER w", note.getDetailsOrThrow("how.principal"));
        Map<String, String> how = how(note);
        Request approved = asked().because("a new worker")
                .approved(Approval.newBuilder()
                        .setId(Ids.toByteString(made.pending().get().id()))
                        .build());
        assertTrue(operations.createApproved(approved, how).join());
        assertEquals(List.of(made.entry()), keys.of(OpenDoor.ALPHA));
        assertFalse(operations.createApproved(approved, how).join(), "it is there");
        CommandRecord last = log.entries().getLast().command();
        assertEquals("api_key_created", last.getRecordNote().getKind());
        assertEquals(approved.approval().orElseThrow(), last.getApproval());
    }

    private static Map<String, String> how(RecordNote note) {
        Map<String, String> how = new HashMap<>();
        note.getDetailsMap().forEach((name, value) -> {
            if (name.startsWith("how.")) {
                how.put(name.substring(4), value);
            }
        });
        return how;
    }

    @Test
    void theLifeOfAKeyBeginsOnceItIsApproved() {
        IssuedKeys keys = keys(MACS);
        AtomicReference<Instant> now = new AtomicReference<>(Instant.now());
        KeyOperations operations = operations(keys, now::get, ApprovalAction.KEYS);
        Duration life = Duration.ofHours(1);
        KeyOperations.Wanted wanted = new KeyOperations.Wanted(
                "WORKER", "w", "", "", List.of(), List.of(), Optional.of(life.toMillis()), Optional.empty());
        KeyOperations.Made made =
                operations.create(asked(), wanted, "a new worker").join();
        Map<String, String> how = how(log.onlyCommand().getRecordNote());
        assertEquals("PT1H after it is approved", how.get("expires"));
        now.set(now.get().plus(life).plus(life));

        assertTrue(operations
                .createApproved(
                        asked().approved(Approval.newBuilder()
                                .setId(Ids.toByteString(
                                        made.pending().orElseThrow().id()))
                                .build()),
                        how)
                .join());

        assertEquals(
                now.get().plus(life).toEpochMilli(),
                keys.of(OpenDoor.ALPHA).getFirst().getExpiresAtMs());
    }

    @Test
    void aKeyThatCannotEndWorkNeedsNoApproval() {
        IssuedKeys keys = keys(MACS);
        KeyOperations operations = operations(keys, ApprovalAction.KEYS);

        assertTrue(operations
                .create(asked(), wanted("USER", "AUDITOR", List.of()), "")
                .join()
                .pending()
                .isEmpty());
        assertTrue(operations
                .create(asked(), wanted("USER", "ADMIN", List.of()), "a colleague")
                .join()
                .pending()
                .isPresent());
        assertEquals(1, keys.of(OpenDoor.ALPHA).size());
    }

    @Test
    void aKeyThatCouldEndWorkDoesNotComeBackWithoutAnApproval() {
        IssuedKeys keys = keys(MACS);
        KeyEntry made = make(keys, List.of());
        keys.keep(made.toBuilder().setExpiresAtMs(1).setVersion(2).build()).join();
        String id = Ids.fromBytes(made.getKeyId()).toString();

        assertEquals(
                RefusalReason.FAILED_PRECONDITION,
                assertThrows(
                                RefusedException.class,
                                () -> operations(keys, ApprovalAction.CANCEL)
                                        .expire(asked(), id, 1_000, "more", OptionalLong.empty()))
                        .reason());
        assertTrue(operations(keys)
                .expire(asked(), id, 1_000, "more", OptionalLong.empty())
                .join()
                .changed());
    }

    @Test
    void whatSomebodyElseHasChangedMeanwhileIsLeftAlone() {
        IssuedKeys keys = keys(MACS);
        KeyOperations operations = operations(keys);
        String id = Ids.fromBytes(make(keys, List.of()).getKeyId()).toString();
        assertEquals(
                2,
                operations
                        .expire(asked(), id, 1_000, "", OptionalLong.of(1))
                        .join()
                        .entry()
                        .getVersion());

        RefusedException refused =
                assertThrows(RefusedException.class, () -> operations.revoke(asked(), id, "", OptionalLong.of(1)));
        assertEquals(RefusalReason.ABORTED, refused.reason());
        assertThrows(RefusedException.class, () -> operations.expire(asked(), id, 9_000, "", OptionalLong.of(1)));

        assertTrue(operations.revoke(asked(), id, "", OptionalLong.of(2)).join().changed());
        // What is asked for is so already, whoever did it.
        assertFalse(
                operations.revoke(asked(), id, "", OptionalLong.of(1)).join().changed());
    }

    @Test
    void aKeyTellsByWhomAndWithWhichKeyItWasMade() {
        KeyEntry made = make(keys(MACS), Collections.nCopies(KeyOperations.MOST_NAMES, "q"));

        assertEquals("ann", made.getCreatedBy());
        assertEquals("key-of-ann", made.getCreatedWith());
    }

    @Test
    void aKeyNamesOnlySoMany() {
        RefusedException refused = assertThrows(
                RefusedException.class, () -> make(keys(MACS), Collections.nCopies(KeyOperations.MOST_NAMES + 1, "q")));

        assertEquals("expected at most 100 queues of a key, but got 101", refused.getMessage());
    }

    @Test
    void noKeyIsMadeThatNobodyCouldSeal() {
        RefusedException refused = assertThrows(RefusedException.class, () -> make(keys(CommandMacs.OFF), List.of()));

        assertEquals(RefusalReason.FAILED_PRECONDITION, refused.reason());
        assertTrue(refused.getMessage().contains("commands.mac.mode"), refused.getMessage());
        assertEquals(List.of(), log.entries());
    }

    @Test
    void keysThatAreOverCountToo() {
        IssuedKeys keys = keys(MACS);
        for (int i = 0; i < KeyOperations.MOST_KEPT; i++) {
            keys.keep(KeyEntry.newBuilder()
                            .setKeyId(Ids.toByteString(new UUID(1, i)))
                            .setOrgId(Ids.toByteString(OpenDoor.ALPHA))
                            .setDigest(ByteString.copyFrom(
                                    KeyDigest.of("secret " + i).bytes()))
                            .setPrincipal(ANN)
                            .setRevokedAtMs(1)
                            .setVersion(2)
                            .build())
                    .join();
        }

        RefusedException refused = assertThrows(RefusedException.class, () -> make(keys, List.of()));

        assertTrue(refused.getMessage().startsWith("expected at most 10000 keys"), refused.getMessage());
    }
}
