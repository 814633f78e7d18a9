package io.millrace.dispatcher.engine.state;

import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Says which things of a partition's state are being changed, so that other threads can tell whether what they read of one
 * belongs together. It is a sequence lock over stripes: a thing is an execution, a task, a promise, an organisation or a key,
 * and its number is odd from the first change that a command makes to it until the command is whole. So is that of an
 * execution while its records are written. A reader takes what it read only if the numbers were even and have stayed the same.
 *
 * <p>{@link #begin} and {@link #end} on the partition's thread, which never waits here; all else on any.
 */
public final class Changes {

    /** Instead of a turn: a change is under way. */
    public static final long UNDER_WAY = -1;

    /** A power of two. So many that a reader hardly ever meets changes of anything else. */
    private static final int STRIPES = 1024;

    private final AtomicLongArray turns = new AtomicLongArray(STRIPES);
    private int[] open = new int[16];
    private int opened;

    Changes() {}

    /** @return what stands for a key */
    public static UUID ofKey(String key) {
        return new UUID(0, key.hashCode());
    }

    /** The thing is about to be changed. */
    void begin(UUID thing) {
        int stripe = stripe(thing);
        long turn = turns.getPlain(stripe);
        if ((turn & 1) != 0) {
            return;
        }
        turns.set(stripe, turn + 1);
        VarHandle.storeStoreFence(); // no change may be seen before that
        if (opened == open.length) {
            open = Arrays.copyOf(open, 2 * opened);
        }
        open[opened++] = stripe;
    }

    /** All that was begun is whole again. */
    public void end() {
        while (opened > 0) {
            int stripe = open[--opened];
            turns.setRelease(stripe, turns.getPlain(stripe) + 1);
        }
    }

    /** @return how often the things have been changed; {@link #UNDER_WAY} while one of them is being changed */
    public long turn(UUID... things) {
        long sum = 0;
        for (UUID thing : things) {
            long turn = turns.getAcquire(stripe(thing));
            if ((turn & 1) != 0) {
                return UNDER_WAY;
            }
            sum += turn;
        }
        return sum;
    }

    /** @return whether nothing of the things has changed since the turn, so that what was read since then belongs together */
    public boolean noneSince(long turn, UUID... things) {
        VarHandle.acquireFence(); // what was read was read before this
        return turn(things) == turn;
    }

    private static int stripe(UUID thing) {
        int hash = thing.hashCode() * 0x9E3779B9;
        return hash >>> 16 & STRIPES - 1;
    }
}
