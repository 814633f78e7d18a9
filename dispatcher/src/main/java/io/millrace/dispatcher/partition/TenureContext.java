package io.millrace.dispatcher.partition;

import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * What the tenures of a node share.
 *
 * @param lease asked for once for each tenure, on the stream thread that opens the partition
 * @param nanoTime as {@link System#nanoTime}
 */
public record TenureContext(Supplier<Lease> lease, Announcements announcements, LongSupplier nanoTime) {

    /** @return for a node that is the only one, and known to nobody */
    public static TenureContext ofTheOnlyNode() {
        return new TenureContext(() -> Lease.OF_THE_ONLY_NODE, Announcements.NONE, System::nanoTime);
    }
}
