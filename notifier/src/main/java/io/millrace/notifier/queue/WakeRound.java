package io.millrace.notifier.queue;

/**
 * How many subscribers to wake for the work of one kind that nobody's poll takes. Each new piece wakes one. If after a
 * delay none of it was taken, the woken ones count as dead and twice as many are woken, and so on until all were told
 * once. While work is taken, if slowly, the crowd is left alone: only one more is woken each time. Guarded by the entry's
 * lock; times are those of {@link System#nanoTime()}.
 */
final class WakeRound {

    private final String kind;
    private int waiting;
    private long announced;
    private long taken;
    private long takenBefore;
    private long mark;
    private int step;
    private int told;
    private boolean timed;
    private boolean scheduled;
    private boolean exhausted;
    private long exhaustedAt;

    WakeRound(String kind) {
        this.kind = kind;
    }

    String kind() {
        return kind;
    }

    /** @return true once, when an expiry is to be arranged: at most one is under way */
    boolean takeTimer() {
        if (!timed || scheduled) {
            return false;
        }
        scheduled = true;
        return true;
    }

    /** @return whether nothing waits and nothing is to come */
    boolean isIdle() {
        return waiting == 0 && !scheduled;
    }

    /**
     * Takes the number of pieces that stand unassigned now.
     *
     * @param crowd subscribers that take the kind
     * @return how many of them to wake
     */
    int update(int pieces, int crowd, long now) {
        int more = pieces - waiting;
        waiting = pieces;
        if (more <= 0) {
            taken -= more;
            return 0;
        }
        announced += more;
        int wake = Math.min(more, crowd);
        if (!timed && (!exhausted || taken >= mark)) {
            begin(wake);
        } else {
            told += wake;
        }
        settle(crowd, now);
        return wake;
    }

    /**
     * The delay since the last wake-ups is over.
     *
     * @return how many to wake now
     */
    int expire(int crowd, long now) {
        scheduled = false;
        if (!timed || waiting == 0) {
            timed = false;
            return 0;
        }
        if (taken >= mark) {
            begin(0);
            settle(crowd, now);
            return 0;
        }
        step = taken > takenBefore ? 1 : step * 2;
        takenBefore = taken;
        int wake = Math.max(0, Math.min(step, crowd - told));
        told += wake;
        settle(crowd, now);
        return wake;
    }

    /**
     * The dispatcher has said again that the work is there.
     *
     * @param pause nanoseconds that must have passed since everybody was told
     * @return how many to wake now
     */
    int repeat(int crowd, long now, long pause) {
        if (!exhausted || waiting == 0 || crowd == 0 || now - exhaustedAt < pause) {
            return 0;
        }
        begin(1);
        settle(crowd, now);
        return 1;
    }

    private void begin(int woken) {
        mark = announced;
        takenBefore = taken;
        step = Math.max(1, woken);
        told = woken;
        exhausted = false;
    }

    private void settle(int crowd, long now) {
        boolean everybodyTold = told >= crowd;
        if (everybodyTold && !exhausted) {
            exhaustedAt = now;
        }
        exhausted = everybodyTold;
        timed = !everybodyTold;
    }
}
