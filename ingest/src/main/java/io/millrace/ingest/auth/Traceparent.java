package io.millrace.ingest.auth;

import io.grpc.Context;

/** The trace that a call belongs to, as it goes into the log with the command. */
public final class Traceparent {

    /** Set on the thread of a call that belongs to a trace, as {@link io.millrace.proto.TraceContext} writes it. */
    public static final Context.Key<String> KEY = Context.key("millrace-traceparent");

    private Traceparent() {}
}
