package io.millrace.ingest.encryption;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.millrace.proto.mac.CommandMacs;
import io.millrace.proto.mac.MacKey;
import io.millrace.proto.mac.MacKeys;
import io.millrace.proto.mac.MacMode;
import io.millrace.proto.v1.CommandRecord;
import io.millrace.proto.v1.DataKey;
import io.millrace.proto.v1.DataKeyEntry;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class KeySealsTest {

    private static final long NOW_MS = 1_700_000_000_000L;
    private static final long PROMPT_MS = Duration.ofMinutes(10).toMillis();
    private static final CommandMacs MACS =
            new CommandMacs(MacMode.REQUIRE, new MacKeys(List.of(new MacKey("k1", new byte[32]))));
    private static final DataKeyEntry ENTRY = DataKeyEntry.newBuilder()
            .setKey(DataKey.newBuilder().setKeyId(ByteString.copyFrom(new byte[16])))
            .build();

    private final KeySeals seals = new KeySeals(MACS, () -> NOW_MS);

    @Test
    void whatWasWrittenWhenItWasSealedIsOfANode() throws Exception {
        DataKeyEntry sealed = seals.sealed(ENTRY);

        assertEquals(Seal.NODE, seals.of(sealed, NOW_MS));
        assertEquals(Seal.NODE, seals.of(sealed, NOW_MS + PROMPT_MS));
        assertEquals(Seal.NODE, seals.of(sealed, NOW_MS - PROMPT_MS));
        assertTrue(seals.prompt(sealed, NOW_MS));
    }

    @Test
    void whatWasWrittenAgainLaterIsACopy() throws Exception {
        DataKeyEntry sealed = seals.sealed(ENTRY);

        assertEquals(Seal.COPIED, seals.of(sealed, NOW_MS + PROMPT_MS + 1));
        assertEquals(Seal.COPIED, seals.of(sealed, NOW_MS - PROMPT_MS - 1));
        assertFalse(seals.prompt(sealed, NOW_MS + PROMPT_MS + 1));
    }

    @Test
    void theTimeOfACopyCannotBeChanged() throws Exception {
        DataKeyEntry changed =
                seals.sealed(ENTRY).toBuilder().setSealedAtMs(NOW_MS + 1).build();

        assertEquals(Seal.NONE, seals.of(changed, NOW_MS));
        assertEquals(Seal.NONE, seals.of(changed.toBuilder().clearSealedAtMs().build(), NOW_MS));
    }

    @Test
    void whatWasSealedBeforeTimesWereNotedIsUndated() throws Exception {
        byte[] carried = CommandRecord.newBuilder()
                .setCommandId(ENTRY.toByteString())
                .build()
                .toByteArray();
        byte[] sealed = MACS.seal(-3, carried);
        DataKeyEntry undated = ENTRY.toBuilder()
                .setMac(ByteString.copyFrom(sealed, carried.length, sealed.length - carried.length))
                .build();

        assertEquals(Seal.UNDATED, seals.of(undated, NOW_MS));
        assertEquals(Seal.NONE, seals.of(ENTRY, NOW_MS));
    }

    @Test
    void whatWasSealedByTheKeyBehindItsOwnIsTold() throws Exception {
        MacKey old = new MacKey("k1", new byte[32]);
        MacKey other = new MacKey("k2", new byte[] {
            1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29,
            30, 31, 32
        });
        KeySeals both = new KeySeals(new CommandMacs(MacMode.REQUIRE, new MacKeys(List.of(other, old))), () -> NOW_MS);
        KeySeals without = new KeySeals(new CommandMacs(MacMode.REQUIRE, new MacKeys(List.of(other))), () -> NOW_MS);
        DataKeyEntry sealed = seals.sealed(ENTRY);

        assertTrue(both.byOtherKey(sealed));
        assertFalse(seals.byOtherKey(sealed));
        assertFalse(both.byOtherKey(both.sealed(ENTRY)));
        assertFalse(without.byOtherKey(sealed), "it does not know that key");
        assertFalse(both.byOtherKey(ENTRY));
        assertFalse(both.byOtherKey(sealed.toBuilder().setSealedAtMs(1).build()));
    }

    @Test
    void whereNoMacsAreRequiredEverythingCountsAsOfANode() throws Exception {
        assertEquals(Seal.NODE, new KeySeals(CommandMacs.OFF).of(ENTRY, NOW_MS));
    }
}
