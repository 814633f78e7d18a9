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

        assertTrue(proof.lets(of(key("k1", 1)).shown()));
    }

    @Test
    void nobodyElseIs() {
        NodeProof proof = of(key("k1", 1));

        assertEquals(
                List.of(),
                Stream.of(of(key("k1", 2)).shown(), of(key("k2", 1)).shown(), proof.shown() + "0", "k1:", "")
                        .filter(proof::lets)
                        .toList());
        assertFalse(proof.lets(null));
    }

    @Test
    void aKeyIsChangedWhileNodesRun() {
        NodeProof before = of(key("old", 1), key("new", 2));
        NodeProof after = of(key("new", 2), key("old", 1));

        assertTrue(before.lets(after.shown()));
        assertTrue(after.lets(before.shown()));
    }

    @Test
    void withoutKeysNobodyProvesAnything() {
        NodeProof proof = of();

        assertNull(proof.shown());
        assertTrue(proof.lets(null));
    }
}
