package io.millrace.dispatcher.partition;

import java.util.Collection;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The partitions that Kafka Streams gave to this node; how it stands to each, its tenure says. Any thread. */
public final class Partitions {

    private final Map<Integer, Partition> here = new ConcurrentHashMap<>();
    private final Map<Integer, String> stopped = new ConcurrentHashMap<>();

    /** @return the partition, or null where another node has it */
    public @Nullable Partition get(int number) {
        return here.get(number);
    }

    /** @return all that are here */
    public Collection<Partition> all() {
        return Collections.unmodifiableCollection(here.values());
    }

    /** @return how the node stands to each at this moment */
    public Map<Integer, TenureState> tenures() {
        Map<Integer, TenureState> tenures = new TreeMap<>();
        here.forEach((number, partition) -> tenures.put(number, partition.tenure()));
        return tenures;
    }

    void opened(Partition partition) {
        Partition before = here.put(partition.number(), partition);
        if (before != null) {
            before.watches().close(); // another thread of this node has not closed it yet
        }
    }

    /** It stands still: nobody is served from it any more. */
    void stopped(int number, PartitionStoppedException why) {
        stopped.put(number, why.getMessage());
    }

    /** The node no longer has one that stood still before it was opened. */
    void released(int number) {
        stopped.remove(number);
    }

    /** @return why partitions of this node stand still, by their numbers: only people can help */
    public Map<Integer, String> stopped() {
        return new TreeMap<>(stopped);
    }

    void closed(Partition partition) {
        partition.watches().close();
        if (here.remove(partition.number(), partition)) {
            stopped.remove(partition.number());
        }
    }
}
