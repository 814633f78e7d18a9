package io.millrace.ingest.encryption;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import java.util.OptionalLong;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

class ToldEndsTest {

    private static final TopicPartition PLACE = new TopicPartition("keys", 0);

    private final ToldEnds ends = new ToldEnds();

    @Test
    void whoReadsUpToAnEndKnowsAllAsOfTheTimeAtWhichItWasAskedForThoughMoreIsWrittenMeanwhile() {
        ends.told(Map.of(PLACE, 100L), 7);

        assertEquals(OptionalLong.empty(), ends.reached(place -> 99));
        assertEquals(OptionalLong.of(7), ends.reached(place -> 100));
        assertTrue(ends.none());
    }

    @Test
    void anEndThatWasForgottenIsNeverReached() {
        ends.told(Map.of(PLACE, 100L), 7);

        ends.forget();

        assertEquals(OptionalLong.empty(), ends.reached(place -> 1_000));
    }

    @Test
    void allPartitionsHaveToBeRead() {
        TopicPartition other = new TopicPartition("keys", 1);
        ends.told(Map.of(PLACE, 100L, other, 5L), 7);

        assertEquals(OptionalLong.empty(), ends.reached(place -> place.equals(PLACE) ? 100 : 4));
        assertEquals(OptionalLong.of(7), ends.reached(place -> place.equals(PLACE) ? 100 : 5));
    }
}
