package io.millrace.infra.client.print;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TimesTest {

    @ParameterizedTest
    @CsvSource({
        "PT0S,0s",
        "PT0.04S,40ms",
        "PT1.999S,1s",
        "PT59S,59s",
        "PT1M,1m",
        "PT3M12S,3m12s",
        "PT14M12S,14m",
        "PT5H7M,5h7m",
        "PT11H7M,11h",
        "PT49H,2d1h",
        "P40D,40d",
        "PT-5S,0s"
    })
    void aLengthHasItsLargestUnitAndTheNextWhileThatMatters(Duration length, String text) {
        assertEquals(text, Times.length(length));
    }

    @Test
    void aTimeIsToldByHowLongAgoItWas() {
        Instant now = Instant.parse("2026-01-31T08:03:12Z");
        assertEquals(
                "3m12s ago (2026-01-31T08:00:00Z)", Times.ago(Optional.of(Instant.parse("2026-01-31T08:00:00Z")), now));
        assertEquals("", Times.ago(Optional.empty(), now));
        assertEquals("08:03:12.000", Times.clock(Optional.of(now), ZoneOffset.UTC));
    }
}
