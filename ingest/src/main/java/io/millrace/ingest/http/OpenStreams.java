package io.millrace.ingest.http;

import io.millrace.ingest.limits.OrganisationLoads;
import io.millrace.ingest.limits.Pool;
import java.util.UUID;

/** The place of one event stream among those of its organisation that are open on this node. Safe from any thread. */
final class OpenStreams {

    private final Pool.Share share;
    private final long most;

    private OpenStreams(Pool.Share share, long most) {
        this.share = share;
        this.most = most;
    }

    static OpenStreams of(OrganisationLoads loads, UUID orgId) {
        return new OpenStreams(loads.of(orgId).streams(), loads.mostStreams());
    }

    /** @return the most that may be open on this node, of all organisations */
    long most() {
        return most;
    }

    /** @return how many the organisation has open */
    long own() {
        return share.own();
    }

    /** @return whether there is room for another; it has to {@link #leave} in the end */
    boolean enter() {
        return share.take(1);
    }

    void leave() {
        share.give(1);
    }
}
