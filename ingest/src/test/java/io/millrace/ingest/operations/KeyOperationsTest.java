package io.millrace.ingest.operations;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.millrace.ingest.auth.IssuedKeys;
import io.millrace.ingest.auth.Request;
import io.millrace.ingest.config.AccessFile;
import io.millrace.ingest.config.KeyDigest;
import io.millrace.ingest.standin.MemoryDirectory;
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
import io.millrace.proto.v1.KeyEntry;
import io.millrace.proto.v1.Principal;
import io.millrace.proto.v1.RefusalReason;
import java.time.InstantSource;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
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

    private KeyEntry make(IssuedKeys keys, List<String> queues) {
        return new KeyOperations(log, keys, new Checks(Limits.defaults()), InstantSource.system())
                .create(
                        new Request(new Caller(OpenDoor.ALPHA, "alpha", ANN, ""), "POST /keys", ""),
                        new KeyOperations.Wanted(
                                "WORKER", "w", "", "", queues, List.of(), Optional.empty(), Optional.empty()),
                        "")
                .join()
                .entry();
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
