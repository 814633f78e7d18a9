package io.millrace.dispatcher.partition;

import io.millrace.dispatcher.codec.OutgoingEncoder;
import io.millrace.dispatcher.engine.command.Command.ChildClosed;
import io.millrace.dispatcher.engine.decide.Outgoing;
import io.millrace.dispatcher.engine.store.Storage;
import io.millrace.dispatcher.engine.store.Table;
import io.millrace.proto.Shards;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Commands on their way to other partitions. Each is sent at once, and kept until Kafka has it. A command that is still
 * under way at a commit is stored with it. After a crash, whoever owns the partition then sends it again. So each
 * arrives at least once, with the same id, and receivers ignore what they have seen. Those for one target arrive in the
 * order in which they were decided, whatever fails or crashes: see {@link OutboxLane}. Stream thread, but for {@link
 * #retry}.
 */
final class Outbox {

    private final Storage storage;
    private final CommandWriter writer;
    private final long maxHistoryBytes;
    private final BlockedLanes blocked;
    private final Deque<OutboxEntry> entries = new ArrayDeque<>();
    private final Map<Integer, OutboxLane> lanes = new ConcurrentHashMap<>();

    Outbox(Storage storage, CommandWriter writer, long maxHistoryBytes, BlockedLanes blocked) {
        this.storage = storage;
        this.writer = writer;
        this.maxHistoryBytes = maxHistoryBytes;
        this.blocked = blocked;
        TreeSet<OutboxEntry> stored = new TreeSet<>();
        storage.scan(Table.OUTBOX, new byte[0], (key, value) -> stored.add(OutboxEntry.stored(key, value)));
        stored.forEach(this::send);
    }

    /**
     * Sends what a command decided, in this order.
     *
     * @param offset of the command
     * @param again whether it may have been sent before: whoever gets it is told then, and begins nothing that may have been and ended
     */
    void send(List<Outgoing> decided, long timeMs, int fromPartition, long offset, boolean again) {
        for (int which = 0; which < decided.size(); which++) {
            Outgoing outgoing = decided.get(which);
            byte[] command = OutgoingEncoder.encode(
                            outgoing, timeMs, "partition " + fromPartition + " offset " + offset, maxHistoryBytes)
                    .toByteArray();
            int partition = Shards.partition(outgoing.shard(), writer.partitions());
            OutboxEntry entry =
                    OutboxEntry.decided(offset, which, outgoing.commandId(), subject(outgoing), partition, command);
            if (again) {
                entry.again();
            }
            send(entry);
        }
    }

    /**
     * @return what the command is about: an execution or a key, as far as its shard tells. Each child of a parent
     *     counts by itself, since it does not matter which of them is heard to have closed first
     */
    private static int subject(Outgoing outgoing) {
        return outgoing.command() instanceof ChildClosed closed
                ? closed.childExecutionId().hashCode() & Integer.MAX_VALUE
                : outgoing.shard();
    }

    private void send(OutboxEntry entry) {
        entries.add(entry);
        lanes.computeIfAbsent(entry.partition(), number -> new OutboxLane(writer, blocked))
                .add(entry);
    }

    /** @return whether nothing is under way, and nothing is to be struck */
    boolean empty() {
        return entries.isEmpty();
    }

    /** @return whether Kafka has something that only a commit strikes */
    boolean toStrike() {
        for (OutboxEntry entry : entries) {
            if (entry.arrived() && entry.stored()) {
                return true;
            }
        }
        return false;
    }

    /**
     * Stores what is still under way, strikes what has arrived. Looks at the newest first. One may arrive meanwhile,
     * and let the one behind it leave and arrive. In this order it is seen to have arrived as well. Otherwise it would
     * be left in the store alone, and be sent again after the other.
     */
    void flush() {
        for (Iterator<OutboxEntry> newestFirst = entries.descendingIterator(); newestFirst.hasNext(); ) {
            if (struck(newestFirst.next())) {
                newestFirst.remove();
            }
        }
    }

    private boolean struck(OutboxEntry entry) {
        boolean arrived = entry.arrived();
        if (arrived == entry.stored()) {
            storage.put(Table.OUTBOX, entry.storedKey(), arrived ? null : entry.storedValue());
            entry.stored(!arrived);
        }
        return arrived;
    }

    /** Sends again what Kafka did not take. Any thread. */
    void retry() {
        lanes.values().forEach(OutboxLane::again);
    }

    /** Sends nothing any more: whoever opens the partition next sends what is stored, and two must not send side by side. */
    void close() {
        lanes.values().forEach(OutboxLane::close);
    }
}
