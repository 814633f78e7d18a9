package io.millrace.proto.directory;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** For how long a node has heard what others tell. */
class EchoTest {

    private long nowMs = 1_000_000;
    private final Deque<CompletableFuture<Void>> calls = new ArrayDeque<>();
    private final Echo echo = new Echo(
            () -> {
                calls.add(new CompletableFuture<>());
                return calls.getLast();
            },
            () -> Instant.ofEpochMilli(nowMs));

    private void hear() {
        calls.remove().complete(null);
    }

    private void callAndHear(long sinceMs) {
        echo.heardForMs(sinceMs);
        hear();
    }

    @Test
    void itHearsUpToTheCallThatItHeardLast() {
        long sinceMs = nowMs;
        callAndHear(sinceMs);
        nowMs += 5_000;
        assertEquals(0, echo.heardForMs(sinceMs), "it does not know yet");
        nowMs += 10;
        hear();
        assertEquals(4_990, echo.heardForMs(sinceMs), "the call took 10 ms, as may what others told");
    }

    @Test
    void whileNoCallIsHeardTimeDoesNotCount() {
        long sinceMs = nowMs;
        callAndHear(sinceMs);
        nowMs += 5_000;
        echo.heardForMs(sinceMs);
        nowMs += 75_000;
        assertEquals(0, echo.heardForMs(sinceMs));
        assertEquals(1, calls.size(), "one call at a time");
    }

    @Test
    void afterASilenceItListensAnewForAsLong() {
        long sinceMs = nowMs;
        callAndHear(sinceMs);
        nowMs += 5_000;
        echo.heardForMs(sinceMs);
        nowMs += 75_000;
        hear();
        nowMs += 2_500;
        callAndHear(sinceMs);
        assertEquals(82_500 - 75_000, echo.heardForMs(sinceMs), "others' words may have hung as long");

        long laterMs = nowMs;
        nowMs += 1_000;
        callAndHear(laterMs);
        assertEquals(1_000, echo.heardForMs(laterMs), "what was before does not matter to who asks of later");
    }

    @Test
    void aCallThatFailsIsPartOfTheSilence() {
        long sinceMs = nowMs;
        callAndHear(sinceMs);
        for (int i = 0; i < 8; i++) {
            nowMs += 10_000;
            echo.heardForMs(sinceMs);
            calls.remove().completeExceptionally(new IllegalStateException("Kafka is away"));
        }
        nowMs += 1_000;
        callAndHear(sinceMs);
        assertEquals(81_000 - 71_000, echo.heardForMs(sinceMs), "nothing was heard since the first call that failed");
    }

    @Test
    void theSlowestAnswerOfTheTimeCounts() {
        long sinceMs = nowMs;
        for (long tookMs : new long[] {10, 3_000, 20}) {
            nowMs += 1_000;
            echo.heardForMs(sinceMs);
            nowMs += tookMs;
            hear();
        }
        assertEquals(nowMs - 20 - sinceMs - 3_000, echo.heardForMs(sinceMs));
    }
}
