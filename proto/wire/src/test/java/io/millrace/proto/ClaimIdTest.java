package io.millrace.proto;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.UUID;
import org.junit.jupiter.api.Test;

class ClaimIdTest {

    private static final long AT_MS = 1_800_000_000_123L;
    private static final long FIRST = ClaimId.process("node-1", 0x3fffff);
    private static final long SECOND = ClaimId.process("node-1", 1);
    private static final long OTHER = ClaimId.process("node-2", 1);

    @Test
    void itTellsWhenAndByWhomTheWorkWasAskedFor() {
        UUID id = ClaimId.of(AT_MS, FIRST, 77);

        assertEquals(7, id.version());
        assertEquals(2, id.variant());
        assertEquals(AT_MS, ClaimId.askedAtMs(id));
        assertTrue(ClaimId.isOfEarlierProcess(id, SECOND));
        assertFalse(ClaimId.isOfEarlierProcess(id, FIRST));
        assertFalse(ClaimId.isOfEarlierProcess(id, OTHER));
    }

    @Test
    void numbersTellApartWhatIsAskedForTogether() {
        assertNotEquals(ClaimId.of(AT_MS, FIRST, 0xffff), ClaimId.of(AT_MS, FIRST, 0x1ffff));
        assertNotEquals(ClaimId.of(AT_MS, FIRST, 1), ClaimId.of(AT_MS, FIRST, 2));
        assertEquals(AT_MS, ClaimId.askedAtMs(ClaimId.of(AT_MS, FIRST, -1)));
    }

    @Test
    void anIdOfAnotherVersionTellsNothing() {
        UUID id = new UUID(0x1000, 1);
        assertEquals(0, ClaimId.askedAtMs(id));
        assertFalse(ClaimId.isOfEarlierProcess(id, FIRST));
    }
}
