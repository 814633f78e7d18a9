package io.millrace.proto.proof;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class WholeOutcomeHashesTest {

    /** What docs/hashes.md says, part by part, of an outcome that has more than anybody made room for. */
    @Test
    void aLargeOutcomeIsHashedAsASmallOne() throws NoSuchAlgorithmException {
        byte[] previous = filled(1);
        byte[] cause = filled(2);
        String refusal = "expected …, but … ".repeat(200);
        List<byte[]> events = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            events.add(filled(3 + i));
        }
        MessageDigest parts = MessageDigest.getInstance("SHA-256");
        parts.update(previous);
        parts.update(cause);
        parts.update((byte) 1);
        parts.update(number(7));
        byte[] text = refusal.getBytes(StandardCharsets.UTF_8);
        parts.update(number(text.length));
        parts.update(text);
        parts.update(number(events.size()));
        events.forEach(parts::update);
        parts.update(ByteBuffer.allocate(2 * Long.BYTES + 2 * Integer.BYTES)
                .putLong(99)
                .putInt(1)
                .putInt(3)
                .putLong(7)
                .flip());
        parts.update(new byte[16]);
        parts.update(number(2));
        parts.update("k1".getBytes(StandardCharsets.UTF_8));
        parts.update(number(1));
        parts.update(number(32));
        parts.update(filled(9));
        byte[] expected = parts.digest();

        WholeOutcomeHashes hashes = new WholeOutcomeHashes();
        StateFacts state = new StateFacts(99, List.of(new StateFacts.Settled(3, 7, null, "k1", List.of(filled(9)))));

        assertArrayEquals(expected, hashes.outcome(previous, cause, 7, refusal, events, state));
        assertArrayEquals(
                expected, hashes.outcome(previous, cause, 7, refusal, events, state), "and the one after it too");
    }

    private static byte[] filled(int with) {
        byte[] hash = new byte[32];
        Arrays.fill(hash, (byte) with);
        return hash;
    }

    private static byte[] number(int number) {
        return ByteBuffer.allocate(Integer.BYTES).putInt(number).array();
    }
}
