package io.millrace.infra.worker;

import java.time.Duration;
import java.util.Optional;

/**
 * How a task is to be run. The server decides what is empty.
 *
 * @param maxRetries attempts after the first
 * @param timeout from scheduling to the end, over all attempts; whole milliseconds
 * @param queue the task's queue; if empty, the workflow's
 */
public record TaskOptions(Optional<Integer> maxRetries, Optional<Duration> timeout, Optional<String> queue) {

    /** Leaves everything to the server. */
    public static final TaskOptions DEFAULT = new TaskOptions(Optional.empty(), Optional.empty(), Optional.empty());

    /** @return the same options, with so many attempts after the first */
    public TaskOptions withMaxRetries(int retries) {
        return new TaskOptions(Optional.of(retries), timeout, queue);
    }

    /** @return the same options, with this timeout */
    public TaskOptions withTimeout(Duration limit) {
        return new TaskOptions(maxRetries, Optional.of(limit), queue);
    }

    /** @return the same options, on that queue */
    public TaskOptions onQueue(String name) {
        return new TaskOptions(maxRetries, timeout, Optional.of(name));
    }
}
