package io.millrace.ingest.operations;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

/**
 * Whose turn it is among the bulk jobs that a process carries out. It goes round by organisation, so that one with many jobs waits as
 * long as one with few; what is not due yet holds nobody up. Times are monotonic, in nanoseconds. Safe from any thread.
 *
 * @param <T> a job
 */
final class BulkRunTurns<T> {

    private final int atOnce;

    /** Whoever had a turn last comes last. */
    private final Map<UUID, Org<T>> orgs = new LinkedHashMap<>();

    private record Waiting<T>(T job, long dueNanos) {}

    private static final class Org<T> {
        /** The one that is due first comes first; monotonic times may only be compared by their distance. */
        private final PriorityQueue<Waiting<T>> waiting =
                new PriorityQueue<>((one, other) -> Long.signum(one.dueNanos() - other.dueNanos()));

        private int underWay;
    }

    /** @param atOnce turns that an organisation may have at the same time */
    BulkRunTurns(int atOnce) {
        this.atOnce = atOnce;
    }

    /** The job wants a turn, but not before then. */
    synchronized void add(UUID orgId, T job, long dueNanos) {
        orgs.computeIfAbsent(orgId, unknown -> new Org<>()).waiting.add(new Waiting<>(job, dueNanos));
        notifyAll();
    }

    /** Waits until a turn is due; {@link #done} has to follow. */
    synchronized T take() throws InterruptedException {
        while (true) {
            long now = System.nanoTime();
            long next = Long.MAX_VALUE;
            for (Map.Entry<UUID, Org<T>> entry : orgs.entrySet()) {
                Org<T> org = entry.getValue();
                Waiting<T> first = org.waiting.peek();
                if (first == null || org.underWay >= atOnce) {
                    continue;
                }
                if (first.dueNanos() - now <= 0) {
                    org.waiting.remove();
                    org.underWay++;
                    UUID orgId = entry.getKey();
                    orgs.remove(orgId);
                    orgs.put(orgId, org);
                    return first.job();
                }
                next = Math.min(next, first.dueNanos() - now);
            }
            if (next == Long.MAX_VALUE) {
                wait();
            } else {
                TimeUnit.NANOSECONDS.timedWait(this, Math.max(next, TimeUnit.MILLISECONDS.toNanos(1)));
            }
        }
    }

    /** A turn of the organisation is over. */
    synchronized void done(UUID orgId) {
        Org<T> org = orgs.get(orgId);
        if (org == null) {
            throw new IllegalStateException("expected a turn of organisation " + orgId + " to end, but it has none");
        }
        org.underWay--;
        if (org.underWay == 0 && org.waiting.isEmpty()) {
            orgs.remove(orgId);
        }
        notifyAll();
    }
}
