package io.millrace.ingest.encryption;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.millrace.ingest.encryption.Envelope.Kind;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class EnvelopeTest {

    private static final UUID ORG = UUID.randomUUID();
    private static final UUID EXECUTION = UUID.randomUUID();
    private static final byte[] PLAIN = "{\"name\":\"Ada\"}".getBytes(StandardCharsets.UTF_8);

    private final byte[] secret = Gcm.random(Gcm.KEY_BYTES);
    private final UUID keyId = UUID.randomUUID();
    private final Envelope envelope = new Envelope(Kind.JSON, keyId, EXECUTION);
    private final byte[] text = envelope.seal(secret, ORG, PLAIN);

    private DataKey key(UUID org) {
        return new DataKey(keyId, org, secret.clone());
    }

    @Test
    void saysByItselfWhatItIsAndOpensToWhatItWas() {
        assertEquals(0, Envelope.find(text, 0));
        assertEquals(text.length, Envelope.end(text, 0));
        assertEquals(Optional.of(envelope), Envelope.head(text, 0));
        assertArrayEquals(PLAIN, envelope.open(key(ORG), text, 0, text.length).orElseThrow());
    }

    @Test
    void isAnotherEachTime() {
        assertNotEquals(
                new String(text, StandardCharsets.US_ASCII),
                new String(envelope.seal(secret, ORG, PLAIN), StandardCharsets.US_ASCII));
    }

    @Test
    void opensForNoOtherOrganisationAndInNoOtherName() {
        assertEquals(Optional.empty(), envelope.open(key(UUID.randomUUID()), text, 0, text.length));
        Envelope moved = new Envelope(Kind.JSON, keyId, UUID.randomUUID());
        assertEquals(Optional.empty(), moved.open(key(ORG), text, 0, text.length));
        Envelope otherKind = new Envelope(Kind.TEXT, keyId, EXECUTION);
        assertEquals(Optional.empty(), otherKind.open(key(ORG), text, 0, text.length));
    }

    @Test
    void aChangeOfAnyCharacterBehindTheHeadOrACutIsNoticed() {
        for (int i = 50; i < text.length; i++) {
            byte[] changed = text.clone();
            changed[i] = (byte) (changed[i] == 'A' ? 'g' : 'A');
            assertEquals(Optional.empty(), envelope.open(key(ORG), changed, 0, changed.length), "character " + i);
        }
        for (int length = 5; length < text.length; length++) {
            assertEquals(Optional.empty(), envelope.open(key(ORG), text, 0, length), "length " + length);
        }
    }

    @Test
    void aDestroyedKeyOpensNothing() {
        DataKey key = key(ORG);
        key.destroy();
        assertThrows(DataKey.DestroyedException.class, () -> envelope.open(key, text, 0, text.length));
    }

    @Test
    void eachOfSeveralIsFoundWithItsEnd() {
        String one = new String(text, StandardCharsets.US_ASCII);
        byte[] both = ("{\"mre1\":\"1. mre2.\",\"a\":\"" + one + "\",\"b\":\"" + one + "\"}")
                .getBytes(StandardCharsets.US_ASCII);
        int first = Envelope.find(both, 0);
        int firstEnd = Envelope.end(both, first);
        int second = Envelope.find(both, firstEnd);

        assertEquals(one, new String(both, first, firstEnd - first, StandardCharsets.US_ASCII));
        assertEquals(one, new String(both, second, Envelope.end(both, second) - second, StandardCharsets.US_ASCII));
        assertEquals(first, Envelope.find(both, first));
        assertEquals(second, Envelope.find(both, first + 1));
        assertEquals(-1, Envelope.find(both, second + 1));
        assertEquals(-1, Envelope.find(new byte[0], 0));
    }

    @Test
    void whatOnlyLooksLikeOneIsNone() {
        byte[] looksLike = ("mre1." + "-".repeat(60)).getBytes(StandardCharsets.US_ASCII);
        assertFalse(Envelope.head(looksLike, 0).isPresent());
        byte[] tooShort = "\"mre1.abc\"".getBytes(StandardCharsets.US_ASCII);
        assertEquals(-1, Envelope.find(tooShort, 0));
    }
}
