package io.millrace.infra.cli;

import io.millrace.infra.config.ServerConfig;
import io.millrace.infra.server.MillraceServer;

/** Where a node can be reached, for people. */
final class Addresses {

    private Addresses() {}

    static String of(ServerConfig config, MillraceServer server) {
        StringBuilder text = new StringBuilder("gRPC ")
                .append(config.grpc().host())
                .append(':')
                .append(server.grpcPort());
        server.httpPort().ifPresent(port -> text.append(", HTTP http://")
                .append(config.http().host())
                .append(':')
                .append(port));
        return text.toString();
    }
}
