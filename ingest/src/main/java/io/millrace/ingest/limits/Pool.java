package io.millrace.ingest.limits;

/**
 * What all organisations together may have of something on this node. One of them may have as much as it leaves free: alone
 * half of it, beside another one less; so a newcomer always finds room. Safe from any thread.
 */
public final class Pool {

    private final long size;
    private long used;

    /** @param size what there is, in whatever unit is counted */
    public Pool(long size) {
        this.size = size;
    }

    /** @return what there is */
    public long size() {
        return size;
    }

    /** @return what is taken of it now */
    public synchronized long used() {
        return used;
    }

    /** @return the part of one more organisation, which has nothing yet */
    public Share share() {
        return new Share();
    }

    /** What one organisation has of the pool. Safe from any thread. */
    public final class Share {

        private long own;

        private Share() {}

        /** @return whether there was room for so much more; it is to be {@link #give given back} in the end */
        public boolean take(long amount) {
            synchronized (Pool.this) {
                long left = size - used - amount;
                boolean fits = own == 0 ? left >= 0 : own + amount <= left;
                if (fits) {
                    own += amount;
                    used += amount;
                }
                return fits;
            }
        }

        /** Takes so much where nothing is taken yet, room or not: no organisation is to wait for another one. */
        boolean takeFirst(long amount) {
            synchronized (Pool.this) {
                if (own > 0) {
                    return false;
                }
                own += amount;
                used += amount;
                return true;
            }
        }

        /** Gives back what was taken. */
        public void give(long amount) {
            synchronized (Pool.this) {
                own -= amount;
                used -= amount;
            }
        }

        /** @return what it has now */
        public long own() {
            synchronized (Pool.this) {
                return own;
            }
        }
    }
}
