package io.millrace.dispatcher.topology.group;

import io.millrace.dispatcher.partition.Lease;
import java.util.Collection;
import java.util.Optional;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether a node that is said to be the only one is. Once the group had members of this node alone, its leases hold without
 * being confirmed, also while Kafka is away. If another is ever met they hold as those of any node from then on, until this
 * process ends, and the node is not ready: what it is set to be is wrong. Any thread.
 */
final class OnlyNode {

    private static final Logger LOG = LoggerFactory.getLogger(OnlyNode.class);

    private final String node;
    private volatile boolean alone;
    private volatile String stranger;

    /** @param node id of this node */
    OnlyNode(String node) {
        this.node = node;
    }

    /** The group was asked. @param instances instance ids of its members, this node's too; empty for one that has none */
    void looked(Collection<String> instances) {
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
            LOG.error("expected to be the only node, but {} is in the group of the dispatchers too: take server.only_node away"
                    + " from the settings of node {}, or stop the other, and start this one again", name(stranger), node);
        } else {
            alone = !instances.isEmpty();
        }
    }

    private static String name(String instance) {
        return instance.isEmpty() ? "a member without a name" : instance;
    }

    /** @return what is wrong, if another node was met */
    Optional<String> trouble() {
        return Optional.ofNullable(stranger).map(other -> "expected to be the only node (server.only_node), but " + name(other)
                + " is in the group of the dispatchers too");
    }

    /** @param usual the lease that the partitions have where there may be other nodes */
    Lease lease(Lease usual) {
        return new Lease() {
            @Override
            public boolean holds() {
                return alone || usual.holds();
            }

            @Override
            public boolean confirmedSince(long nanoTime) {
                return alone || usual.confirmedSince(nanoTime);
            }

            @Override
            public boolean formerOwnersOut() {
                return usual.formerOwnersOut();
            }
        };
    }
}
