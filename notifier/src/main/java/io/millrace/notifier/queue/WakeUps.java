package io.millrace.notifier.queue;

import io.millrace.proto.v1.WorkAvailable;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.ToIntFunction;

/**
 * Everybody who listens to a queue, told in turn, and the rounds that say how many at a time. It learns of each how long it
 * takes from a wake-up to its poll, and who does not come at all. Guarded by the entry's lock.
 */
final class WakeUps {

    /** Whoever needs longer is doubted, however long it took before. */
    private static final long LONGEST_DOUBT = TimeUnit.SECONDS.toNanos(1);
    /** How long after it was doubted a subscriber is still waited for: others are quick, and this one needs a quarter second. */
    private static final long PATIENCE = TimeUnit.MILLISECONDS.toNanos(350);
    /** What comes later is no answer to the wake-up. */
    private static final long LATEST = TimeUnit.SECONDS.toNanos(3);

    private final long least;
    private final long pause;
    private final LongSupplier clock;
    private final Listeners listeners = new Listeners();
    private final Map<String, WakeRound> rounds = new HashMap<>(2);
    private final Reaction usual = new Reaction();
    private long wakeUps;
    private long lastPollAt;

    /**
     * @param leastNanos shortest time after a wake-up in vain until one more is woken
     * @param pauseNanos how long, after all were woken in vain, until a repeated level wakes them again
     * @param clock nanoseconds
     */
    WakeUps(long leastNanos, long pauseNanos, LongSupplier clock) {
        this.least = leastNanos;
        this.pause = pauseNanos;
        this.clock = clock;
        this.lastPollAt = clock.getAsLong();
    }

    boolean isEmpty() {
        return listeners.isEmpty();
    }

    /** Somebody comes to listen, and is told at once of work that waits for want of anybody on the way to it. */
    void add(Listener listener, Effects effects) {
        listeners.add(listener);
        for (WakeRound round : rounds.values()) {
            if (listener.filter().fits(round.kind()) && round.wantsNewcomer()) {
                wake(round, listener, clock.getAsLong(), effects);
                return;
            }
        }
    }

    /** @param willPoll whether it leaves because it was woken, and its poll is to come */
    void remove(Listener listener, boolean willPoll) {
        listeners.remove(listener);
        if (listener.standing() == Standing.WOKEN && !willPoll) {
            hasCome(listener);
        }
        if (listeners.isEmpty()) {
            // From now on nobody says how much work waits.
            rounds.clear();
            listeners.forgetOwing();
        }
    }

    /** A poll of the worker has come. */
    void polled(String workerId) {
        if (listeners.isEmpty()) {
            return;
        }
        lastPollAt = clock.getAsLong();
        Listener listener = listeners.owing(workerId);
        if (listener == null) {
            return;
        }
        long took = lastPollAt - listener.wokenAt();
        if (took < LATEST) {
            listener.reaction().learn(took);
            usual.learn(took);
        }
        hasCome(listener);
    }

    /** Wakes the worker itself: there is work that it holds already. */
    void call(String workerId, Effects effects) {
        listeners.of(workerId).stream().findFirst().ifPresent(effects::wake);
    }

    private void hasCome(Listener listener) {
        if (listener.standing() == Standing.WOKEN) {
            Objects.requireNonNull(listener.round(), "round that woke it").forget(listener);
        }
        listeners.rank(listener, Standing.PROVEN);
    }

    /**
     * Wakes as many as the unassigned work asks for.
     *
     * @param ready tells of a kind how many pieces are ready, claims under way or not
     */
    void plan(Map<String, Integer> unassigned, ToIntFunction<String> ready, Effects effects) {
        long now = clock.getAsLong();
        for (Iterator<WakeRound> all = rounds.values().iterator(); all.hasNext(); ) {
            WakeRound round = all.next();
            if (!unassigned.containsKey(round.kind())) {
                update(round, 0, ready.applyAsInt(round.kind()), now, effects);
                if (round.isIdle()) {
                    all.remove();
                }
            }
        }
        unassigned.forEach((kind, pieces) -> update(
                rounds.computeIfAbsent(kind, name -> new WakeRound(name, least)),
                pieces,
                ready.applyAsInt(kind),
                now,
                effects));
    }

