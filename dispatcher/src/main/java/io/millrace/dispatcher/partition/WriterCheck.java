package io.millrace.dispatcher.partition;

import io.millrace.proto.mac.CommandMacs;
import io.millrace.proto.mac.MacMode;
import io.millrace.proto.v1.CommandRecord;
import io.millrace.proto.v1.MacVerdict;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says of a command that is decided for the first time whether a node of the installation wrote it. Counts those that
 * no node wrote, and logs one line for each burst of them. Stream threads.
 */
public final class WriterCheck {

    private static final Logger LOG = LoggerFactory.getLogger(WriterCheck.class);
    /** So long without any, and a burst is over. */
    private static final long BURST_NANOS = TimeUnit.MINUTES.toNanos(1);

    private final CommandMacs macs;
    private final PartitionMetrics metrics;
    private long lastNanos;
    private boolean any;

    /**
     * @param macs knows the keys
     * @param metrics counts
     */
    public WriterCheck(CommandMacs macs, PartitionMetrics metrics) {
        this.macs = macs;
        this.metrics = metrics;
    }

    /** @return the verdict that stands in the outcome, and decides whether the command is refused */
    MacVerdict of(int partition, long offset, byte[] record, CommandRecord command) {
        MacVerdict verdict = macs.check(partition, record, command);
        if (verdict == MacVerdict.MAC_VALID || verdict == MacVerdict.MAC_UNCHECKED) {
            return verdict;
        }
        metrics.notByANode(verdict);
        note(partition, offset, verdict);
        return macs.mode() == MacMode.REQUIRE ? verdict : MacVerdict.MAC_UNCHECKED;
    }

    private synchronized void note(int partition, long offset, MacVerdict verdict) {
        long now = System.nanoTime();
        if (!any || now - lastNanos > BURST_NANOS) {
            LOG.warn(
                    "the command at offset {} of partition {} was not written by a node that is known here ({}) and is {};"
                            + " others like it are counted only, until there was none for a minute",
                    offset,
                    partition,
                    verdict,
                    macs.mode() == MacMode.REQUIRE ? "refused" : "carried out all the same");
        }
        any = true;
        lastNanos = now;
    }
}
