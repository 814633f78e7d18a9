package io.millrace.ingest.http;

import io.millrace.ingest.limits.OrganisationLoad;
import io.millrace.ingest.limits.OrganisationLoads;
import io.millrace.ingest.limits.Pool;
import io.millrace.ingest.limits.Turnstile;
import java.util.Map;
import java.util.UUID;

/**
 * The place of one event stream, or of one request that waits. It counts among those of its organisation that are open on this
 * node. What it reads and writes counts among what the organisation has under way. Safe from any thread.
 */
final class OpenStreams {

    private final Pool.Share share;
    private final long most;
    private final OrganisationLoad load;

    private OpenStreams(OrganisationLoad load, long most) {
        this.share = load.streams();
        this.most = most;
        this.load = load;
    }

    static OpenStreams of(OrganisationLoads loads, UUID orgId) {
        return new OpenStreams(loads.of(orgId), loads.mostStreams());
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

    /** @return where it passes when it reads a history */
    Turnstile.Lane histories() {
        return load.histories().lane();
    }

    /** @return where what it writes passes, in bytes that it takes until its client has taken it */
    Turnstile.Lane answers() {
        return load.answers().lane();
    }

    void leave() {
        share.give(1);
    }
}
