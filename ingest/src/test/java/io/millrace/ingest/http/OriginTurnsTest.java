package io.millrace.ingest.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.millrace.proto.UnavailableException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class OriginTurnsTest {

    @Test
    void twoOfAnAddressGoOnAtOnceAndOthersDoNotFeelIt() {
        OriginTurns turns = new OriginTurns(Duration.ZERO);
        OriginTurns.Granted first = turns.take("192.0.2.1");
        OriginTurns.Granted second = turns.take("192.0.2.1");
        assertThrows(UnavailableException.class, () -> turns.take("192.0.2.1"));
        OriginTurns.Granted elsewhere = turns.take("192.0.2.2");

        first.close();
        OriginTurns.Granted third = turns.take("192.0.2.1");
        assertThrows(UnavailableException.class, () -> turns.take("192.0.2.1"));

        second.close();
        third.close();
        elsewhere.close();
        assertEquals(0, turns.known(), "nothing is kept of those who are gone");
    }
}
