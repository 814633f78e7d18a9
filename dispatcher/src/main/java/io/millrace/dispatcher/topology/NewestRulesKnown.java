package io.millrace.dispatcher.topology;

import io.millrace.dispatcher.engine.command.Rules;
import io.millrace.proto.directory.PartitionHolder;
import io.millrace.proto.v1.DispatcherNode;
import java.util.Collection;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.IntFunction;
import java.util.function.Supplier;

/**
 * Whether the newest rules that this node knows are known to all that have a partition, or had it last. Nodes that tell no
 * tenures count by what they list, though a later tenure hides them. While the group has other members, one that is not heard of
 * may have a partition of which nothing is known. Any thread; looks in memory only.
 *
 * @param holders who has a partition, or had it last, as far as it is known
 * @param dispatchers all that list partitions
 * @param others whether other nodes are in the group
 * @param node id of this node
 * @param partitions how many there are
 */
record NewestRulesKnown(
        IntFunction<Optional<PartitionHolder>> holders,
        Supplier<Collection<DispatcherNode>> dispatchers,
        BooleanSupplier others,
        String node,
        int partitions)
        implements BooleanSupplier {

    @Override
    public boolean getAsBoolean() {
        if (!dispatchers.get().stream().allMatch(this::knows)) {
            return false;
        }
        boolean unknownKnows = !others.getAsBoolean();
        for (int partition = 0; partition < partitions; partition++) {
            if (!holders.apply(partition)
                    .map(PartitionHolder::node)
                    .map(this::knows)
                    .orElse(unknownKnows)) {
                return false;
            }
        }
        return true;
    }

    private boolean knows(DispatcherNode dispatcher) {
        return dispatcher.getNode().equals(node) || dispatcher.getKnownRules() >= Rules.VERSION;
    }
}
