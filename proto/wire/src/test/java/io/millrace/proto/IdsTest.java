package io.millrace.proto;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class IdsTest {

    private static final UUID ID = UUID.fromString("01890a5d-ac96-774b-bcce-b302099a8057");

    @Test
    void anIdSurvivesItsBytes() {
        assertEquals(ID, Ids.fromBytes(Ids.toByteString(ID)));
        assertEquals(0x01, Ids.toBytes(ID)[0]);
        assertEquals(0x57, Ids.toBytes(ID)[15]);
    }

    @Test
    void otherLengthsAreRefused() {
        assertThrows(IllegalArgumentException.class, () -> Ids.fromBytes(ByteString.copyFrom(new byte[15])));
        assertThrows(IllegalArgumentException.class, () -> Ids.fromBytes(ByteString.EMPTY));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "x",
                "1-2-3-4-5",
                "01890a5d-ac96-774b-bcce-b302099a805",
                "01890a5d-ac96-774b-bcce-b302099a805g",
                "01890a5dac96-774b-bcce-b302-099a8057",
                "{01890a5d-ac96-774b-bcce-b302099a8057}"
            })
    void whatIsNoUuidIsNone(String text) {
        assertEquals(Optional.empty(), Ids.parse(text));
    }

    @Test
    void eitherCaseIsRead() {
        assertEquals(Optional.of(ID), Ids.parse(ID.toString()));
        assertEquals(Optional.of(ID), Ids.parse(ID.toString().toUpperCase(Locale.ROOT)));
        assertEquals(Optional.empty(), Ids.parse(null));
    }

    @Test
    void newIdsAreOnTheShardThatIsWantedAndDiffer() {
        for (int shard : new int[] {0, 1, 4_711, 65_535}) {
            UUID id = Shards.newId(shard);
            assertEquals(shard, Shards.of(id));
            assertEquals(7, id.version());
            assertEquals(2, id.variant());
            assertNotEquals(id, Shards.newId(shard));
            assertEquals(shard % 16, Shards.partition(id, 16));
        }
    }

    @Test
    void keysSpreadOverTheShardsAndAlwaysHaveTheSame() {
        int[] hits = new int[16];
        for (int i = 0; i < 16_000; i++) {
            int shard = Shards.of(ID, "order-" + i);
            assertEquals(shard, Shards.of(ID, "order-" + i));
            hits[Shards.partition(shard, 16)]++;
        }
        for (int hit : hits) {
            assertTrue(hit > 800 && hit < 1_200, "expected about 1,000 keys in each partition, but one has " + hit);
        }
        assertNotEquals(Shards.of(ID, "k"), Shards.of(new UUID(1, 1), "k"));
        // Written once, for ever: another value would send old keys to other partitions.
        assertEquals(919, Shards.of(new UUID(1, 2), "\u00e4"));
    }

    @Test
    void theSameBitsGiveTheSameId() {
        assertEquals(Shards.place(1, 2, 3), Shards.place(1, 2, 3));
        assertEquals(3, Shards.of(Shards.place(-1, -1, 3)));
    }
}
