package io.millrace.dispatcher.engine.state;

import io.millrace.dispatcher.engine.command.PlaceLine;
import io.millrace.dispatcher.engine.command.WorkPolicy.Limit;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * What the partition of a queue knows of the places that it lends.
 *
 * @param epoch of the limit
 * @param lines by partition
 * @param last partition that was lent a place last, -1: none; the next one in turn comes behind it
 * @param paidNs up to when the rate is used up, nanoseconds since the epoch; 0: it never was
 * @param nextMs when the rate allows the next one, and somebody waits for it, milliseconds since the epoch; 0: nobody waits for the rate
 */
public record PlaceLender(long epoch, Map<Integer, PlaceLine> lines, int last, long paidNs, long nextMs) {

    /** Copies the lines. */
    public PlaceLender {
        lines = Collections.unmodifiableMap(new TreeMap<>(lines));
    }

    /** @return one that has lent nothing yet */
    public static PlaceLender begin(long epoch) {
        return new PlaceLender(epoch, Map.of(), -1, 0, 0);
    }

    /** @return how many places are not free */
    public long out() {
        return lines.values().stream()
                .mapToLong(line -> line.lent() - line.returned())
                .sum();
    }

    /** @return how many more the limit lets be lent, whatever its rate */
    public long room(Limit limit) {
        return limit.inFlight() == 0 ? Long.MAX_VALUE : limit.inFlight() - out();
    }

    /** @return the same, with another line */
    public PlaceLender with(int partition, PlaceLine line) {
        Map<Integer, PlaceLine> more = new TreeMap<>(lines);
        more.put(partition, line);
        return new PlaceLender(epoch, more, last, paidNs, nextMs);
    }
}
