package io.millrace.dispatcher.partition;

import java.util.concurrent.CompletableFuture;
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
 * @param committed up to where commands are carried out
 * @param readLeaseNanos how long reads may be answered after the group was asked, nanoseconds, at least {@link Lease#LENGTH_NANOS}
 */
public record TenureContext(
        Instance instance,
        Supplier<Lease> lease,
        Announcements announcements,
        LongSupplier nanoTime,
        BooleanSupplier newestRulesKnown,
        CommittedOffsets committed,
        long readLeaseNanos) {

    /** With leases of the usual length, where nobody tells what is committed. */
    public TenureContext(
            Instance instance,
            Supplier<Lease> lease,
            Announcements announcements,
            LongSupplier nanoTime,
            BooleanSupplier newestRulesKnown) {
        this(
                instance,
                lease,
                announcements,
                nanoTime,
                newestRulesKnown,
                partition -> new CompletableFuture<>(),
                Lease.LENGTH_NANOS);
    }

    /** @return what its tenures say of it in the log, milliseconds; 0: that it is as usual */
    int readLeaseToldMs() {
        return readLeaseNanos == Lease.LENGTH_NANOS ? 0 : Math.toIntExact(readLeaseNanos / 1_000_000);
    }

    /** @return for a node that is the only one, known to nobody, and leaves the rules as they are */
    public static TenureContext ofTheOnlyNode() {
        return new TenureContext(
                new Instance(0), () -> Lease.OF_THE_ONLY_NODE, Announcements.NONE, System::nanoTime, () -> false);
    }
}
