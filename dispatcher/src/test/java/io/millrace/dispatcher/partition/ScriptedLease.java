package io.millrace.dispatcher.partition;

/** A lease that does as a test says. */
public final class ScriptedLease implements Lease {

    public volatile boolean holds = true;
    public volatile boolean formerOwnersOut = true;
    /** How old what was confirmed is. */
    public volatile long ageNanos;
    /** How long ago the partition was given to this node. */
    public volatile long givenForNanos = Long.MAX_VALUE;

    public volatile long confirmedAt = Long.MIN_VALUE;

    @Override
    public boolean holds(long lengthNanos) {
        return holds && ageNanos < lengthNanos;
    }

    @Override
    public boolean confirmedSince(long nanoTime) {
        return confirmedAt > nanoTime;
    }

    @Override
    public boolean formerOwnersOut(long lengthNanos) {
        return formerOwnersOut && givenForNanos > lengthNanos;
    }
}
