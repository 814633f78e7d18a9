package io.millrace.ingest.limits;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.millrace.proto.Failures;
import io.millrace.proto.UnavailableException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;

/** Looks at the past wait for each other, over all organisations. */
class PastReadsTest {

    private static final UUID ACME = new UUID(0, 1);
    private static final UUID OTHER = new UUID(0, 2);
    private static final UUID THIRD = new UUID(0, 3);
    private static final long FOREVER_MS = 600_000;

    private final List<String> begun = new ArrayList<>();

    private CompletableFuture<String> look(PastReads pasts, UUID orgId, String name, CompletableFuture<String> read) {
        return pasts.inTurn(orgId, () -> {
            begun.add(name);
            return read;
        });
    }

    @Test
    void oneIsUnderWayAndTheNextBeginsWhenItIsOver() {
        PastReads pasts = new PastReads(1, FOREVER_MS);
        CompletableFuture<String> first = new CompletableFuture<>();
        CompletableFuture<String> answer = look(pasts, ACME, "first", first);
        CompletableFuture<String> second = look(pasts, OTHER, "second", CompletableFuture.completedFuture("2"));

        assertEquals(List.of("first"), begun);
        assertFalse(second.isDone());

        first.complete("1");

        assertEquals("1", answer.join());
        assertEquals("2", second.join());
    }

    @Test
    void anOrganisationThatAsksForManyKeepsNobodyElseFromItsTurn() {
        PastReads pasts = new PastReads(1, FOREVER_MS);
        CompletableFuture<String> one = new CompletableFuture<>();
        CompletableFuture<String> two = new CompletableFuture<>();
        look(pasts, ACME, "one", one);
        look(pasts, ACME, "two", two);
        look(pasts, ACME, "three", new CompletableFuture<>());
        look(pasts, OTHER, "other", CompletableFuture.completedFuture(""));

        one.complete("");
        two.complete("");

        assertEquals(List.of("one", "other", "two", "three"), begun);
    }

    @Test
    void soManyAreUnderWayAsThereIsRoomForButOneOfAnOrganisation() {
        PastReads pasts = new PastReads(2, FOREVER_MS);
        look(pasts, ACME, "a1", new CompletableFuture<>());
        look(pasts, ACME, "a2", new CompletableFuture<>());
        look(pasts, OTHER, "b", new CompletableFuture<>());
        look(pasts, THIRD, "c", new CompletableFuture<>());

        assertEquals(List.of("a1", "b"), begun);
    }

    @Test
    void whoseTurnDoesNotComeInTimeIsToldSoAndLeavesNothingBehind() {
        PastReads pasts = new PastReads(1, 50);
        CompletableFuture<String> first = new CompletableFuture<>();
        look(pasts, ACME, "first", first);
        CompletableFuture<String> late = look(pasts, OTHER, "late", new CompletableFuture<>());

        Throwable failure = Failures.cause(assertThrows(CompletionException.class, late::join));

        assertInstanceOf(UnavailableException.class, failure);
        first.complete("");
        assertEquals(
                "",
                look(pasts, OTHER, "next", CompletableFuture.completedFuture(""))
                        .join());
        assertEquals(List.of("first", "next"), begun);
    }

    @Test
    void aReadThatFailsGivesItsTurnToOthers() {
        PastReads pasts = new PastReads(1, FOREVER_MS);
        CompletableFuture<String> failed =
                look(pasts, ACME, "failed", CompletableFuture.failedFuture(new IllegalStateException("no such table")));
        CompletableFuture<String> thrown = pasts.inTurn(ACME, () -> {
            throw new IllegalStateException("refused at once");
        });

        assertThrows(CompletionException.class, failed::join);
        assertThrows(CompletionException.class, thrown::join);
        assertEquals(
                "",
                look(pasts, OTHER, "next", CompletableFuture.completedFuture(""))
                        .join());
    }
}
