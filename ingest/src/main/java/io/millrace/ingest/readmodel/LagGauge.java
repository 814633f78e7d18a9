package io.millrace.ingest.readmodel;

import io.millrace.ingest.queries.ReadModelLag;
import java.util.HashMap;
import java.util.Map;

/**
 * Works out how far the database is behind the log, over all partitions and whoever takes them in. One thread.
 */
final class LagGauge {

    private static final Projection.Taken NOTHING = new Projection.Taken(0, 0);

    /** When a partition was last seen with nothing missing: what is missing later is younger than that. */
    private final Map<Integer, Long> completeAtMs = new HashMap<>();

    /**
     * @param ends by partition, where the committed log ends
     * @param taken by partition, how far the database is
     * @param nowMs milliseconds since the epoch
     */
    ReadModelLag measure(Map<Integer, Long> ends, Map<Integer, Projection.Taken> taken, long nowMs) {
        long records = 0;
        long millis = 0;
        for (Map.Entry<Integer, Long> end : ends.entrySet()) {
            int partition = end.getKey();
            Projection.Taken there = taken.getOrDefault(partition, NOTHING);
            long missing = Math.max(0, end.getValue() - there.nextOffset());
            if (missing == 0) {
                completeAtMs.put(partition, nowMs);
                continue;
            }
            records += missing;
            long youngerThan = Math.max(completeAtMs.getOrDefault(partition, 0L), there.untilMs());
            // Before the first record is in, nobody knows how old the oldest is.
            millis = Math.max(millis, youngerThan == 0 ? 1 : Math.max(1, nowMs - youngerThan));
        }
        return new ReadModelLag(records, millis);
    }
}
