package io.millrace.infra.config;

import io.millrace.infra.door.DoorSettings;
import java.time.Duration;

/**
 * Where and how gRPC listens.
 *
 * @param host address to bind
 * @param port port to bind; 0: any free one
 * @param maxMessageBytes largest request
 * @param maxMetadataBytes largest header of a request
 * @param permitKeepAlive shortest time between pings that is tolerated, whether calls are open or not
 * @param door what connections may do
 */
public record GrpcSettings(
        String host, int port, int maxMessageBytes, int maxMetadataBytes, Duration permitKeepAlive, DoorSettings door) {

    /** @return the same settings for another address */
    public GrpcSettings at(String otherHost, int otherPort) {
        return new GrpcSettings(otherHost, otherPort, maxMessageBytes, maxMetadataBytes, permitKeepAlive, door);
    }
}
