package io.millrace.infra.worker;

import java.time.Duration;

/** How a worker asks for work. */
public sealed interface PollStyle {

    /** A workflow poll and a task poll are open all the time, each held by the server until there is work. */
    record Parallel(Duration hold, Duration pauseWhenEmpty) implements PollStyle {}

    /** One thread asks for a workflow, then for a task, and runs what it got before it asks again. */
    record Alternating(Duration hold, Duration pauseWhenEmpty) implements PollStyle {}

    /**
     * Subscribes, and asks when told of work, without letting the server hold the poll. Otherwise it asks only as often as
     * the interval says, so that whatever it gets sooner it got through a notification.
     */
    record Subscribed(Duration interval) implements PollStyle {}

    /** @return what the Rust SDK does */
    static PollStyle parallel() {
        return new Parallel(Duration.ofSeconds(60), Duration.ofMillis(100));
    }

    /** @return what the Python SDK does */
    static PollStyle alternating() {
        return new Alternating(Duration.ofSeconds(30), Duration.ofMillis(10));
    }

    /** @return subscribes, and asks unasked only at that interval */
    static PollStyle subscribed(Duration interval) {
        return new Subscribed(interval);
    }
}
