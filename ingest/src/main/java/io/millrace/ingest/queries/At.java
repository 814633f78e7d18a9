package io.millrace.ingest.queries;

import java.time.Instant;

/** A moment of the past. */
public sealed interface At {

    /** As far as the read model has come. */
    Time NOW = new Time(Long.MAX_VALUE);

    /**
     * Before all that was decided at this time or later.
     *
     * @param ms of the partition's clock, milliseconds since the epoch
     */
    record Time(long ms) implements At {

        @Override
        public String toString() {
            return equals(NOW) ? "now" : Instant.ofEpochMilli(ms).toString();
        }
    }

    /** Before the command at the offset of the partition. */
    record Place(int partition, long offset) implements At {

        @Override
        public String toString() {
            return partition + ":" + offset;
        }
    }
}
