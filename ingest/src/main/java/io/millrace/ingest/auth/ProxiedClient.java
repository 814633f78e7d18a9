package io.millrace.ingest.auth;

import io.grpc.Attributes;
import java.net.InetSocketAddress;

/** Where a connection of gRPC says of which client its proxy told by the PROXY protocol. */
public final class ProxiedClient {

    /** Address of the client; absent where no proxy told of any. */
    public static final Attributes.Key<InetSocketAddress> KEY = Attributes.Key.create("millrace-proxied-client");

    private ProxiedClient() {}
}
