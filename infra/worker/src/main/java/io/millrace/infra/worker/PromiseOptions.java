package io.millrace.infra.worker;

import java.time.Duration;
import java.util.Optional;

/**
 * @param timeout after which the promise fails; whole milliseconds
 * @param idempotencyKey by which it can be settled from outside
 */
public record PromiseOptions(Optional<Duration> timeout, Optional<String> idempotencyKey) {

    /** For ever, and without a key. */
    public static final PromiseOptions DEFAULT = new PromiseOptions(Optional.empty(), Optional.empty());

    /** @return failing after that time */
    public PromiseOptions withTimeout(Duration limit) {
        return new PromiseOptions(Optional.of(limit), idempotencyKey);
    }

    /** @return with that key */
    public PromiseOptions withIdempotencyKey(String key) {
        return new PromiseOptions(timeout, Optional.of(key));
    }
}
