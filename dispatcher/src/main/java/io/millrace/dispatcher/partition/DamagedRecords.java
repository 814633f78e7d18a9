package io.millrace.dispatcher.partition;

import io.millrace.dispatcher.engine.store.DamagedRecordException;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Records that could not be read, by the partitions whose stores they stood in. Each time the store is filled anew from its
 * changelog. If the same record comes back the same, that helps no more, and the partition must not be opened again. Kept in
 * memory alone: a node that is started again tries again. Any thread.
 */
public final class DamagedRecords {

    private static final String REMEDY =
            "Start this node again with the version of Millrace that wrote the record, or restore the"
                    + " topic of the state from a copy; nothing of this partition is carried out until then.";

    private final Map<Integer, String> found = new ConcurrentHashMap<>();
    private final Map<Integer, String> hopeless = new ConcurrentHashMap<>();

    /** Notes one; at the most one of each opening of the partition's store, since only the next is of a store filled anew. */
    public void note(int partition, DamagedRecordException damage) {
        String text = String.valueOf(damage.getMessage());
        String earlier = found.put(partition, text);
        if (text.equals(earlier)) {
            hopeless.put(partition, text);
        }
    }

    /** @return why the partition must not be opened, empty if it may */
    Optional<PartitionStoppedException> hopeless(int partition) {
        return Optional.ofNullable(hopeless.get(partition))
                .map(text -> new PartitionStoppedException(
                        partition,
                        text + ", and it came back the same when the store was filled anew from Kafka",
                        REMEDY));
    }
}
