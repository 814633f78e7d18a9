package io.millrace.dispatcher.partition;

import io.millrace.dispatcher.engine.store.Storage;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A partition that this node was given, but whose state it cannot read. Nothing of it is opened, and it stands still at
 * the first command that comes. That is noted in its store, so that whoever can read the state carries all of them out,
 * with their outcomes. Stream thread.
 */
public final class UnreadablePartition implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(UnreadablePartition.class);

    private final int number;
    private final HeardMark heard;
    private final LogCursor log;
    private final Partitions partitions;

    private UnreadablePartition(int number, Storage storage, LogCursor log, Partitions partitions) {
        this.number = number;
        this.heard = new HeardMark(storage);
        this.log = log;
        this.partitions = partitions;
    }

    /** @return the partition if it is known that its state cannot be read */
    public static Optional<UnreadablePartition> known(int number, Storage storage, LogCursor log, NodeContext node) {
        return node.faults().damagedRecords().hopeless(number).map(why -> {
            LOG.error("{}", why.getMessage());
            node.partitions().stopped(number, why);
            return new UnreadablePartition(number, storage, log, node.partitions());
        });
    }

    /**
     * A command has come, which is not carried out.
     *
     * @param offset its place in the log
     * @param appendedMs when the broker took it in, milliseconds since the epoch
     */
    public void hold(long offset, long appendedMs) {
        if (!heard.set()) {
            heard.set(offset - 1, appendedMs - Continuity.SURELY_SENT_MS);
        }
        log.hold(offset);
    }

    /** The node has the partition no more. */
    @Override
    public void close() {
        partitions.released(number);
    }
}
