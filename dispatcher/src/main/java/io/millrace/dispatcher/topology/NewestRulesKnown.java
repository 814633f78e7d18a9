package io.millrace.dispatcher.topology;

import io.millrace.dispatcher.engine.Rules;
import io.millrace.proto.directory.PartitionHolder;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.IntFunction;

/**
 * Whether the newest rules that this node knows are known to all that have a partition, or had it last. Any thread; looks in
 * memory only.
 *
 * @param holders who has a partition, or had it last, as far as it is known
 * @param node id of this node
 * @param partitions how many there are
 */
record NewestRulesKnown(IntFunction<Optional<PartitionHolder>> holders, String node, int partitions) implements BooleanSupplier {

    @Override
    public boolean getAsBoolean() {
        for (int partition = 0; partition < partitions; partition++) {
            if (!holders.apply(partition).map(this::knows).orElse(true)) {
                return false;
            }
        }
        return true;
    }

    private boolean knows(PartitionHolder holder) {
        return holder.node().getNode().equals(node) || holder.node().getKnownRules() >= Rules.VERSION;
    }
}
