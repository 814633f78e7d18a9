package io.millrace.proto.directory;

import io.millrace.proto.v1.DispatcherNode;
import java.util.Collection;
import java.util.Optional;

/** Where partitions are served, as far as this node has heard. Look-ups are in memory; safe from any thread. */
public interface Dispatchers {

    /**
     * @return the dispatcher that serves the partition: the one with the latest tenure, as long as it owns the
     *     partition
     */
    default Optional<DispatcherNode> dispatcherOf(int partition) {
        return holderOf(partition).filter(PartitionHolder::owns).map(PartitionHolder::node);
    }

    /**
     * @return the latest tenure of the partition that any node told of; a node with an earlier one no longer owns the
     *     partition
     */
    Optional<PartitionHolder> holderOf(int partition);

    /** @return all dispatchers that own something */
    Collection<DispatcherNode> dispatchers();
}
