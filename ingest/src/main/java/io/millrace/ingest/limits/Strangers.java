package io.millrace.ingest.limits;

import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * The connections through which no known key has come yet, oldest first: a quarter of all at the most. Safe from any thread.
 *
 * @param <C> connection
 */
public final class Strangers<C> {

    private static final int PART = 4;

    private final int most;
    private final Predicate<C> still;
    private final Set<C> waiting = new LinkedHashSet<>();

    /**
     * @param connections that may be open at a time, of strangers and others
     * @param still whether a connection has shown no key until now
     */
    public Strangers(int connections, Predicate<C> still) {
        this.most = Math.max(1, connections / PART);
        this.still = still;
    }

    /** @return the one that has to go for it, if there are more than may be */
    public synchronized Optional<C> add(C connection) {
        if (waiting.size() >= most) {
            waiting.removeIf(still.negate());
        }
        waiting.add(connection);
        if (waiting.size() <= most) {
            return Optional.empty();
        }
        Iterator<C> oldest = waiting.iterator();
        C gone = oldest.next();
        oldest.remove();
        return Optional.of(gone);
    }

    /** It has ended. */
    public synchronized void remove(C connection) {
        waiting.remove(connection);
    }
}
