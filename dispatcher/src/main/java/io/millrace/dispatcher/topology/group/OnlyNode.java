package io.millrace.dispatcher.topology.group;

import io.millrace.dispatcher.partition.Lease;
import java.util.Collection;
import java.util.Optional;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether a node that is said to be the only one is. Once the group had members of this node alone, its leases hold
 * without being confirmed, also while Kafka is away. If another dispatcher is ever met, its leases hold as those of any
 * node from then on, until this process ends. The node is not ready then, since its configuration is wrong.
 *
 * <p>A process that slept, or was stopped, may have been replaced meanwhile by one of the same name. So its leases hold as those
 * of any node until the group was asked once more, and had no members but those of this process. Any thread.
 */
final class OnlyNode {

    private static final Logger LOG = LoggerFactory.getLogger(OnlyNode.class);

    /** After so long without a sign of its own the process may have slept. It gives several a second, or every two at the worst. */
    private static final long LONGEST_SILENCE_NANOS = 2 * Lease.LENGTH_NANOS;

    private final String node;
    private final GroupClock clock;
    private volatile boolean alone;
    private volatile boolean slept;
    private volatile Moment awake;
    private volatile @Nullable String stranger;

    private record Moment(long nanoTime, long wallMs) {}

    /** @param node id of this node */
    OnlyNode(String node, GroupClock clock) {
        this.node = node;
        this.clock = clock;
        awake = new Moment(clock.nanoTime(), clock.wallMs());
    }

    /**
     * This process runs. One thread, several times a second.
     *
     * @return false if it may have slept until now
     */
    boolean awake() {
        boolean silent = silentForLong();
        if (silent) {
            slept = true; // before the silence is over for those who read
        }
        awake = new Moment(clock.nanoTime(), clock.wallMs());
        return !silent;
    }

    /** On some machines one of the clocks stands still while they sleep. */
    private boolean silentForLong() {
        Moment last = awake;
        return clock.nanoTime() - last.nanoTime > LONGEST_SILENCE_NANOS
                || clock.wallMs() - last.wallMs > LONGEST_SILENCE_NANOS / 1_000_000;
    }

    private boolean certain() {
        return alone && !slept && !silentForLong();
    }

    /**
     * The group was asked. The thread of {@link #awake}.
     *
     * @param instances instance ids of its members, this node's too; empty for one that has none
     * @param allOurs whether all of them are members of this process
     */
    void looked(Collection<String> instances, boolean allOurs) {
        boolean fresh = awake(); // else the answer may be from before the process slept
        if (stranger != null) {
            return;
        }
        Optional<String> other = new TreeSet<>(instances)
                .stream()
                        .filter(instance -> !DispatcherGroup.isOf(node, instance))
                        .findFirst();
        if (other.isPresent()) {
            stranger = other.get();
            alone = false;
            LOG.error(
                    "expected to be the only node, but {} is in the group of the dispatchers too: take server.only_node away"
                            + " from the settings of node {}, or stop the other, and start this one again",
                    name(stranger),
                    node);
        } else {
            alone = !instances.isEmpty();
            if (slept && fresh && alone && allOurs) {
                slept = false;
            }
        }
    }

    private static String name(String instance) {
        return instance.isEmpty() ? "a member without a name" : instance;
    }

    /** @return what is wrong, if another node was met */
    Optional<String> trouble() {
        return Optional.ofNullable(stranger)
                .map(other -> "expected to be the only node (server.only_node), but " + name(other)
                        + " is in the group of the dispatchers too");
    }

    /** @param usual the lease that the partitions have where there may be other nodes */
    Lease lease(Lease usual) {
        return new Lease() {
            @Override
            public boolean holds(long lengthNanos) {
                return certain() || usual.holds(lengthNanos);
            }

            @Override
            public boolean confirmedSince(long nanoTime) {
                return certain() || usual.confirmedSince(nanoTime);
            }

            @Override
            public boolean formerOwnersOut(long lengthNanos) {
                return usual.formerOwnersOut(lengthNanos);
            }
        };
    }
}
