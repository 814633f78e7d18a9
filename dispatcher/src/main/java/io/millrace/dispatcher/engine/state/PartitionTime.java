package io.millrace.dispatcher.engine.state;

import io.millrace.dispatcher.engine.command.CommandMeta;
import io.millrace.dispatcher.engine.command.Rules;

/**
 * The one clock by which a partition decides, milliseconds since the epoch. It follows the times at which the broker took the
 * commands in, so no writer can move it. It never runs backwards and never stands still while commands come in. It may have
 * run ahead, because a broker's clock was ahead or went back. Then it goes on at half the speed of the append times until they
 * have caught up. Under the rules before {@link Rules#ONE_CLOCK} it is the latest time of any writer.
 *
 * <p>Times depend on the commands alone, so a replay gives the same. One thread.
 */
final class PartitionTime {

    /** No append time has counted yet. */
    static final long NONE = Long.MIN_VALUE;

    private long ms;
    /** Append time up to which the progress of the append times has been counted. */
    private long appendedMs;

    PartitionTime(long ms, long appendedMs) {
        this.ms = ms;
        this.appendedMs = appendedMs;
    }

    long ms() {
        return ms;
    }

    long appendedMs() {
        return appendedMs;
    }

    /** @return whether it has run ahead of the append times, and so goes on at half their speed */
    boolean ahead() {
        return appendedMs != NONE && ms > appendedMs;
    }

    /**
     * It was recorded that this was the time.
     *
     * @param appendedUntilMs append time up to which the progress of the append times was counted; {@link #NONE}: no time
     */
    void set(long recordedMs, long appendedUntilMs) {
        ms = recordedMs;
        appendedMs = appendedUntilMs;
    }

    /** The command comes next in the log. */
    void advance(CommandMeta meta, int rules) {
        if (rules < Rules.ONE_CLOCK) {
            ms = Math.max(ms, meta.timeMs());
        } else {
            appended(meta.appendedMs());
        }
    }

    private void appended(long atMs) {
        if (appendedMs == NONE || atMs < appendedMs) {
            appendedMs = atMs; // the broker's clock went back: what it says from here on is progress
        }
        long half = (atMs - appendedMs) / 2;
        if (ms + half <= atMs) {
            ms = atMs;
            appendedMs = atMs;
        } else {
            ms += half;
            appendedMs += 2 * half; // an odd millisecond counts with the next command
        }
    }
}
