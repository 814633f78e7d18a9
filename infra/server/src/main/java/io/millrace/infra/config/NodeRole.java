package io.millrace.infra.config;

import java.util.Locale;

/** What a node does. One node may have all roles. Or each role runs on nodes of its own, as many as needed. */
public enum NodeRole {
    /** gRPC and HTTP front door, and the read model. */
    INGEST,
    /** The engine: turns commands into state and events. */
    DISPATCHER,
    /** Parked polls and subscriptions of waiting workers. */
    NOTIFIER;

    /** @return the name of the role in configuration files, on the command line and in the health service */
    public String key() {
        return name().toLowerCase(Locale.ROOT);
    }
}
