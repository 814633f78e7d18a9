package io.millrace.infra.worker;

import java.time.Duration;
import java.util.Optional;

/**
 * How a promise is made.
 *
 * @param timeout time after which the promise fails; whole milliseconds
 * @param idempotencyKey key by which the promise can be settled from outside
 */
public record PromiseOptions(Optional<Duration> timeout, Optional<String> idempotencyKey) {

    /** No timeout and no key. */
    public static final PromiseOptions DEFAULT = new PromiseOptions(Optional.empty(), Optional.empty());

    /** @return the same options, with this timeout */
    public PromiseOptions withTimeout(Duration limit) {
        return new PromiseOptions(Optional.of(limit), idempotencyKey);
    }

    /** @return the same options, with this key */
    public PromiseOptions withIdempotencyKey(String key) {
        return new PromiseOptions(timeout, Optional.of(key));
    }
}
