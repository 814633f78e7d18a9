package io.millrace.proto.reads;

import io.grpc.ManagedChannelBuilder;

/** How other nodes are reached: in plain text or by TLS, and how this node shows that it is one. Any thread. */
@FunctionalInterface
public interface NodeChannels {

    /** In plain text, to nodes that ask for no proof. */
    NodeChannels PLAIN =
            (host, port) -> ManagedChannelBuilder.forAddress(host, port).usePlaintext();

    /**
     * @param host address that the node announced
     * @param port its port
     * @return a channel to it, still to be built
     */
    ManagedChannelBuilder<?> to(String host, int port);
}
