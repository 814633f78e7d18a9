package io.millrace.dispatcher.partition;

/**
 * How long a node may take it for certain that no other node owns its partitions. Any thread; never blocks.
 */
public interface Lease {

    /**
     * How long what was confirmed holds, nanoseconds, from before it was asked for, unless a tenure says in the log that it takes it for
     * longer.
     */
    long LENGTH_NANOS = 2_000_000_000L;

    /** For a node that is the only one. */
    Lease OF_THE_ONLY_NODE = new Lease() {
        @Override
        public boolean holds(long lengthNanos) {
            return true;
        }

        @Override
        public boolean confirmedSince(long nanoTime) {
            return true;
        }

        @Override
        public boolean formerOwnersOut(long lengthNanos) {
            return true;
        }
    };

    /**
     * @param lengthNanos for how long what was confirmed is taken for certain, nanoseconds
     * @return whether it is certain now that no other node owns them, if others wait for leases of that length
     */
    boolean holds(long lengthNanos);

    /** @return whether that was asked for after the moment, a value of {@link System#nanoTime}, and confirmed */
    boolean confirmedSince(long nanoTime);

    /**
     * @param lengthNanos of the longest lease that anybody before may have, nanoseconds
     * @return whether the lease of whoever had them before must have run out, however slow or cut off that node is
     */
    boolean formerOwnersOut(long lengthNanos);
}
