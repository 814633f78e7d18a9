package io.millrace.proto.mac;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.proto.v1.CommandRecord;
import io.millrace.proto.v1.MacVerdict;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class RecordSealsTest {

    private static final byte[] PLACE = RecordSeals.place("node-1");
    private static final byte[] VALUE = "an answer".getBytes(StandardCharsets.UTF_8);

    private static CommandMacs macs(MacMode mode, String... ids) {
        return new CommandMacs(
                mode,
                new MacKeys(Stream.of(ids)
                        .map(id -> {
                            byte[] secret = new byte[MacKey.LEAST_BYTES];
                            Arrays.fill(secret, (byte) id.hashCode());
                            return new MacKey(id, secret);
                        })
                        .toList()));
    }

    private static RecordSeals replies(String... ids) {
        return new RecordSeals(RecordSeals.Kind.REPLY, macs(MacMode.REQUIRE, ids));
    }

    @Test
    void whatANodeSealedIsKnownByThoseWithTheKey() {
        byte[] seal = replies("k1").seal(PLACE, VALUE);

        assertEquals(MacVerdict.MAC_VALID, replies("k1").check(PLACE, VALUE, seal));
        assertEquals(MacVerdict.MAC_VALID, replies("k2", "k1").check(PLACE, VALUE, seal));
        assertEquals(MacVerdict.MAC_OF_UNKNOWN_KEY, replies("k2").check(PLACE, VALUE, seal));
    }

    @Test
    void aSealIsGoodForOneRecordOfOneKindAtOnePlace() {
        byte[] seal = replies("k1").seal(PLACE, VALUE);
        byte[] changed = seal.clone();
        changed[3] ^= 1;

        assertEquals(MacVerdict.MAC_WRONG, replies("k1").check(PLACE, VALUE, changed));
        assertEquals(
                MacVerdict.MAC_WRONG, replies("k1").check(PLACE, "another".getBytes(StandardCharsets.UTF_8), seal));
        assertEquals(MacVerdict.MAC_WRONG, replies("k1").check(RecordSeals.place("node-2"), VALUE, seal));
        // The same bytes, shared out otherwise.
        assertEquals(
                MacVerdict.MAC_WRONG,
                replies("k1").check(RecordSeals.place("node-1a"), "n answer".getBytes(StandardCharsets.UTF_8), seal));
        for (RecordSeals.Kind kind : List.of(RecordSeals.Kind.OUTCOME, RecordSeals.Kind.DIRECTORY)) {
            assertEquals(
                    MacVerdict.MAC_WRONG, new RecordSeals(kind, macs(MacMode.REQUIRE, "k1")).check(PLACE, VALUE, seal));
        }
    }

    @Test
    void whatHasNoSealIsMissing() {
        for (byte[] none : Arrays.asList(null, new byte[0], new byte[32])) {
            assertEquals(MacVerdict.MAC_MISSING, replies("k1").check(PLACE, VALUE, none));
        }
    }

    @Test
    void withoutKeysNothingIsSealedAndAllIsBelieved() {
        RecordSeals off = new RecordSeals(RecordSeals.Kind.REPLY, CommandMacs.OFF);

        assertNull(off.seal(PLACE, VALUE));
        assertEquals(MacVerdict.MAC_UNCHECKED, off.check(PLACE, VALUE, null));
        assertTrue(new SealCheck(off, "topic").believes(PLACE, VALUE, null));
    }

    @Test
    void whatNoNodeWroteIsCountedAndPassedOverWhereSealsAreRequired() {
        SealCheck required = new SealCheck(replies("k1"), "topic");
        SealCheck written = new SealCheck(new RecordSeals(RecordSeals.Kind.REPLY, macs(MacMode.WRITE, "k1")), "topic");

        assertFalse(required.believes(PLACE, VALUE, null));
        assertFalse(required.believes(PLACE, VALUE, replies("k2").seal(PLACE, VALUE)));
        assertTrue(required.believes(PLACE, VALUE, replies("k1").seal(PLACE, VALUE)));
        assertTrue(written.believes(PLACE, VALUE, null));

        assertEquals(2, required.foreign());
        assertEquals(1, written.foreign());
    }

    /** Otherwise who can have a node seal one could use it as the other. */
    @Test
    void noSealIsTheMacOfACommand() {
        byte[] command = CommandRecord.newBuilder().setOrigin("node-1").build().toByteArray();
        CommandMacs macs = macs(MacMode.REQUIRE, "k1");
        byte[] sealed = macs.seal(RecordSeals.Kind.REPLY.ordinal(), command);
        byte[] mac = Arrays.copyOfRange(sealed, sealed.length - 34, sealed.length);

        assertEquals(MacVerdict.MAC_WRONG, replies("k1").check(new byte[0], command, mac));
    }
}
