package io.millrace.proto;

import java.time.DateTimeException;
import java.time.Instant;

/** A moment of the past: a time, which is a place in the log of each partition, or a place in that of one. */
public sealed interface Moment {

    /** As far as the log has come. */
    Time NOW = new Time(Long.MAX_VALUE);

    /**
     * Before all that the broker took in at this time or later.
     *
     * @param ms of the partition's clock, milliseconds since the epoch
     */
    record Time(long ms) implements Moment {

        /** @return the same, for what reckons with it */
        public Instant instant() {
            return Instant.ofEpochMilli(ms);
        }

        @Override
        public String toString() {
            return equals(NOW) ? "now" : instant().toString();
        }
    }

    /** Before the command at the offset of the partition. */
    record LogOffset(int partition, long offset) implements Moment {

        @Override
        public String toString() {
            return partition + ":" + offset;
        }
    }

    /**
     * Reads a moment as people write it. What is less than a millisecond of a time does not count.
     *
     * @throws IllegalArgumentException if it is none
     */
    static Moment parse(String text) {
        if (text.matches("[0-9]{1,6}:[0-9]{1,18}")) {
            int colon = text.indexOf(':');
            return new LogOffset(
                    Integer.parseInt(text, 0, colon, 10), Long.parseLong(text, colon + 1, text.length(), 10));
        }
        try {
            return new Time(Instant.parse(text).toEpochMilli());
        } catch (DateTimeException e) {
            throw new IllegalArgumentException(
                    "expected a time such as 2026-01-31T14:03:00Z, or partition:offset such as 3:12000, but got '"
                            + text + "'",
                    e);
        }
    }
}
