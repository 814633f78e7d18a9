package io.millrace.proto.directory;

/**
 * When something last happened, and when this node last told others of it, who need not hear of it each time. Milliseconds by this node's
 * clock; 0: never.
 */
record Told(long lastMs, long toldMs) {

    static final Told NEVER = new Told(0, 0);

    /** @return whether others are to hear of it if it happens now: they have not for the interval, or may not have heard of the last time */
    boolean isDue(long nowMs, long intervalMs) {
        return toldMs == 0 || nowMs - toldMs >= intervalMs;
    }

    /** It happens here. */
    Told here(long nowMs, long intervalMs) {
        return new Told(Math.max(lastMs, nowMs), isDue(nowMs, intervalMs) ? nowMs : toldMs);
    }

    /** Others tell of it. */
    Told elsewhere(long heardMs) {
        return new Told(Math.max(lastMs, heardMs), toldMs);
    }

    /** Others may not have heard of it. */
    Told untold() {
        return new Told(lastMs, 0);
    }
}
