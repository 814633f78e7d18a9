package io.millrace.notifier.queue;

import io.millrace.proto.v1.WorkAvailable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/** Everybody who listens to a queue, told in turn, and the rounds that say how many at a time. Guarded by the entry's lock. */
final class Crowd {

    private final long pauseNanos;
    private final Lines<Listener> listeners = new Lines<>();
    private final Map<String, WakeRound> rounds = new HashMap<>(2);
    private long nextTicket = 1;

    /** @param pauseNanos how long, after all were woken in vain, until a repeated level wakes them again */
    Crowd(long pauseNanos) {
        this.pauseNanos = pauseNanos;
    }

    boolean isEmpty() {
        return listeners.isEmpty();
    }

    void add(Listener listener) {
        listener.ticket(nextTicket++);
        listeners.add(listener);
    }

    void remove(Listener listener) {
        listeners.remove(listener);
    }

    /** Wakes as many as the unassigned work asks for. */
    void plan(Map<String, Integer> unassigned, Effects effects) {
        long now = System.nanoTime();
        for (Iterator<WakeRound> all = rounds.values().iterator(); all.hasNext(); ) {
            WakeRound round = all.next();
            if (!unassigned.containsKey(round.kind())) {
                round.update(0, 0, now);
                if (round.isIdle()) {
                    all.remove();
                }
            }
        }
        unassigned.forEach((kind, pieces) -> {
            int crowd = listeners.fitting(kind);
            if (crowd > 0) {
                WakeRound round = rounds.computeIfAbsent(kind, WakeRound::new);
                wake(round, round.update(pieces, crowd, now), effects);
            }
        });
    }

    /** A level came: what was said in vain before may be said again. */
    void repeat(WorkAvailable level, Effects effects) {
        if (rounds.isEmpty()) {
            return;
        }
        for (WorkAvailable.KindReady ready : level.getKindsList()) {
            WakeRound round = rounds.get(ready.getKind());
            if (round != null && ready.getReady() > 0) {
                int crowd = listeners.fitting(round.kind());
                wake(round, round.repeat(crowd, System.nanoTime(), pauseNanos), effects);
            }
        }
    }

    /** The delay of a round is over. */
    void expire(WakeRound round, Effects effects) {
        if (rounds.get(round.kind()) != round) {
            return;
        }
        wake(round, round.expire(listeners.fitting(round.kind()), System.nanoTime()), effects);
        if (round.isIdle()) {
            rounds.remove(round.kind());
        }
    }

    private void wake(WakeRound round, int many, Effects effects) {
        for (int i = 0; i < many; i++) {
            Listener listener = listeners.firstFitting(round.kind());
            listeners.remove(listener);
            add(listener);
            effects.wake(listener);
        }
        if (round.takeTimer()) {
            effects.time(round);
        }
    }

    List<Wakeable> targets() {
        List<Wakeable> targets = new ArrayList<>();
        listeners.all().forEach(line -> line.all().forEach(listener -> targets.add(listener.target())));
        return targets;
    }
}
