package io.millrace.ingest.limits;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.ingest.config.OrganisationLimits;
import io.millrace.ingest.config.RateLimits;
import io.millrace.ingest.limits.CallRates.Purpose;
import io.millrace.ingest.limits.CallRates.TooMuch;
import io.millrace.ingest.limits.ReachedLimits.Limit;
import io.millrace.proto.auth.Caller;
import io.millrace.proto.v1.Principal;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class CallRatesTest {

    private static final UUID ORG = UUID.randomUUID();
    private static final UUID OTHER = UUID.randomUUID();

    /** Near the end of its range, as a clock of nanoseconds may be. */
    private final AtomicLong now = new AtomicLong(Long.MAX_VALUE / 2);

    private static Caller caller(UUID org, String credential, String id) {
        return new Caller(
                org,
                "acme",
                Principal.newBuilder().setId(id).setCredential(credential).build(),
                "peer");
    }

    private CallRates rates(RateLimits all, RateLimits each) {
        return new CallRates(Map.of(ORG, new OrganisationLimits(all, each, 0, 0)), now::get);
    }

    private void pass(Duration time) {
        now.addAndGet(time.toNanos());
    }

    private static Optional<TooMuch> ask(CallRates rates, String key) {
        return asking(rates, key, Purpose.WORK).enter();
    }

    private static CallRates.Asking asking(CallRates rates, String key, Purpose purpose) {
        return rates.of(caller(ORG, key, "ann"), Optional.empty(), purpose);
    }

    private static int admitted(CallRates rates, String key) {
        int calls = 0;
        while (ask(rates, key).isEmpty()) {
            calls++;
        }
        return calls;
    }

    @Test
    void soManyComeAtOnceAndThenSoManyInASecond() {
        CallRates rates = rates(new RateLimits(10, 30, 0), RateLimits.NONE);

        assertEquals(30, admitted(rates, "key-a"));
        TooMuch refused = ask(rates, "key-b").orElseThrow();
        assertEquals(Optional.of(Duration.ofMillis(100)), refused.pause());
        assertEquals(
                "expected at most 10 calls a second of the organisation 'acme' on this node, and 30 at once, but there are"
                        + " more",
                refused.text());
        pass(refused.pause().orElseThrow());
        assertEquals(1, admitted(rates, "key-a"));
        pass(Duration.ofSeconds(1));
        assertEquals(10, admitted(rates, "key-a"));
        pass(Duration.ofHours(1));
        assertEquals(30, admitted(rates, "key-a"));
        assertTrue(rates.reached().times(Limit.ORGANISATION_CALLS) >= 4);
        assertEquals(0, rates.reached().times(Limit.KEY_CALLS));
    }

    @Test
    void eachKeyHasItsOwnAndAnotherOrganisationWhatItLikes() {
        CallRates rates = rates(RateLimits.NONE, new RateLimits(5, 0, 0));

        assertEquals(5, admitted(rates, "key-a"));
        assertEquals(5, admitted(rates, "key-b"));
        assertTrue(ask(rates, "key-a").orElseThrow().text().contains("5 calls a second of the key key-a"));
        CallRates.Asking own =
                rates.of(caller(ORG, "key-c", "ann"), Optional.of(new RateLimits(1, 0, 0)), Purpose.WORK);
        assertTrue(own.enter().isEmpty());
        assertTrue(own.enter().isPresent());
        for (int i = 0; i < 1_000; i++) {
            assertTrue(rates.of(caller(OTHER, "key-d", "eve"), Optional.empty(), Purpose.WORK)
                    .enter()
                    .isEmpty());
        }
    }

    @Test
    void aNewTokenOfTheSameHolderIsNoNewKey() {
        CallRates rates = rates(RateLimits.NONE, new RateLimits(2, 0, 0));

        assertEquals(2, admitted(rates, "token-1"));
        assertEquals(0, admitted(rates, "token-2"));
    }

    @Test
    void whatTheOrganisationRefusesCostsItsKeyNothing() {
        CallRates rates = rates(new RateLimits(1, 0, 0), new RateLimits(2, 0, 0));

        assertEquals(1, admitted(rates, "key-a"));
        for (int i = 0; i < 10; i++) {
            assertTrue(ask(rates, "key-a").orElseThrow().text().contains("organisation"));
        }
        pass(Duration.ofSeconds(1));
        assertEquals(1, admitted(rates, "key-a"));
    }

    @Test
    void whatRelievesIsNotHeldUpByWhatBringsWorkAndHasAnEndToo() {
        CallRates rates = rates(new RateLimits(1, 3, 1_000), new RateLimits(1, 2, 1_000));
        assertEquals(2, admitted(rates, "key-a"));
        assertEquals(1, admitted(rates, "key-b"));
        assertTrue(asking(rates, "key-c", Purpose.WORK).carries(1_000).isEmpty());
        assertTrue(asking(rates, "key-d", Purpose.WORK).carries(1_000).isEmpty());

        CallRates.Asking relief = asking(rates, "key-a", Purpose.RELIEF);

        assertTrue(relief.enter().isEmpty());
        assertTrue(relief.carries(1_000).isEmpty());
        assertTrue(asking(rates, "key-e", Purpose.RELIEF).enter().isPresent(), "it waits for relief before it");
        pass(Duration.ofMillis(2));
        assertTrue(asking(rates, "key-e", Purpose.RELIEF).enter().isEmpty());
        assertTrue(asking(rates, "key-a", Purpose.RELIEF).enter().isEmpty());
        TooMuch refused = asking(rates, "key-a", Purpose.RELIEF).enter().orElseThrow();
        assertTrue(refused.text().contains("to end, hold back or manage"), refused.text());
    }

    @Test
    void whatIsCarriedIsLentUpToASecondsAndTheNextCallWaitsForIt() {
        CallRates rates = rates(new RateLimits(0, 0, 1_000), new RateLimits(0, 0, 5_000));
        List<CallRates.Asking> atOnce = Stream.of("key-a", "key-b", "key-c")
                .map(key -> asking(rates, key, Purpose.WORK))
                .toList();
        atOnce.forEach(each -> assertTrue(each.enter().isEmpty()));

        assertTrue(atOnce.get(0).carries(1_000).isEmpty());
        assertTrue(atOnce.get(1).carries(900).isEmpty());
        TooMuch beyond = atOnce.get(2).carries(900).orElseThrow();
        assertEquals(Optional.of(Duration.ofMillis(800)), beyond.pause());
        assertTrue(beyond.text().contains("1000 payload bytes a second of the organisation 'acme'"), beyond.text());
        TooMuch refused = ask(rates, "key-b").orElseThrow();

        assertEquals(Optional.of(Duration.ofMillis(900).plusNanos(1)), refused.pause());
        pass(Duration.ofMillis(899));
        assertFalse(ask(rates, "key-b").isEmpty());
        pass(Duration.ofMillis(2));
        assertTrue(ask(rates, "key-b").isEmpty());
        assertTrue(atOnce.get(2).carries(1_000).isEmpty(), "whoever is let in may carry as much as is ever let in");
        assertEquals(3, rates.reached().times(Limit.ORGANISATION_PAYLOAD_BYTES));
    }

    @Test
    void whatIsMoreThanASecondsCanNeverPassAndLeavesNoDebt() {
        CallRates rates = rates(new RateLimits(0, 0, 1_000), RateLimits.NONE);
        CallRates.Asking large = asking(rates, "key-a", Purpose.WORK);
        assertTrue(large.enter().isEmpty());

        TooMuch refused = large.carries(1_001).orElseThrow();

        assertEquals(Optional.empty(), refused.pause());
        assertEquals(
                "expected a request to carry no more than the 1000 payload bytes that the organisation 'acme' may have in a"
                        + " second, but it carries 1001: it can never pass",
                refused.text());
        assertTrue(ask(rates, "key-b").isEmpty());
    }

    @Test
    void whatTheOrganisationCannotLendCostsItsKeyNothing() {
        CallRates rates = rates(new RateLimits(0, 0, 1_000), new RateLimits(0, 0, 1_000));
        assertTrue(asking(rates, "key-a", Purpose.WORK).carries(1_000).isEmpty());
        assertTrue(asking(rates, "key-b", Purpose.WORK).carries(1_000).isEmpty());
        for (int i = 0; i < 10; i++) {
            assertTrue(asking(rates, "key-c", Purpose.WORK)
                    .carries(1_000)
                    .orElseThrow()
                    .text()
                    .contains("organisation"));
        }
        pass(Duration.ofSeconds(1));

        assertTrue(asking(rates, "key-c", Purpose.WORK).carries(1_000).isEmpty());
    }
}
