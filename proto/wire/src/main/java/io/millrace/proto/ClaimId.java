package io.millrace.proto;

import java.util.UUID;

/**
 * What the id of a claim tells: when the work was asked for, and which process asked. The id is of version 7. Its time
 * is when the process asked, and bits that are random elsewhere name the process. So an engine can tell earlier claims
 * from later ones, and sees which claims a process asked for that no longer runs. It keeps nothing else for that.
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
     * @param node the node's name; all processes of a node, one after the other, share it
     * @param incarnation drawn by the process; only the lowest 22 bits count
     * @return the process
     */
    public static long process(String node, long incarnation) {
        return (node.hashCode() * 0x9e3779b97f4a7c15L >>> 40 & NODE_MASK) << INCARNATION_BITS
                | incarnation & INCARNATION_MASK;
    }

    /**
     * @param atMs when the work is asked for, milliseconds since the epoch
     * @param process the process that asks
     * @param number tells apart the claims that the process asks for in one millisecond; only the lowest 28 bits count
     * @return the id
     */
    public static UUID of(long atMs, long process, long number) {
        return new UUID(
                atMs << 16 | VERSION << 12 | number >>> 16 & 0xfff,
                0x8000000000000000L | (process & PROCESS_MASK) << 16 | number & 0xffff);
    }

    /**
     * @return when the work was asked for, milliseconds since the epoch by the asking node's clock; 0 where the id does
     *     not tell
     */
    public static long askedAtMs(UUID claimId) {
        return claimId.version() == VERSION ? claimId.getMostSignificantBits() >>> 16 : 0;
    }

    /** @return whether a process other than this one asked for the work, of whatever node */
    public static boolean isOfAnotherProcess(UUID claimId, long process) {
        return claimId.version() == VERSION && asker(claimId) != process;
    }

    private static long asker(UUID claimId) {
        return claimId.getLeastSignificantBits() >>> 16 & PROCESS_MASK;
    }

    /** @return whether an earlier process of the same node asked for the work */
    public static boolean isOfEarlierProcess(UUID claimId, long process) {
        long asker = asker(claimId);
        return claimId.version() == VERSION
                && asker != process
                && asker >>> INCARNATION_BITS == process >>> INCARNATION_BITS;
    }
}
