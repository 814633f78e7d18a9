package io.millrace.proto.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.proto.auth.Caller;
import io.millrace.proto.log.RefusalCount.Many;
import io.millrace.proto.log.RefusalCount.Next;
import io.millrace.proto.v1.Principal;
import io.millrace.proto.v1.RefusalReason;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class RefusalCountTest {

    private static final Duration WINDOW = Duration.ofMinutes(1);
    private static final Caller CALLER = new Caller(new UUID(1, 1), "org", Principal.getDefaultInstance(), "peer");

    private final RefusalCount count = new RefusalCount(2, WINDOW.toNanos());

    private Next refused(long nowNanos, String method) {
        return count.next(nowNanos, CALLER, method, RefusalReason.NOT_FOUND);
    }

    @Test
    void theFirstOfAWindowStandAloneAndTheRestTogether() {
        assertEquals(Next.ONE, refused(0, "a"));
        assertEquals(Next.ONE, refused(1, "b"));
        assertEquals(Next.FIRST_OF_MANY, refused(2, "b"));
        assertEquals(Next.ONE_OF_MANY, refused(3, "a"));
        assertEquals(Next.ONE_OF_MANY, refused(4, "b"));

        Many many = count.takeMany(WINDOW).orElseThrow();

        assertEquals(3, many.record().getRequests());
        assertEquals("b", many.record().getMethod());
        assertEquals("NOT_FOUND", many.record().getReason());
        assertTrue(
                many.record().getText().endsWith("3 more were: 2 NOT_FOUND b, 1 NOT_FOUND a"),
                many.record().getText());
        assertEquals(CALLER, many.caller());
        assertEquals(Optional.empty(), count.takeMany(WINDOW));
    }

    @Test
    void aNewWindowBeginsWithRecordsOfTheirOwn() {
        refused(0, "a");
        refused(0, "a");

        assertEquals(Next.ONE, refused(WINDOW.toNanos(), "a"));
        assertEquals(Next.ONE, refused(WINDOW.toNanos(), "a"));
        assertEquals(Next.FIRST_OF_MANY, refused(WINDOW.toNanos(), "a"));
    }

    @Test
    void untilTheManyAreNotedAllThatComeAreAmongThem() {
        refused(0, "a");
        refused(0, "a");
        refused(0, "a");

        assertEquals(Next.ONE_OF_MANY, refused(2 * WINDOW.toNanos(), "a"));

        assertEquals(2, count.takeMany(WINDOW).orElseThrow().record().getRequests());
        assertEquals(Next.ONE, refused(2 * WINDOW.toNanos(), "a"));
    }
}
