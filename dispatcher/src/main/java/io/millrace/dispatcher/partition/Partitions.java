package io.millrace.dispatcher.partition;

import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/** The partitions that this node owns now. Any thread. */
public final class Partitions {

    private final Map<Integer, Partition> owned = new ConcurrentHashMap<>();
    private volatile Consumer<List<Integer>> onChange = numbers -> {};

    /** Sets who hears of every change of ownership; called on stream threads, must not block. */
    public void onChange(Consumer<List<Integer>> listener) {
        onChange = listener;
    }

    /** @return the partition, or null where another node owns it */
    public Partition get(int number) {
        return owned.get(number);
    }

    /** @return all that are owned */
    public Collection<Partition> all() {
        return Collections.unmodifiableCollection(owned.values());
    }

    void opened(Partition partition) {
        owned.put(partition.number(), partition);
        changed();
    }

    void closed(Partition partition) {
        partition.watches().close();
        if (owned.remove(partition.number(), partition)) {
            changed();
        }
    }

    private void changed() {
        onChange.accept(owned.keySet().stream().sorted().toList());
    }
}
