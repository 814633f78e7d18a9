package io.millrace.ingest.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.millrace.ingest.queries.QueriesUnavailableException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class PublicReadsTest {

    private final PublicReads reads = new PublicReads(Duration.ofMillis(1));

    @Test
    void whoComesWhileOthersReadIsSentAwayAndMayComeAgain() {
        QueriesUnavailableException refusal =
                assertThrows(QueriesUnavailableException.class, () -> nested(PublicReads.AT_A_TIME + 1));

        assertEquals(
                "expected at most 2 to read the transparency logs at a time, but there are more", refusal.getMessage());
        assertEquals("read", nested(PublicReads.AT_A_TIME));
    }

    /** So many reads under way at a time. */
    private String nested(int depth) {
        return depth == 0 ? "read" : reads.read(() -> nested(depth - 1));
    }
}
