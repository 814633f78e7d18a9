package io.millrace.dispatcher.topology.group;

/** The clocks by which leases are measured. */
interface GroupClock {

    /** Those of this machine. */
    GroupClock SYSTEM = new GroupClock() {
        @Override
        public long nanoTime() {
            return System.nanoTime();
        }

        @Override
        public long wallMs() {
            return System.currentTimeMillis();
        }
    };

    /** @return as {@link System#nanoTime} */
    long nanoTime();

    /** @return as {@link System#currentTimeMillis} */
    long wallMs();
}
