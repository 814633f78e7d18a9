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
 * A copy of a workflow for threads that are not its partition's, of one moment. What it waits for is made of its history, which
 * may be long, and any thread may read it however the workflow goes on. Any thread.
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
     * @param standing how it stood at a moment
     * @param history all of it up to then, ascending
     * @return the workflow with all its parts; nothing for an empty history
     */
    public static Optional<Execution> of(Execution standing, List<SealedEvent> history) {
        PartitionState state = new PartitionState(NOTHING, Long.MAX_VALUE);
        EventFold fold = new EventFold(state);
        for (SealedEvent event : history) {
            Execution before = state.execution(standing.id());
            if (before != null && !before.status.terminal()) {
                before.status = Status.RUNNING; // claims stand in no history: a worker had it when it decided
            }
            fold.apply(Rules.VERSION, event.timeMs(), List.of(event));
        }
        Execution copy = state.execution(standing.id());
        if (copy == null) {
            return Optional.empty();
        }
        copy.takeStanding(standing);
        return Optional.of(copy);
    }
}
