package io.millrace.dispatcher.engine.state;

import io.millrace.dispatcher.engine.command.Rules;
import io.millrace.dispatcher.engine.event.SealedEvent;
import io.millrace.dispatcher.engine.event.Status;
import io.millrace.dispatcher.engine.store.Storage;
import io.millrace.dispatcher.engine.store.Table;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A copy of a workflow for threads that are not its partition's. What it waits for is made of its history, which any
 * thread may read. The workflow's own collections may change meanwhile, so they are not read. Any thread.
 */
public final class LiveCopy {

    private static final Storage NOTHING = new Storage() {
        @Override
        public byte @Nullable [] get(Table table, byte[] key) {
            return null;
        }

        @Override
        public void put(Table table, byte[] key, byte @Nullable [] value) {
            throw new UnsupportedOperationException("expected a copy that nobody stores, but it was to be stored");
        }

        @Override
        public void scan(Table table, byte[] prefix, Visitor visitor) {}

        @Override
        public void scanFrom(Table table, byte[] firstKey, Visitor visitor) {}
    };

    private LiveCopy() {}

    /**
     * @param history all of it, ascending
     * @return how the workflow stood after it, with who has it now; nothing for an empty history
     */
    public static Optional<Execution> of(Execution live, List<SealedEvent> history) {
        PartitionState state = new PartitionState(NOTHING, Long.MAX_VALUE);
        EventFold fold = new EventFold(state);
        for (SealedEvent event : history) {
            Execution before = state.execution(live.id());
            if (before != null && !before.status.terminal()) {
                before.status = Status.RUNNING; // claims stand in no history: a worker had it when it decided
            }
            fold.apply(Rules.VERSION, event.timeMs(), List.of(event));
        }
        Execution copy = state.execution(live.id());
        if (copy == null) {
            return Optional.empty();
        }
        copy.status = live.status;
        copy.claimId = live.claimId;
        copy.workerId = live.workerId;
        copy.leaseUntilMs = live.leaseUntilMs;
        copy.graceMs = live.graceMs;
        copy.deliveries = live.deliveries;
        copy.maxDeliveries = live.maxDeliveries;
        copy.staleRounds = live.staleRounds;
        copy.refusedRounds = live.refusedRounds;
        copy.refusal = live.refusal;
        copy.retryAtMs = live.retryAtMs;
        copy.readyItem = live.readyItem;
        copy.signals = live.signals;
        copy.chainSequence = live.chainSequence;
        copy.closedMs = live.closedMs;
        copy.output = live.output;
        copy.error = live.error;
        copy.successorId = live.successorId;
        copy.pausedMs = live.pausedMs;
        copy.pausedBy = live.pausedBy;
        copy.pauseReason = live.pauseReason;
        return Optional.of(copy);
    }
}
