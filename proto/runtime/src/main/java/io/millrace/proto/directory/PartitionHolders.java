package io.millrace.proto.directory;

import io.millrace.proto.v1.DispatcherNode;
import io.millrace.proto.v1.PartitionTenure;
import io.millrace.proto.v1.PartitionTenure.Stage;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Who holds which partition, as dispatchers said last. What they say comes from one thread, look-ups from any. */
final class PartitionHolders {

    /** What each dispatcher said last, in the order in which they said it. */
    private volatile List<DispatcherNode> dispatchers = List.of();

    private volatile Map<Integer, PartitionHolder> holders = Map.of();

    /**
     * Takes in what a dispatcher says. The latest tenure counts. For nodes that tell no tenures the order of the records counts: the
     * topic has one partition.
     */
    void said(DispatcherNode node) {
        List<DispatcherNode> said = Stream.concat(
                        dispatchers.stream().filter(each -> !each.getNode().equals(node.getNode())), Stream.of(node))
                .toList();
        Map<Integer, PartitionHolder> latest = new HashMap<>();
        said.forEach(each -> holdings(each)
                .forEach((partition, holder) -> latest.merge(
                        partition, holder, (known, other) -> other.begunAt() >= known.begunAt() ? other : known)));
        dispatchers = said;
        holders = Map.copyOf(latest);
    }

    private static Map<Integer, PartitionHolder> holdings(DispatcherNode node) {
        Map<Integer, PartitionHolder> holdings = new HashMap<>();
        if (node.getTenuresCount() == 0) {
            node.getPartitionsList()
                    .forEach(partition ->
                            holdings.put(partition, new PartitionHolder(node, Stage.OWNING, Tenures.NOT_BEGUN)));
        }
        for (PartitionTenure tenure : node.getTenuresList()) {
            if (tenure.hasBegunAt()) {
                holdings.put(tenure.getPartition(), new PartitionHolder(node, tenure.getStage(), tenure.getBegunAt()));
            }
        }
        return holdings;
    }

    /** As {@link Directory#holderOf} says. */
    Optional<PartitionHolder> of(int partition) {
        return Optional.ofNullable(holders.get(partition));
    }

    /** @return what the dispatcher of the node said last */
    Optional<DispatcherNode> dispatcher(String node) {
        return dispatchers.stream().filter(each -> each.getNode().equals(node)).findFirst();
    }

    /** @return what those dispatchers said last that have partitions */
    Collection<DispatcherNode> dispatchers() {
        return dispatchers.stream()
                .filter(node -> node.getPartitionsCount() > 0)
                .toList();
    }
}
