package io.millrace.proto.directory;

import io.millrace.proto.v1.DispatcherNode;
import java.util.Collection;
import java.util.Optional;

/** Where partitions are served, as far as this node has heard. Look-ups are in memory; safe from any thread. */
public interface Dispatchers {

    /** @return the dispatcher that serves the partition: the one whose tenure is the latest, while that owns it */
    default Optional<DispatcherNode> dispatcherOf(int partition) {
        return holderOf(partition).filter(PartitionHolder::owns).map(PartitionHolder::node);
    }

    /** @return the latest tenure of the partition that any node told of; a node that owns an earlier one owns it no more */
    Optional<PartitionHolder> holderOf(int partition);

    /** @return all dispatchers that own something */
    Collection<DispatcherNode> dispatchers();
}
