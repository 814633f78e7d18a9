package io.millrace.ingest.auth;

import io.grpc.Context;
import io.millrace.ingest.config.RateLimits;
import io.millrace.proto.auth.Caller;
import java.util.Optional;

/**
 * A caller who was let in.
 *
 * @param caller who it is
 * @param credential what it has shown
 * @param limits what may be asked with that, where that is not as for each key of the organisation
 */
public record Admission(Caller caller, Credential credential, Optional<RateLimits> limits) {

    /** Set beside {@link Caller#KEY}. */
    public static final Context.Key<Admission> KEY = Context.key("millrace-admission");
}
