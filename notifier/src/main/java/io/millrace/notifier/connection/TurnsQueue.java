package io.millrace.notifier.connection;

import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Queue;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A queue in which organisations take turns, so that none waits for all that another has. Each may have so much waiting, and no
 * more. One thread at a time.
 */
final class TurnsQueue<T> {

    private final Map<UUID, Queue<T>> waiting = new LinkedHashMap<>();
    private final int mostOfOne;

    /** @param mostOfOne how much of an organisation may wait */
    TurnsQueue(int mostOfOne) {
        this.mostOfOne = mostOfOne;
    }

    /** @return false if the organisation has too much already: then it is not added */
    boolean add(UUID orgId, T added) {
        Queue<T> own = waiting.computeIfAbsent(orgId, org -> new ArrayDeque<>());
        return own.size() < mostOfOne && own.add(added);
    }

    /** @return the oldest of the organisation whose turn it is; null if there is nothing */
    @Nullable
    T poll() {
        Iterator<Map.Entry<UUID, Queue<T>>> first = waiting.entrySet().iterator();
        if (!first.hasNext()) {
            return null;
        }
        Map.Entry<UUID, Queue<T>> turn = first.next();
        first.remove();
        T next = turn.getValue().poll();
        if (!turn.getValue().isEmpty()) {
            waiting.put(turn.getKey(), turn.getValue());
        }
        return next;
    }
}
