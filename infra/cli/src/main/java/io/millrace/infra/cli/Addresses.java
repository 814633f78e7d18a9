package io.millrace.infra.cli;

import io.millrace.infra.config.ServerConfig;
import io.millrace.infra.server.MillraceServer;

/** The addresses of a node, for people. */
public final class Addresses {

    private Addresses() {}

    /** @return what an address of its HTTP port begins with: http, or https */
    public static String scheme(ServerConfig config) {
        return config.tls().door().isPresent() ? "https" : "http";
    }

    /** @return addresses of gRPC and HTTP, with the ports that the node got */
    public static String of(ServerConfig config, MillraceServer server) {
        return "gRPC " + config.grpc().host() + ':' + server.grpcPort() + ", HTTP " + scheme(config) + "://"
                + config.http().host() + ':' + server.httpPort();
    }
}
