package io.millrace.dispatcher.partition;

import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * What the tenures of a node share.
 *
 * @param instance tells the node's processes from those that only have its name
 * @param lease asked for once for each tenure, on the stream thread that opens the partition
 * @param nanoTime as {@link System#nanoTime}
 * @param newestRulesKnown whether every node that has partitions knows the newest rules that this one knows; any thread
 */
public record TenureContext(
        Instance instance,
        Supplier<Lease> lease,
        Announcements announcements,
        LongSupplier nanoTime,
        BooleanSupplier newestRulesKnown) {

    /** @return for a node that is the only one, known to nobody, and leaves the rules as they are */
    public static TenureContext ofTheOnlyNode() {
        return new TenureContext(
                new Instance(0), () -> Lease.OF_THE_ONLY_NODE, Announcements.NONE, System::nanoTime, () -> false);
    }
}
