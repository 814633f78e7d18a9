package io.millrace.dispatcher.topology.group;

/**
 * Notices that the time of day was set back. Kafka's consumers reckon by it when to send the next heartbeat, and no time that they
 * have seen ever goes back: one that was made before sends none until the time of day has caught up, and is thrown out of its group.
 * Any thread.
 */
final class SetBack {

    /** Less than that the session of a member survives, and adjustments of a clock that run all the time stay below. */
    static final long LIMIT_MS = 2_000;

    private final GroupClock clock;
    private long latestMs;

    /** Begins with the time of day as it is now. */
    SetBack(GroupClock clock) {
        this.clock = clock;
        latestMs = clock.wallMs();
    }

    /** @return by how much the time of day is behind the latest that was seen, milliseconds; 0 if it is not much */
    synchronized long byMs() {
        long nowMs = clock.wallMs();
        latestMs = Math.max(latestMs, nowMs);
        return latestMs - nowMs > LIMIT_MS ? latestMs - nowMs : 0;
    }
}
