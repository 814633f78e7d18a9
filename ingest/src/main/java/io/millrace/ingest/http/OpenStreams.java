package io.millrace.ingest.http;

import io.millrace.ingest.limits.OrganisationLoads;
import io.millrace.ingest.limits.Pool;
import java.util.Map;
import java.util.UUID;

/** The place of one event stream, or of one request that waits, among those of its organisation that are open on this node. Safe from any thread. */
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

    /** @return whether there is room for another; it has to {@link #leave} in the end */
    boolean enter() {
        return share.take(1);
    }

    /** @return what is answered where there is no room */
    HttpReply refusal() {
        return HttpErrors.reply(
                        429,
                        "RESOURCE_EXHAUSTED",
                        "expected at most " + most
                                + " open streams and waiting requests on this node, and an organisation to have"
                                + " no more than it leaves free for others, but it has " + share.own())
                .with(Map.of("Retry-After", "1"));
    }

    void leave() {
        share.give(1);
    }
}
