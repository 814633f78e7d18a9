package io.millrace.notifier.queue;

import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * How many subscribers to wake for the work of one kind that nobody's poll takes. Each piece wakes one. If that one
 * does not come in its usual time it may be dead, and one more is woken in its place. If it was only slow this once,
 * two come for one piece. More than two are woken only when the first are given up, because they have not come for
 * long. Then as many are woken as were waited for in vain, until all were told once. While work is taken, if slowly,
 * one more at a time is enough. Guarded by the entry's lock; times are nanoseconds of the index's clock.
 */
final class WakeRound {

    /** The timer of a round that nothing is to come of. */
    static final long NEVER = Long.MAX_VALUE;

    private final String kind;
    private final long least;
    /** Those who were woken and are still believed to come, in the order in which they cease to be. */
    private final SortedSet<Listener> expected = new TreeSet<>(Listener.BY_DOUBT);
    /** Those who should have come by now, and have not been given up. */
    private final Set<Listener> doubted = new LinkedHashSet<>();

    private int waiting;
    private int announced;
    private int seconds;
    private int givenUp;
    private boolean progress;
    private boolean everybodyTold;
    private long everybodyToldAt;
    private long begun;
    private long timerAt = NEVER;

    /** @param least shortest time after which more are woken */
    WakeRound(String kind, long least) {
        this.kind = kind;
        this.least = least;
    }

    String kind() {
        return kind;
    }

    /** @return pieces that stand unassigned */
    int waiting() {
        return waiting;
    }

    /** @return of those who owe a poll for this round's work the one that was to come first, or null */
    @Nullable
    Listener first() {
        if (!doubted.isEmpty()) {
            return doubted.iterator().next();
        }
        return expected.isEmpty() ? null : expected.first();
    }

    /** @return whether nothing waits and nobody is waited for */
    boolean isIdle() {
        return announced == 0 && expected.isEmpty() && doubted.isEmpty();
    }

    /** @return tickets from here on were given in this round: their listeners were told */
    long begun() {
        return begun;
    }

    /**
     * Takes the number of pieces that stand unassigned now.
     *
     * @param ready those of the kind on which claims are under way included
     * @param ticket the next that will be given
     * @return how many listeners to wake, each in its turn, whether told before or not
     */
    int update(int pieces, int ready, long ticket) {
        if (waiting == 0) {
            begin(ticket);
        }
        if (pieces < waiting) {
            progress = true;
            givenUp = 0;
            if (everybodyTold) {
                begin(ticket);
            }
        }
        // A piece whose claim came to nothing stands there again. So does, for a moment, a piece whose news comes
        // before the answer to its claim. Neither is new.
        announced = Math.min(announced, ready);
        int more = Math.max(0, pieces - announced);
        announced += more;
        waiting = pieces;
        seconds = Math.min(seconds + more, waiting);
        return more;
    }

    private void begin(long ticket) {
        begun = ticket;
        everybodyTold = false;
        givenUp = 0;
    }

    /** The dispatcher has said again that the work is there, and there was time enough since everybody was told. */
    int repeat(long now, long pause, long ticket) {
        if (!everybodyTold || waiting == 0 || !expected.isEmpty() || now - everybodyToldAt < pause) {
            return 0;
        }
        begin(ticket);
        seconds = Math.max(seconds, 1);
        return 1;
    }

    /** @return how many more to wake, of those who were not told in this round */
    int more() {
        int missing = missing();
        int uncovered = missing - doubted.size();
        if (missing <= 0 || everybodyTold || seconds == 0 && uncovered <= 0) {
            return 0;
        }
        int most = seconds > 0 ? Math.min(missing, seconds) : uncovered + givenUp;
        int many = progress ? Math.min(most, 1) : most;
        progress = false;
        seconds = Math.max(0, seconds - many);
        return many;
    }

    private int missing() {
        return waiting - expected.size();
    }

    /** Nobody is left who was not told. */
    void everybodyTold(long now) {
        if (!everybodyTold) {
            everybodyTold = true;
            everybodyToldAt = now;
        }
    }

    /**
     * Somebody has come to listen.
     *
     * @return whether it is wanted at once, since nobody else is left who may be on the way
     */
    boolean wantsNewcomer() {
        long missing = waiting - alive(expected);
        boolean wanted = missing > 0 && (everybodyTold || seconds > 0 || missing > alive(doubted));
        if (wanted) {
            seconds = Math.max(0, seconds - 1);
        }
        everybodyTold = false;
        return wanted;
    }

    private static long alive(Collection<Listener> woken) {
        return woken.stream().filter(listener -> !listener.wasSuspect()).count();
    }

    void expect(Listener listener) {
        expected.add(listener);
    }

    /** The listener is not waited for any more. */
    void forget(Listener listener) {
        if (!expected.remove(listener)) {
            doubted.remove(listener);
        }
    }

    /** @return the next of whom it is time to doubt, or null */
    @Nullable
    Listener doubt(long now) {
        if (expected.isEmpty() || expected.first().doubtAt() > now) {
            return null;
        }
        Listener late = expected.first();
        expected.remove(late);
        doubted.add(late);
        return late;
    }

    /** @return the next whom it is time to give up, or null */
    @Nullable
    Listener giveUp(long now) {
        if (doubted.isEmpty() || doubted.iterator().next().giveUpAt() > now) {
            return null;
        }
        Listener dead = doubted.iterator().next();
        doubted.remove(dead);
        givenUp += waiting > 0 ? 1 : 0;
        return dead;
    }

    /** @return when to come back and look, if that is sooner than what was arranged, or {@link #NEVER} */
    long nextTimer(long now) {
        long next = next(now);
        if (next >= timerAt) {
            return NEVER;
        }
        timerAt = next;
        return next;
    }

    private long next(long now) {
        if (waiting == 0 || everybodyTold) {
            return NEVER;
        }
        if (missing() > doubted.size() || missing() > 0 && seconds > 0) {
            return now + least;
        }
        long next = expected.isEmpty() ? NEVER : expected.first().doubtAt();
        return doubted.isEmpty()
                ? next
                : Math.min(next, doubted.iterator().next().giveUpAt());
    }

    /** A timer came. */
    void timerIsOver(long now) {
        if (timerAt <= now) {
            timerAt = NEVER;
        }
    }
}
