package io.millrace.dispatcher.engine.state;

import java.util.UUID;

/**
 * A promise of a workflow.
 *
 * @param timeoutAtMs when it times out, 0: never
 * @param idempotencyKey outside key bound to it, empty: none
 * @param settled resolved, rejected or timed out
 */
public record Promise(UUID id, String name, long timeoutAtMs, String idempotencyKey, boolean settled) {

    Promise settle() {
        return new Promise(id, name, timeoutAtMs, idempotencyKey, true);
    }
}
