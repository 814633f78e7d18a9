package io.millrace.dispatcher.engine.state;

import io.millrace.dispatcher.engine.store.Bytes;
import java.util.UUID;

/**
 * A promise of a workflow.
 *
 * @param timeoutAtMs when it times out, 0: never
 * @param idempotencyKey outside key bound to it, empty: none
 * @param settled resolved, rejected or timed out
 */
public record Promise(UUID id, String name, long timeoutAtMs, String idempotencyKey, boolean settled) {

    Bytes write(Bytes out) {
        return out.rawId(id).text(name).i64(timeoutAtMs).text(idempotencyKey).bool(settled);
    }

    static Promise read(Bytes in) {
        return new Promise(in.rawId(), in.text(), in.i64(), in.text(), in.bool());
    }

    Promise settle() {
        return new Promise(id, name, timeoutAtMs, idempotencyKey, true);
    }
}
