package io.millrace.dispatcher.topology.group;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.millrace.dispatcher.partition.Lease;
import java.util.OptionalLong;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.common.errors.DisconnectException;
import org.apache.kafka.common.errors.GroupAuthorizationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Workers are not to blame for what Kafka did not hear. */
class SilenceTest {

    /** Of a clock that has no beginning. */
    private static final long BEGAN = Long.MAX_VALUE - TimeUnit.SECONDS.toNanos(10);

    private final Silence silence = new Silence(Lease.LENGTH_NANOS);

    private static long at(long ms) {
        return BEGAN + TimeUnit.MILLISECONDS.toNanos(ms);
    }

    private void answered(long askedMs, long nowMs) {
        silence.answered(at(askedMs), at(nowMs));
    }

    @Test
    void itGoesOnUntilAnAnswerComes() {
        answered(0, 10);
        silence.failed(new TimeoutException(), at(2_300));
        assertEquals(OptionalLong.of(at(3_000)), silence.untilNanos(at(3_000)));
        silence.failed(new ExecutionException(new DisconnectException()), at(4_600));
        assertEquals(OptionalLong.of(at(29_000)), silence.untilNanos(at(29_000)));

        answered(29_100, 29_500);

        assertEquals(OptionalLong.of(at(29_500)), silence.untilNanos(at(60_000)));
        answered(60_000, 60_010);
        assertEquals(OptionalLong.of(at(29_500)), silence.untilNanos(at(61_000)), "leases may run for long");
    }

    @Test
    void whoWaitsForLongSeesItAsAnAnswerThatCameLate() {
        answered(0, 10);
        long lateMs = TimeUnit.NANOSECONDS.toMillis(Lease.LENGTH_NANOS);
        answered(300, 300 + lateMs);
        assertEquals(OptionalLong.of(at(300 + lateMs)), silence.untilNanos(at(9_000)));
    }

    /** Or each lease that runs out would start anew, and work that ends its workers would never come to an end. */
    @Test
    void whereAnswersTakeSecondsAsARuleThatIsNoSilence() {
        Silence patient = new Silence(TimeUnit.SECONDS.toNanos(60));
        patient.answered(at(0), at(10));
        patient.answered(at(300), at(9_000));
        assertEquals(OptionalLong.empty(), patient.untilNanos(at(9_000)));
        patient.answered(at(9_000), at(39_000));
        assertEquals(OptionalLong.of(at(39_000)), patient.untilNanos(at(50_000)));
    }

    @ParameterizedTest
    @ValueSource(longs = {10, 1_000, 1_999})
    void anAnswerThatIsALittleLateIsNone(long tookMs) {
        answered(0, 10);
        answered(300, 300 + tookMs);
        assertEquals(OptionalLong.empty(), silence.untilNanos(at(9_000)));
    }

    @Test
    void aFailureThatIsFollowedByAnAnswerAtOnceIsNone() {
        answered(0, 10);
        silence.failed(new TimeoutException(), at(1_009));
        answered(1_010, 1_020);
        assertEquals(OptionalLong.empty(), silence.untilNanos(at(9_000)));
    }

    @Test
    void whoRefusesIsThere() {
        answered(0, 10);
        silence.failed(new ExecutionException(GroupAuthorizationException.forGroupId("g")), at(5_000));
        assertEquals(OptionalLong.empty(), silence.untilNanos(at(9_000)));
    }

    @Test
    void beforeTheFirstAnswerNobodyOwnsAnything() {
        silence.failed(new TimeoutException(), at(5_000));
        assertEquals(OptionalLong.empty(), silence.untilNanos(at(9_000)));
    }
}
