package io.millrace.proto;

import java.util.UUID;

/**
 * What the id of a claim tells: an id of version 7 whose time is when its process asked for the work, and in whose place for
 * chance that process stands. So an engine can tell claims of before from those of after, and those that a process which is no
 * more had asked for, without having to keep either beside them.
 *
 * <p>A process is 46 bits: those of its node's name, and a number that it drew when it started.
 */
public final class ClaimId {

    private static final int INCARNATION_BITS = 22;
    private static final long INCARNATION_MASK = (1L << INCARNATION_BITS) - 1;
    private static final long NODE_MASK = (1L << 24) - 1;
    private static final long PROCESS_MASK = (1L << 46) - 1;
    private static final int VERSION = 7;

    private ClaimId() {}

    /**
     * @param node the node's name: all its processes, one after the other, have the same
     * @param incarnation drawn by the process; only the lowest 22 bits count
     * @return the process
     */
    public static long process(String node, long incarnation) {
        return (node.hashCode() * 0x9e3779b97f4a7c15L >>> 40 & NODE_MASK) << INCARNATION_BITS
                | incarnation & INCARNATION_MASK;
    }

    /**
     * @param atMs when the work is asked for, milliseconds since the epoch
     * @param process who asks
     * @param number tells apart what the process asks for in one millisecond; only the lowest 28 bits count
     * @return the id
     */
    public static UUID of(long atMs, long process, long number) {
        return new UUID(
                atMs << 16 | VERSION << 12 | number >>> 16 & 0xfff,
                0x8000000000000000L | (process & PROCESS_MASK) << 16 | number & 0xffff);
    }

    /** @return when the work was asked for, by the clock of whoever did; 0 where the id does not tell */
    public static long askedAtMs(UUID claimId) {
        return claimId.version() == VERSION ? claimId.getMostSignificantBits() >>> 16 : 0;
    }

    /** @return whether a process that ran on the node before this one asked for the work */
    public static boolean isOfEarlierProcess(UUID claimId, long process) {
        long asker = claimId.getLeastSignificantBits() >>> 16 & PROCESS_MASK;
        return claimId.version() == VERSION
                && asker != process
                && asker >>> INCARNATION_BITS == process >>> INCARNATION_BITS;
    }
}