    private void update(WakeRound round, int pieces, int ready, long now, Effects effects) {
        judge(round, now);
        int fewer = round.waiting() - pieces;
        if (fewer > 0) {
            takenElsewhere(round, fewer, now);
        }
        int many = round.update(pieces, ready, listeners.nextTicket());
        for (int i = 0; i < many; i++) {
            Listener next = listeners.inTurn(round.kind());
            if (next != null) {
                wake(round, next, now, effects);
            } else {
                next = listeners.toldAlready(round.kind());
                if (next != null) {
                    listeners.rank(next, Standing.WOKEN);
                    effects.wake(next);
                }
                break;
            }
        }
        time(round, now, effects);
    }

    /** If no poll has come to this node, those who were woken took the work through another one. */
    private void takenElsewhere(WakeRound round, int pieces, long now) {
        for (int i = 0; i < pieces; i++) {
            Listener first = round.first();
            if (first == null || lastPollAt - first.wokenAt() >= 0) {
                return;
            }
            usual.learn(now - first.wokenAt());
            hasCome(first);
        }
    }

    /** A level came: what was said in vain before may be said again. */
    void repeat(WorkAvailable level, Effects effects) {
        if (rounds.isEmpty()) {
            return;
        }
        long now = clock.getAsLong();
        for (WorkAvailable.KindReady ready : level.getKindsList()) {
            WakeRound round = rounds.get(ready.getKind());
            if (round != null && ready.getReady() > 0) {
                judge(round, now);
                if (round.repeat(now, pause, listeners.nextTicket()) > 0) {
                    wakeMore(round, 1, now, effects);
                }
                time(round, now, effects);
            }
        }
    }

    /** A timer of the round came. */
    void expire(WakeRound round, Effects effects) {
        if (rounds.get(round.kind()) != round) {
            return;
        }
        long now = clock.getAsLong();
        round.timerIsOver(now);
        judge(round, now);
        wakeMore(round, round.more(), now, effects);
        time(round, now, effects);
        if (round.isIdle()) {
            rounds.remove(round.kind());
        }
    }

    private void judge(WakeRound round, long now) {
        while (round.doubt(now) != null) {
            // It stands among the doubted now.
        }
        Listener dead;
        while ((dead = round.giveUp(now)) != null) {
            listeners.rank(dead, Standing.SUSPECT);
        }
    }

    private void wakeMore(WakeRound round, int many, long now, Effects effects) {
        for (int i = 0; i < many; i++) {
            Listener next = listeners.surest(round.kind(), round.begun());
            if (next == null) {
                round.everybodyTold(now);
                return;
            }
            wake(round, next, now, effects);
        }
    }

    private void wake(WakeRound round, Listener listener, long now, Effects effects) {
        long doubtAt = now + doubtAfter(listener);
        listener.woken(round, wakeUps++, now, doubtAt, doubtAt + PATIENCE);
        listeners.rank(listener, Standing.WOKEN);
        round.expect(listener);
        effects.wake(listener);
    }

    private long doubtAfter(Listener listener) {
        Reaction known = listener.reaction().isKnown() ? listener.reaction() : usual;
        return known.isKnown() ? Math.max(least, Math.min(known.doubtAfter(), LONGEST_DOUBT)) : least;
    }

    private static void time(WakeRound round, long now, Effects effects) {
        long next = round.nextTimer(now);
        if (next != WakeRound.NEVER) {
            effects.time(round, next - now);
        }
    }

    List<Wakeable> targets() {
        return listeners.all().stream().map(Listener::target).toList();
    }
}
