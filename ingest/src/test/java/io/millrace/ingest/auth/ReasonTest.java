package io.millrace.ingest.auth;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class ReasonTest {

    @Test
    void onlyWhatCameAsItWasMeantIsWhole() {
        assertTrue(Reason.isWhole("ticket 4711 ~ asked by \"ops\""));
        assertTrue(Reason.isWhole(""));
        for (String meant : new String[] {"wegen Störung", "\u0007", "a\nb", "\u007f"}) {
            assertFalse(Reason.isWhole(new String(meant.getBytes(UTF_8), US_ASCII)), meant);
        }
    }
}
