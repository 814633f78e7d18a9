package io.millrace.ingest.readmodel;

import io.millrace.ingest.queries.ReadModelLag;
import io.millrace.proto.Topics;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;

/**
 * Works out how far the database is behind the log, over all partitions and whoever takes them in. One thread.
 */
final class LagGauge {

    private static final Projection.Taken NOTHING = new Projection.Taken(0, 0, 0, 0, null);

    /** When a partition was last seen with nothing missing: what is missing later is younger than that. */
    private final Map<Integer, Long> completeAtMs = new HashMap<>();

    /** Where to look. */
    interface Places {

        /** @return by partition, how far the database is */
        Map<Integer, Projection.Taken> taken() throws SQLException;

        /** @return by partition, where the committed log ends */
        Map<Integer, Long> ends();
    }

    /**
     * Looks at the database first: while somebody moves it on, it may well be beyond an end that was looked at before.
     *
     * @param nowMs milliseconds since the epoch
     * @throws IllegalStateException if the database is ahead of the log, so that it must belong to another
     */
    ReadModelLag measure(Places places, long nowMs) throws SQLException {
        Map<Integer, Projection.Taken> taken = places.taken();
        Map<Integer, Long> ends = places.ends();
        long records = 0;
        long millis = 0;
        for (Map.Entry<Integer, Long> end : ends.entrySet()) {
            int partition = end.getKey();
            Projection.Taken there = taken.getOrDefault(partition, NOTHING);
            long missing = end.getValue() - there.nextOffset();
            if (missing < 0) {
                throw ahead(partition, there.nextOffset());
            }
            if (missing == 0) {
                completeAtMs.put(partition, nowMs);
                continue;
            }
            records += missing;
            long youngerThan = Math.max(completeAtMs.getOrDefault(partition, 0L), there.untilMs());
            // Before the first record is in, nobody knows how old the oldest is.
            millis = Math.max(millis, youngerThan == 0 ? 1 : Math.max(1, nowMs - youngerThan));
        }
        long passedOver =
                taken.values().stream().mapToLong(Projection.Taken::passedOver).sum();
        long breaks =
                taken.values().stream().mapToLong(Projection.Taken::breaks).sum();
        return new ReadModelLag(records, millis, passedOver, breaks);
    }

    /** Says that the log ends before the offset where the database stands. */
    static IllegalStateException ahead(int partition, long nextOffset) {
        return new IllegalStateException(
                "expected partition " + partition + " of " + Topics.EVENTS + " to reach offset "
                        + nextOffset
                        + ", where the read model stands, but it ends before: the database belongs to another log, or the"
                        + " log was cut; `millrace rebuild-read-model` fills it from this one");
    }
}
