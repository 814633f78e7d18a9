package io.millrace.ingest.limits;

import io.millrace.proto.FailureTrace;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets what is costly through, so much at a time: of each connection and of the organisation as a whole. What does not fit
 * waits for its turn, the first of a connection first. Something is always under way, however large it is, so nothing waits
 * for ever but on what goes before it. Safe from any thread; nothing runs under its lock.
 */
public final class Turnstile {

    private static final Logger LOG = LoggerFactory.getLogger(Turnstile.class);

    private final long mostOfALane;
    private final long uncharged;
    private final Pool.Share share;
    private final Set<Lane> starved = new LinkedHashSet<>();

    /**
     * @param mostOfALane what a connection may have under way, or one ticket that is larger
     * @param uncharged so much of a connection is not taken from the share: nearly all calls are small and soon over
     * @param share of the organisation
     */
    Turnstile(long mostOfALane, long uncharged, Pool.Share share) {
        this.mostOfALane = mostOfALane;
        this.uncharged = uncharged;
        this.share = share;
    }

    /** @return what its organisation has of the share now */
    public long charged() {
        return share.own();
    }

    /** @return a place for the tickets of one more connection */
    public Lane lane() {
        return new Lane();
    }

    /** The tickets of one connection. */
    public final class Lane {

        private final Set<Ticket> waiting = new LinkedHashSet<>();
        private long underWay;
        private long charged;
        private boolean closed;

        private Lane() {}

        /**
         * @param amount what it will have under way
         * @param go what is to be done when it is let through, on the thread that enters or on one that leaves
         * @return a ticket, to be {@link Ticket#enter entered} once
         */
        public Ticket ticket(long amount, Runnable go) {
            return new Ticket(this, amount, go);
        }

        /** @return what is under way now */
        public long underWay() {
            synchronized (Turnstile.this) {
                return underWay;
            }
        }

        /**
         * Nobody is there any more for whom something could be let through. What waits goes, and what enters later is not
         * let through either. What is under way counts until it leaves. Again: nothing.
         */
        public void close() {
            List<Ticket> next = List.of();
            synchronized (Turnstile.this) {
                closed = true;
                waiting.clear();
                if (starved.remove(this)) {
                    next = starvedNext(); // it may have kept smaller ones from their turn
                }
            }
            next.forEach(Ticket::goForOthers);
        }

        /** Those at its head that need nothing of the share: nobody who waits for it is kept from anything by them. */
        private void letThroughFree(List<Ticket> passed) {
            Iterator<Ticket> next = waiting.iterator();
            while (next.hasNext()) {
                Ticket ticket = next.next();
                if (charge(ticket) > 0 || !pass(ticket)) {
                    return;
                }
                next.remove();
                passed.add(ticket);
            }
        }

        /** @return what it would take of the share beyond what its lane has of it */
        private long charge(Ticket ticket) {
            return Math.max(0, underWay + ticket.amount - uncharged) - charged;
        }

        private boolean pass(Ticket ticket) {
            if (closed) {
                return false;
            }
            long after = underWay + ticket.amount;
            if (underWay > 0 && after > mostOfALane) {
                return false;
            }
            long charge = charge(ticket);
            if (charge > 0 && !share.take(charge) && !share.takeFirst(charge)) {
                starved.add(this);
                return false;
            }
            charged += Math.max(0, charge);
            underWay = after;
            ticket.passed = true;
            return true;
        }

        private void leave(Ticket ticket) {
            if (!ticket.passed) {
                waiting.remove(ticket);
                return;
            }
            underWay -= ticket.amount;
            long still = Math.max(0, underWay - uncharged);
            if (charged > still) {
                share.give(charged - still);
                charged = still;
            }
        }

        private void letThrough(List<Ticket> passed) {
            Iterator<Ticket> next = waiting.iterator();
            while (next.hasNext()) {
                Ticket ticket = next.next();
                if (!pass(ticket)) {
                    return;
                }
                next.remove();
                passed.add(ticket);
            }
        }
    }

    /** One thing that is to be let through. */
    public final class Ticket {

        private final Lane lane;
        private final long amount;
        private final Runnable go;
        private boolean passed;
        private boolean over;

        private Ticket(Lane lane, long amount, Runnable go) {
            this.lane = lane;
            this.amount = amount;
            this.go = go;
        }

        /** Goes through now, or waits for it. Where its lane is closed it does neither. */
        public void enter() {
            boolean now;
            synchronized (Turnstile.this) {
                now = passes();
                if (!now && !over && !lane.closed) {
                    lane.waiting.add(this);
                }
            }
            if (now) {
                go.run();
            }
        }

        /** @return whether it went through at once; else it does not wait. What it is for is left to the caller */
        public boolean enterNow() {
            synchronized (Turnstile.this) {
                return passes();
            }
        }

        private boolean passes() {
            if (over || !lane.waiting.isEmpty()) {
                return false;
            }
            return lane.pass(this);
        }

        /** It is over, or nobody wants it any more, whether or not it was let through: others may pass. Again: nothing. */
        public void leave() {
            List<Ticket> next = List.of();
            synchronized (Turnstile.this) {
                if (over) {
                    return;
                }
                over = true;
                lane.leave(this);
                if (!lane.waiting.isEmpty() || !starved.isEmpty()) {
                    next = next(lane);
                }
            }
            next.forEach(Ticket::goForOthers);
        }

        /** On the thread of one that leaves, and perhaps before others whose turn it is: neither is to suffer from it. */
        private void goForOthers() {
            try {
                go.run();
            } catch (RuntimeException | Error e) {
                LOG.error("what was let through failed: {}", FailureTrace.of(e));
            }
        }
    }

    private List<Ticket> next(Lane first) {
        // Those who wait for the share come before the lane that gave something back: else a busy one would keep it.
        List<Ticket> passed = starvedNext();
        if (starved.isEmpty()) {
            first.letThrough(passed);
        } else {
            first.letThroughFree(passed);
            if (!first.waiting.isEmpty()) {
                starved.add(first);
            }
        }
        return passed;
    }

    private List<Ticket> starvedNext() {
        List<Ticket> passed = new ArrayList<>();
        // Who waits longest for the share comes first; while there is none left for that one, there is none for others.
        while (!starved.isEmpty()) {
            Lane longest = starved.iterator().next();
            int before = passed.size();
            starved.remove(longest);
            longest.letThrough(passed);
            if (passed.size() == before && starved.contains(longest)) {
                break;
            }
        }
        return passed;
    }
}
