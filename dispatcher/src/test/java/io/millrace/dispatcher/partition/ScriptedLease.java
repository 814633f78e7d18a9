package io.millrace.dispatcher.partition;

/** A lease that does as a test says. */
final class ScriptedLease implements Lease {

    volatile boolean holds = true;
    volatile boolean formerOwnersOut = true;
    volatile long confirmedAt = Long.MIN_VALUE;

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
