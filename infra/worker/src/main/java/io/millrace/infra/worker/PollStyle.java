package io.millrace.infra.worker;

import java.time.Duration;

/** How a worker asks for work. */
public sealed interface PollStyle {

    /** Keeps a workflow poll and a task poll open all the time. The server holds each of them until there is work. */
    record Parallel(Duration hold, Duration pauseWhenEmpty) implements PollStyle {}

    /** One thread asks for a workflow, then for a task. It runs what it got before it asks again. */
    record Alternating(Duration hold, Duration pauseWhenEmpty) implements PollStyle {}

    /**
     * Subscribes, and asks when told of work; the server does not hold the poll. Without notifications it asks only
     * once in each interval. So work that comes sooner came through a notification.
     */
    record Subscribed(Duration interval) implements PollStyle {}

    /** @return the style of the Rust SDK */
    static PollStyle parallel() {
        return new Parallel(Duration.ofSeconds(60), Duration.ofMillis(100));
    }

    /** @return the style of the Python SDK */
    static PollStyle alternating() {
        return new Alternating(Duration.ofSeconds(30), Duration.ofMillis(10));
    }

    /** @return a style that subscribes, and without a notification asks only once in each interval */
    static PollStyle subscribed(Duration interval) {
        return new Subscribed(interval);
    }
}
