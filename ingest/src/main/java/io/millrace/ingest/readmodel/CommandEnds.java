package io.millrace.ingest.readmodel;

import io.millrace.ingest.queries.Reach;
import io.millrace.proto.Moment;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Where the commands topic ended when it was looked at, over the last minute. Commands have no gaps, and the broker gives them their times.
 * So a read model that has the outcomes of all commands before such an end has all that was decided before the look, also where the
 * outcomes came late because nobody had the partition. Safe from any thread.
 */
final class CommandEnds {

    /** Clocks of nodes and brokers differ by less, and what a broker took in stands at the end of the topic sooner. */
    static final long MARGIN_MS = 1_000;

    private static final int LOOKS = 60;
    private static final long BEYOND = -1;

    private final Deque<Look> looks = new ArrayDeque<>();
    private long count;

    /**
     * What was seen.
     *
     * @param beforeMs when the look began, milliseconds since the epoch
     * @param ends by partition, the offset that the next command gets
     */
    record Look(long beforeMs, Map<Integer, Long> ends) {}

    synchronized void add(Look look) {
        looks.addLast(look);
        if (looks.size() > LOOKS) {
            looks.removeFirst();
        }
        count++;
        notifyAll();
    }

    /** @return how many partitions there are; 0 before the first look */
    synchronized int partitions() {
        return looks.isEmpty() ? 0 : looks.getLast().ends().size();
    }

    /**
     * Waits for a look that began after the call.
     *
     * @return whether there was one in that time
     */
    synchronized boolean awaitNext(long millis) throws InterruptedException {
        long wanted = count + 2; // the next one may be under way
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
        while (count < wanted) {
            long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
            if (left <= 0) {
                return false;
            }
            wait(left);
        }
        return true;
    }

    /**
     * @param at {@link At#NOW} stands for the last look
     * @param partition that matters; null: all of them
     * @param next by partition, offset of the command whose outcome the read model takes in next
     * @return whether it has all; {@link Reach#BEHIND_THE_LOG} as of the last look
     */
    synchronized Reach of(Moment at, @Nullable Integer partition, Map<Integer, Long> next) {
        return switch (at) {
            case Moment.Time time -> {
                Look look = lookFor(time);
                yield look != null && has(look, partition, next) ? Reach.ALL : Reach.NOT_YET;
            }
            case Moment.LogOffset place -> of(place, next);
        };
    }

    private Reach of(Moment.LogOffset place, Map<Integer, Long> next) {
        if (next.getOrDefault(place.partition(), BEYOND) >= place.offset()) {
            return Reach.ALL;
        }
        return looks.isEmpty() || place.offset() <= end(looks.getLast(), place.partition())
                ? Reach.NOT_YET
                : Reach.BEHIND_THE_LOG;
    }

    /**
     * @return a moment that stays what now is at the call: all that was decided before the last look. {@link Moment#NOW} goes on with the
     *     looks, so whoever waits for it would never see a read model reach it while commands come
     */
    synchronized Moment now() {
        return looks.isEmpty() ? Moment.NOW : new Moment.Time(looks.getLast().beforeMs() - MARGIN_MS);
    }

    /** @return the first one behind the time; for older times the first one that is known, which asks for more than need be */
    private @Nullable Look lookFor(Moment.Time time) {
        if (time.equals(Moment.NOW)) {
            return looks.peekLast();
        }
        for (Look look : looks) {
            if (look.beforeMs() - MARGIN_MS >= time.ms()) {
                return look;
            }
        }
        return null;
    }

    private static boolean has(Look look, @Nullable Integer partition, Map<Integer, Long> next) {
        if (partition != null) {
            return next.getOrDefault(partition, BEYOND) >= end(look, partition);
        }
        return look.ends().entrySet().stream()
                .allMatch(end -> next.getOrDefault(end.getKey(), BEYOND) >= end.getValue());
    }

    private static long end(Look look, int partition) {
        return look.ends().getOrDefault(partition, 0L);
    }
}
