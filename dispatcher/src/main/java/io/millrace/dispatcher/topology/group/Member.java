package io.millrace.dispatcher.topology.group;

import io.millrace.dispatcher.partition.Lease;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.jspecify.annotations.Nullable;

/**
 * A stream thread as a member of the group, and what is certain of that. A member id is given once and never again. As long as
 * the group has a member, nobody else is given its partitions before it has given them up itself. So a member that
 * was seen in the group had its partitions at that moment, and all the time before. Any thread.
 */
final class Member implements Lease {

    /** Two machines do not measure the same time as equally long: a tenth more is waited. */
    private static final int MARGIN_PART = 10;

    private final GroupClock clock;
    private volatile Joined joined = new Joined("", -1, 0);
    private volatile @Nullable Seen seen;

    /** What the consumer knows: its id in the group, and since when it knows of this assignment at the latest. */
    private record Joined(String memberId, int generation, long nanoTime) {}

    /** The group had the member after this moment. */
    record Seen(String memberId, long nanoTime, long wallMs) {}

    Member(GroupClock clock) {
        this.clock = clock;
    }

    /**
     * The consumer has polled, and so may have been given partitions. Its own thread.
     *
     * @return whether it has another id than before
     */
    boolean polled(ConsumerGroupMetadata now) {
        Joined before = joined;
        if (before.generation == now.generationId() && before.memberId.equals(now.memberId())) {
            return false;
        }
        joined = new Joined(now.memberId(), now.generationId(), clock.nanoTime());
        return !before.memberId.equals(now.memberId());
    }

    String memberId() {
        return joined.memberId;
    }

    /**
     * The group was asked after the moment, and has the member.
     *
     * @return whether a lease of the usual length did not hold any more
     */
    boolean seen(String memberId, long nanoTime, long wallMs) {
        boolean lapsed = !holds(LENGTH_NANOS);
        seen = new Seen(memberId, nanoTime, wallMs);
        return lapsed;
    }

    /** The wall clock counts as well: on some machines the other one stands still while they sleep. */
    @Override
    public boolean holds(long lengthNanos) {
        Seen last = seen;
        return last != null
                && clock.nanoTime() - last.nanoTime < lengthNanos
                && clock.wallMs() - last.wallMs < lengthNanos / 1_000_000
                && last.memberId.equals(joined.memberId);
    }

    @Override
    public boolean confirmedSince(long nanoTime) {
        Seen last = seen;
        return last != null && last.nanoTime - nanoTime > 0 && last.memberId.equals(joined.memberId);
    }

    @Override
    public boolean formerOwnersOut(long lengthNanos) {
        Joined last = joined;
        return !last.memberId.isEmpty() && clock.nanoTime() - last.nanoTime > lengthNanos + lengthNanos / MARGIN_PART;
    }
}
