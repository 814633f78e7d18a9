package io.millrace.notifier.claim;

import io.millrace.proto.ClaimId;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;

/** Ids for the claims of this process; they tell when each was made, and by whom. Safe from any thread. */
public final class ClaimIds {

    private final long process;
    private final AtomicLong numbers = new AtomicLong();

    /** @param node id of this node */
    public ClaimIds(String node) {
        this.process = ClaimId.process(node, ThreadLocalRandom.current().nextLong());
    }

    /** @return this process as it stands in the ids */
    public long process() {
        return process;
    }

    UUID next() {
        return ClaimId.of(System.currentTimeMillis(), process, numbers.getAndIncrement());
    }
}
