package io.millrace.notifier.queue;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Everybody who listens to a queue, by what is known of them, and who owes a poll, by worker. Guarded by the entry's lock. */
final class Listeners {

    private final Map<Standing, Lines<Listener>> lines = new EnumMap<>(Standing.class);
    private final Map<String, Deque<Listener>> owing = new HashMap<>();
    private long nextTicket = 1;
    private int size;

    Listeners() {
        for (Standing standing : Standing.values()) {
            lines.put(standing, new Lines<>());
        }
    }

    private Lines<Listener> line(Standing standing) {
        return Objects.requireNonNull(lines.get(standing), "line");
    }

    boolean isEmpty() {
        return size == 0;
    }

    /** @return what every ticket given from now on is not below */
    long nextTicket() {
        return nextTicket;
    }

    void add(Listener listener) {
        listener.ticket(nextTicket++);
        listener.present(true);
        line(listener.standing()).add(listener);
        size++;
    }

    /** Nobody owes anything any more. */
    void forgetOwing() {
        owing.clear();
    }

    /** It listens no more. What it owes is still waited for. */
    void remove(Listener listener) {
        if (line(listener.standing()).remove(listener)) {
            listener.present(false);
            size--;
        }
        if (listener.standing() == Standing.SUSPECT) {
            settle(listener);
        }
    }

    /** This is known of it now. One that was told, for the first time or again, is behind all others. */
    void rank(Listener listener, Standing standing) {
        if (listener.present()) {
            line(listener.standing()).remove(listener);
        }
        if (standing != Standing.SUSPECT) {
            settle(listener);
        }
        if (standing == Standing.WOKEN) {
            listener.ticket(nextTicket++);
            owing.computeIfAbsent(listener.workerId(), id -> new ArrayDeque<>(2))
                    .add(listener);
        }
        listener.standing(standing);
        if (listener.present()) {
            line(standing).add(listener);
        } else if (standing == Standing.SUSPECT) {
            settle(listener);
        }
    }

    private void settle(Listener listener) {
        Deque<Listener> all = owing.get(listener.workerId());
        if (all != null && all.remove(listener) && all.isEmpty()) {
            owing.remove(listener.workerId());
        }
    }

    /** @return of the worker's listeners that owe a poll the one that it most likely is for, or null */
    @Nullable
    Listener owing(String workerId) {
        Deque<Listener> all = owing.get(workerId);
        if (all == null) {
            return null;
        }
        for (Listener listener : all) {
            if (listener.standing() == Standing.WOKEN) {
                return listener;
            }
        }
        return all.getLast();
    }

    /** @return who takes the kind and is next in turn. Those that are probably dead, or told already, come last */
    @Nullable
    Listener inTurn(String kind) {
        Listener fresh = line(Standing.FRESH).firstFitting(kind);
        Listener proven = line(Standing.PROVEN).firstFitting(kind);
        if (fresh != null && (proven == null || fresh.ticket() < proven.ticket())) {
            return fresh;
        }
        if (proven != null) {
            return proven;
        }
        return line(Standing.SUSPECT).firstFitting(kind);
    }

    /** @return who takes the kind, was told longest ago of those that owe a poll, or null */
    @Nullable
    Listener toldAlready(String kind) {
        return line(Standing.WOKEN).firstFitting(kind);
    }

    /** @return who takes the kind and was not told since the ticket was given, surest first; or null */
    @Nullable
    Listener surest(String kind, long since) {
        Listener proven = line(Standing.PROVEN).firstFitting(kind);
        if (proven != null && proven.ticket() < since) {
            return proven;
        }
        Listener fresh = line(Standing.FRESH).firstFitting(kind);
        if (fresh != null) {
            return fresh;
        }
        Listener suspect = line(Standing.SUSPECT).firstFitting(kind);
        return suspect != null && suspect.ticket() < since ? suspect : null;
    }

    /** @return the worker's listeners */
    List<Listener> of(String workerId) {
        return all().stream().filter(each -> each.workerId().equals(workerId)).toList();
    }

    List<Listener> all() {
        List<Listener> all = new ArrayList<>(size);
        lines.values().forEach(each -> each.all().forEach(line -> all.addAll(line.all())));
        return all;
    }
}
