package io.millrace.infra.door;

import java.time.Duration;

/**
 * What gRPC's connections may do.
 *
 * @param connections how many may be open at a time, all together
 * @param calls how many may be open on one connection
 * @param strangerTimeout how long a connection that has shown no known key may be without a call
 * @param patience how long a client may take nothing of its answers, or leave a request unfinished
 */
public record DoorSettings(int connections, int calls, Duration strangerTimeout, Duration patience) {

    /** @return limits that no honest client reaches */
    public static DoorSettings defaults() {
        return new DoorSettings(10_000, 10_000, Duration.ofSeconds(30), Duration.ofSeconds(30));
    }
}
