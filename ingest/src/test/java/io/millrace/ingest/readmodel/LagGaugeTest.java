package io.millrace.ingest.readmodel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.ingest.queries.ReadModelLag;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LagGaugeTest {

    private final LagGauge gauge = new LagGauge();

    /** One partition, whose log grows and is taken in by somebody else at each look. */
    private static final class Moving implements LagGauge.Places {
        private long end;

        @Override
        public Map<Integer, Projection.Taken> taken() {
            end += 10;
            return Map.of(0, new Projection.Taken(end, 0, 0, 0, null));
        }

        @Override
        public Map<Integer, Long> ends() {
            end += 10;
            return Map.of(0, end);
        }
    }

    private static LagGauge.Places standing(long end, long taken, long untilMs) {
        return new LagGauge.Places() {
            @Override
            public Map<Integer, Projection.Taken> taken() {
                return Map.of(0, new Projection.Taken(taken, untilMs, 2, 0, null));
            }

            @Override
            public Map<Integer, Long> ends() {
                return Map.of(0, end);
            }
        };
    }

    @Test
    void aDatabaseThatSomebodyElseMovesOnMeanwhileIsNotTakenForAnothers() throws Exception {
        Moving places = new Moving();
        assertEquals(new ReadModelLag(10, 1, 0, 0), gauge.measure(places, 5));
        assertEquals(new ReadModelLag(10, 1, 0, 0), gauge.measure(places, 6));
    }

    @Test
    void aDatabaseThatIsAheadOfItsLogIsSaidToBeSo() {
        String said = assertThrows(IllegalStateException.class, () -> gauge.measure(standing(4, 5, 0), 1))
                .getMessage();
        assertTrue(said.contains("belongs to another log"), said);
    }

    @Test
    void whatIsMissingIsYoungerThanTheMomentAtWhichNothingWas() throws Exception {
        assertEquals(new ReadModelLag(0, 0, 2, 0), gauge.measure(standing(5, 5, 100), 1_000));
        assertEquals(new ReadModelLag(3, 500, 2, 0), gauge.measure(standing(8, 5, 100), 1_500));
    }
}
