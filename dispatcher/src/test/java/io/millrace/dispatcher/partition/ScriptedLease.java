package io.millrace.dispatcher.partition;

/** A lease that does as a test says. */
public final class ScriptedLease implements Lease {

    public volatile boolean holds = true;
    public volatile boolean formerOwnersOut = true;
    public volatile long confirmedAt = Long.MIN_VALUE;

    @Override
    public boolean holds() {
        return holds;
    }

    @Override
    public boolean confirmedSince(long nanoTime) {
        return confirmedAt > nanoTime;
    }

    @Override
    public boolean formerOwnersOut() {
        return formerOwnersOut;
    }
}
