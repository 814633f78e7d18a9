package io.millrace.infra.worker;

import java.time.Duration;
import java.util.Optional;

/**
 * How a task is to be run; what is empty is left to the server.
 *
 * @param maxRetries attempts after the first
 * @param timeout from scheduling to the end, over all attempts; whole milliseconds
 * @param queue otherwise the workflow's
 */
public record TaskOptions(Optional<Integer> maxRetries, Optional<Duration> timeout, Optional<String> queue) {

    /** Everything as the server has it. */
    public static final TaskOptions DEFAULT = new TaskOptions(Optional.empty(), Optional.empty(), Optional.empty());

    /** @return with that many attempts after the first */
    public TaskOptions withMaxRetries(int retries) {
        return new TaskOptions(Optional.of(retries), timeout, queue);
    }

    /** @return to be over within that time */
    public TaskOptions withTimeout(Duration limit) {
        return new TaskOptions(maxRetries, Optional.of(limit), queue);
    }

    /** @return on that queue */
    public TaskOptions onQueue(String name) {
        return new TaskOptions(maxRetries, timeout, Optional.of(name));
    }
}
