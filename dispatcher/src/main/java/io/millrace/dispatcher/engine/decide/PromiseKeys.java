package io.millrace.dispatcher.engine.decide;

import io.millrace.dispatcher.engine.command.Command.FreePromiseKey;
import io.millrace.dispatcher.engine.event.HistoryEntry;
import io.millrace.dispatcher.engine.event.HistoryEntry.PromiseCreated;
import io.millrace.dispatcher.engine.event.HistoryEntry.PromiseRejected;
import io.millrace.dispatcher.engine.event.HistoryEntry.PromiseResolved;
import io.millrace.dispatcher.engine.event.HistoryEntry.PromiseTimedOut;
import io.millrace.dispatcher.engine.state.Execution;
import io.millrace.dispatcher.engine.state.Promise;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Watches what a decision does to the promises of one execution, for the keys that others may have from then on. */
final class PromiseKeys {

    private final @Nullable Execution before;
    private final List<PromiseCreated> created = new ArrayList<>(0);
    private final List<String> settled = new ArrayList<>(0);

    /** @param before the execution before the decision, null for a new one */
    PromiseKeys(@Nullable Execution before) {
        this.before = before;
    }

    /** @return whether the entry is to be noted */
    static boolean concernedBy(HistoryEntry entry) {
        return entry instanceof PromiseCreated
                || entry instanceof PromiseResolved
                || entry instanceof PromiseRejected
                || entry instanceof PromiseTimedOut;
    }

    void note(HistoryEntry entry) {
        if (entry instanceof PromiseCreated promise) {
            created.add(promise);
        } else if (entry instanceof PromiseResolved promise) {
            settled.add(promise.name());
        } else if (entry instanceof PromiseRejected promise) {
            settled.add(promise.name());
        } else if (entry instanceof PromiseTimedOut promise) {
            settled.add(promise.name());
        }
    }

    /** @return for each key that was in use until now, what frees it */
    Set<FreePromiseKey> freed(boolean closes) {
        if (!closes && settled.isEmpty()) {
            return Set.of();
        }
        Set<FreePromiseKey> freed = new LinkedHashSet<>();
        if (before != null) {
            for (Promise promise : before.promises()) {
                if (!promise.settled() && !promise.idempotencyKey().isEmpty() && over(promise.name(), closes)) {
                    freed.add(new FreePromiseKey(promise.idempotencyKey(), promise.id()));
                }
            }
        }
        for (PromiseCreated promise : created) {
            if (!promise.idempotencyKey().isEmpty() && over(promise.name(), closes)) {
                freed.add(new FreePromiseKey(promise.idempotencyKey(), promise.promiseId()));
            }
        }
        return freed;
    }

    private boolean over(String name, boolean closes) {
        return closes || settled.contains(name);
    }
}
