package io.millrace.ingest.grpc;

import io.grpc.Attributes;
import java.util.concurrent.Executor;

/** The thread on which everything of a call happens. What comes of it elsewhere has to go back there. */
public final class CallThread {

    /** Where a connection of gRPC keeps it; absent where the connection has just ended. */
    public static final Attributes.Key<Executor> KEY = Attributes.Key.create("millrace-call-thread");

    private CallThread() {}
}
