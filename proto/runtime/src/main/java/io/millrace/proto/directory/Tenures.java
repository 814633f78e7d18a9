package io.millrace.proto.directory;

import io.millrace.proto.v1.DispatcherNode;
import io.millrace.proto.v1.PartitionTenure;
import io.millrace.proto.v1.PartitionTenure.Stage;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/**
 * What a node tells all others of its partitions. Each record says everything, so the order of the calls for a
 * partition counts, and not which thread was quicker. What is no longer true is not said at all. Safe from any thread;
 * no method blocks.
 */
public final class Tenures {

    /** Instead of an offset: the tenure has not begun. */
    public static final long NOT_BEGUN = -1;

    private final DispatcherNode self;
    private final Function<DispatcherNode, CompletableFuture<Void>> announce;
    private final Map<Integer, Announced> tenures = new TreeMap<>();
    private boolean left;

    private record Announced(Stage stage, long begunAt) {
        static final Announced NONE = new Announced(Stage.OVER, NOT_BEGUN);

        /**
         * @return whether this is later than the other; that one has a beginning of its own, or is an earlier stage of
         *     the same tenure
         */
        boolean follows(Announced other) {
            return begunAt > other.begunAt
                    || begunAt == other.begunAt && other.stage != Stage.OPENING && stage.compareTo(other.stage) > 0;
        }
    }

    /**
     * @param self name and address of the node
     * @param before what the node said when it ran last; all of that is over
     * @param announce tells it to all nodes; of several records the last one counts
     */
    Tenures(
            DispatcherNode self,
            Optional<DispatcherNode> before,
            Function<DispatcherNode, CompletableFuture<Void>> announce) {
        this.self = self;
        this.announce = announce;
        before.ifPresent(said -> said.getTenuresList().stream()
                .filter(PartitionTenure::hasBegunAt)
                .forEach(tenure -> tenures.put(tenure.getPartition(), new Announced(Stage.OVER, tenure.getBegunAt()))));
    }

    /** The node begins to read the state of the partition. */
    public void opening(int partition) {
        synchronized (tenures) {
            if (!left) {
                tenures.compute(
                        partition,
                        (number, known) -> new Announced(Stage.OPENING, known == null ? NOT_BEGUN : known.begunAt));
                say();
            }
        }
    }

    /** The command at the offset, with which the tenure begins, has been carried out: the partition is served here. */
    public void owning(int partition, long begunAt) {
        advance(partition, new Announced(Stage.OWNING, begunAt));
    }

    /**
     * The partition is no longer served here.
     *
     * @param begunAt beginning of the tenure that ended, {@link #NOT_BEGUN} for one that was only opening; a later
     *     tenure goes on
     */
    public void over(int partition, long begunAt) {
        synchronized (tenures) {
            Announced known = tenures.getOrDefault(partition, Announced.NONE);
            if (begunAt == NOT_BEGUN && known.stage == Stage.OPENING) {
                tenures.put(partition, new Announced(Stage.OVER, known.begunAt));
                say();
                return;
            }
        }
        advance(partition, new Announced(Stage.OVER, begunAt));
    }

    private void advance(int partition, Announced now) {
        synchronized (tenures) {
            if (!left && now.follows(tenures.getOrDefault(partition, Announced.NONE))) {
                tenures.put(partition, now);
                say();
            }
        }
    }

    /**
     * The node stops: all its tenures are over, and it begins no more.
     *
     * @return completes once all nodes can know, exceptionally if they could not be told in time
     */
    public CompletableFuture<Void> leave() {
        synchronized (tenures) {
            left = true;
            tenures.replaceAll((partition, known) -> new Announced(Stage.OVER, known.begunAt));
            return say();
        }
    }

    /** To be called under the lock, so that the order of the records is the order of what they say. */
    private CompletableFuture<Void> say() {
        DispatcherNode.Builder said = self.toBuilder().setSinceMs(System.currentTimeMillis());
        tenures.forEach((partition, tenure) -> {
            PartitionTenure.Builder each =
                    PartitionTenure.newBuilder().setPartition(partition).setStage(tenure.stage);
            if (tenure.begunAt != NOT_BEGUN) {
                each.setBegunAt(tenure.begunAt);
            }
            said.addTenures(each);
            if (tenure.stage == Stage.OWNING) {
                said.addPartitions(partition);
            }
        });
        return announce.apply(said.build());
    }
}
