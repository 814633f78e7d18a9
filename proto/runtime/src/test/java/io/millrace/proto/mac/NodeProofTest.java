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

    private static NodeProof of(MacKey... keys) {
        return new NodeProof(new MacKeys(List.of(keys)));
    }

    private static MacKey key(String id, int seed) {
        byte[] secret = new byte[MacKey.LEAST_BYTES];
        Arrays.fill(secret, (byte) seed);
        return new MacKey(id, secret);
    }

    @Test
    void whoHasTheKeyIsLetIn() {
        NodeProof proof = of(key("k1", 1));

        assertTrue(proof.lets(of(key("k1", 1)).shownTo("a", 1), "a", 1));
    }

    @Test
    void nobodyElseIs() {
        NodeProof proof = of(key("k1", 1));

        assertEquals(
                List.of(),
                Stream.of(
                                of(key("k1", 2)).shownTo("a", 1),
                                of(key("k2", 1)).shownTo("a", 1),
                                proof.shownTo("a", 1) + "0",
                                "k1:",
                                "")
                        .filter(shown -> proof.lets(shown, "a", 1))
                        .toList());
        assertFalse(proof.lets(null, "a", 1));
    }

    /** Whoever makes nodes read from it must not learn by what it could read from them. */
    @Test
    void whatIsShownAtOneAddressIsWorthNothingAtAnother() {
        NodeProof proof = of(key("k1", 1));

        assertFalse(proof.lets(proof.shownTo("evil", 1), "a", 1));
        assertFalse(proof.lets(proof.shownTo("a", 2), "a", 1));
        assertFalse(proof.lets(proof.shownTo("a", 11), "a", 1));
        assertTrue(proof.lets(proof.shownTo("a", 1), "a", 1));
    }

    @Test
    void aKeyIsChangedWhileNodesRun() {
        NodeProof before = of(key("old", 1), key("new", 2));
        NodeProof after = of(key("new", 2), key("old", 1));

        assertTrue(before.lets(after.shownTo("a", 1), "a", 1));
        assertTrue(after.lets(before.shownTo("a", 1), "a", 1));
    }

    @Test
    void withoutKeysNobodyProvesAnything() {
        NodeProof proof = of();

        assertNull(proof.shownTo("a", 1));
        assertTrue(proof.lets(null, "a", 1));
    }
}
