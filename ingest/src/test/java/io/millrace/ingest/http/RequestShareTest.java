package io.millrace.ingest.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.millrace.ingest.limits.LoadSettings;
import io.millrace.ingest.limits.OrganisationLoads;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;

class RequestShareTest {

    private static final UUID ORG = new UUID(1, 1);

    private final OrganisationLoads loads = new OrganisationLoads(new LoadSettings(4, 4, 4, 2, 1, 100, 100, 100));

    @Test
    void anOrganisationHasNoMoreRequestsThanItLeavesFreeAndIsToldWhenToTryAgain() {
        try (RequestShare first = new RequestShare(loads);
                RequestShare second = new RequestShare(loads);
                RequestShare third = new RequestShare(loads);
                RequestShare ofAnother = new RequestShare(loads)) {
            first.take(ORG);
            second.take(ORG);

            HttpException refusal = assertThrows(HttpException.class, () -> third.take(ORG));

            assertEquals(429, refusal.reply().status());
            assertEquals("1", refusal.reply().headers().get("Retry-After"));
            ofAnother.take(new UUID(2, 2));
        }
        assertEquals(0, loads.of(ORG).calls().own());
    }

    @Test
    void largeBodiesTakeTheirMemoryOfTheOrganisationsShareUntilTheAnswerIsWritten() {
        OrganisationLoads node = new OrganisationLoads(new LoadSettings(4, 4, 4, 2, 1, 100, 100, 100_000));
        try (RequestShare first = new RequestShare(node);
                RequestShare second = new RequestShare(node)) {
            first.take(ORG);
            second.take(ORG);
            first.holds(20_000);
            first.holds(40_000);

            HttpException refusal = assertThrows(HttpException.class, () -> second.holds(20_000));

            assertEquals(429, refusal.reply().status());
            assertEquals(40_000, node.of(ORG).requestBytes().own());
            second.holds(16_000);
        }
        assertEquals(0, node.of(ORG).requestBytes().own());
    }

    @Test
    void anEventStreamKeepsNoSeatOfARequest() {
        try (RequestShare turn = new RequestShare(loads)) {
            turn.take(ORG);

            turn.becameStream();

            assertEquals(0, loads.of(ORG).calls().own());
        }
        assertEquals(0, loads.of(ORG).calls().own());
    }

    @Test
    void aHistoryWaitsUntilTheOneBeforeIsWritten() throws Exception {
        RequestShare first = new RequestShare(loads);
        first.take(ORG);
        first.readsHistory();
        CompletableFuture<Void> second = CompletableFuture.runAsync(() -> {
            try (RequestShare turn = new RequestShare(loads)) {
                turn.take(ORG);
                turn.readsHistory();
                assertEquals(1, loads.of(ORG).calls().own());
            }
        });

        first.close();

        second.get(30, TimeUnit.SECONDS);
    }

    @Test
    void aHistoryThatIsReadLeavesItsPlaceAndHoldsItsBytesUntilItIsWritten() {
        OrganisationLoads node = new OrganisationLoads(new LoadSettings(8, 4, 4, 1, 1, 200_000, 100_000, 100));
        try (RequestShare slow = new RequestShare(node)) {
            slow.take(ORG);
            slow.readsHistory();
            slow.answers(90_000);

            assertEquals(90_000 - (64 << 10), node.of(ORG).answers().charged());
            try (RequestShare other = new RequestShare(node)) {
                other.take(ORG);
                other.readsHistory(); // the only place is free again
            }
        }
        assertEquals(0, node.of(ORG).answers().charged());
    }

    @Test
    void aFileOfProofsKeepsItsPlaceUntilItIsWrittenAndTakesNoneOfHistories() {
        RequestShare slow = new RequestShare(loads);
        slow.take(ORG);
        slow.provesRecords();
        slow.answers(0);
        CompletableFuture<Void> next = new CompletableFuture<>();

        try (RequestShare reader = new RequestShare(loads)) {
            reader.take(ORG);
            reader.readsHistory();
        }
        Thread.startVirtualThread(() -> {
            try (RequestShare turn = new RequestShare(loads)) {
                turn.take(ORG);
                turn.provesRecords();
                next.complete(null);
            } catch (HttpException tooMany) {
                next.completeExceptionally(tooMany);
            }
        });

        assertThrows(TimeoutException.class, () -> next.get(200, TimeUnit.MILLISECONDS));
        slow.close();
        next.orTimeout(30, TimeUnit.SECONDS).join();
    }

    @Test
    void whatIsNoHistoryHoldsNoBytesOfAnswers() {
        try (RequestShare turn = new RequestShare(loads)) {
            turn.take(ORG);

            turn.answers(90_000);

            assertEquals(0, loads.of(ORG).answers().charged());
        }
    }

    @Test
    void whoWaitsForTheEndOfAnExecutionKeepsNoPlaceFromThoseWhoRead() {
        OrganisationLoads node = new OrganisationLoads(new LoadSettings(8, 4, 4, 1, 1, 200_000, 100_000, 100));
        try (RequestShare waiting = new RequestShare(node)) {
            waiting.take(ORG);
            waiting.readsHistory();

            waiting.waits();

            try (RequestShare other = new RequestShare(node)) {
                other.take(ORG);
                other.readsHistory(); // the only place is free again
            }
            waiting.readsHistory();
            waiting.answers(90_000);
            assertEquals(90_000 - (64 << 10), node.of(ORG).answers().charged());
        }
        assertEquals(0, node.of(ORG).answers().charged());
    }
}
