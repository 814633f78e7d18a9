package io.millrace.dispatcher.replay.log;

import java.time.DateTimeException;
import java.time.Instant;

/** A place in a recorded log: a time, which is one in each partition, or a command of one partition. */
public sealed interface Moment {

    /** Before the first command of each partition that the broker took in at this time or later. */
    record Time(Instant instant) implements Moment {

        @Override
        public String toString() {
            return instant.toString();
        }
    }

    /** Before the command at the offset of the partition. */
    record Place(int partition, long offset) implements Moment {

        @Override
        public String toString() {
            return partition + ":" + offset;
        }
    }

    /**
     * Reads a moment as people write it.
     *
     * @throws IllegalArgumentException if it is none
     */
    static Moment parse(String text) {
        if (text.matches("[0-9]{1,6}:[0-9]{1,18}")) {
            int colon = text.indexOf(':');
            return new Place(Integer.parseInt(text, 0, colon, 10), Long.parseLong(text, colon + 1, text.length(), 10));
        }
        try {
            return new Time(Instant.parse(text));
        } catch (DateTimeException e) {
            throw new IllegalArgumentException(
                    "expected a time such as 2026-01-31T14:03:00Z, or partition:offset such as 3:12000," + " but got '"
                            + text + "'",
                    e);
        }
    }
}
