package io.millrace.proto.auth;

import io.grpc.Context;

/** Whether what a caller has shown is in force still. The front door knows; safe from any thread, never waits. */
@FunctionalInterface
public interface InForce {

    /** Set on calls that wait; where it is not, what was shown lasts. */
    Context.Key<InForce> KEY = Context.keyWithDefault("millrace-in-force", () -> true);

    /** @return whether it is now */
    boolean isNow();
}
