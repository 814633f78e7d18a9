package io.millrace.proto.mac;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class NodeProofTest {

    private static NodeProof of(MacMode mode, MacKey... keys) {
        return new NodeProof(mode, new MacKeys(List.of(keys)));
    }

    private static MacKey key(String id, int seed) {
        byte[] secret = new byte[MacKey.LEAST_BYTES];
        Arrays.fill(secret, (byte) seed);
        return new MacKey(id, secret);
    }

    @Test
    void whoHasTheKeyIsLetIn() {
        NodeProof proof = of(MacMode.REQUIRE, key("k1", 1));

        assertTrue(proof.lets(of(MacMode.REQUIRE, key("k1", 1)).shown()));
    }

    @Test
    void nobodyElseIs() {
        NodeProof proof = of(MacMode.REQUIRE, key("k1", 1));

        assertEquals(
                List.of(),
                Stream.of(
                                of(MacMode.REQUIRE, key("k1", 2)).shown(),
                                of(MacMode.REQUIRE, key("k2", 1)).shown(),
                                proof.shown() + "0",
                                "k1:",
                                "")
                        .filter(proof::lets)
                        .toList());
        assertFalse(proof.lets(null));
    }

    @Test
    void aKeyIsChangedWhileNodesRun() {
        NodeProof before = of(MacMode.REQUIRE, key("old", 1), key("new", 2));
        NodeProof after = of(MacMode.REQUIRE, key("new", 2), key("old", 1));

        assertTrue(before.lets(after.shown()));
        assertTrue(after.lets(before.shown()));
    }

    @Test
    void allAreLetInWhileSomeHaveNoKeysYet() {
        NodeProof proof = of(MacMode.WRITE, key("k1", 1));

        assertTrue(proof.lets(null));
        assertFalse(proof.required());
        assertTrue(of(MacMode.REQUIRE, key("k1", 1)).lets(proof.shown()));
    }

    @Test
    void withoutKeysNobodyProvesAnything() {
        NodeProof proof = of(MacMode.OFF);

        assertNull(proof.shown());
        assertTrue(proof.lets(null));
    }
}
