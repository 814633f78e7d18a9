package io.millrace.dispatcher.partition;

import io.millrace.dispatcher.engine.Outcome;
import io.millrace.dispatcher.engine.event.SealedEvent;
import io.millrace.dispatcher.engine.state.Execution;
import io.millrace.dispatcher.engine.state.State;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says once of each execution that its history comes near the limit at which it fails, while there is time to do something.
 * Stream thread only.
 */
final class HistoryWatch {

    private static final Logger LOG = LoggerFactory.getLogger(HistoryWatch.class);

    private final State state;
    private final PartitionMetrics metrics;
    private final long limit;

    HistoryWatch(State state, PartitionMetrics metrics, long limit) {
        this.state = state;
        this.metrics = metrics;
        this.limit = limit;
    }

    void watch(Outcome outcome) {
        Execution execution = null;
        long added = 0;
        for (SealedEvent event : outcome.events()) {
            if (event.historySequence() == 0) {
                continue;
            }
            if (execution == null || !execution.id().equals(event.executionId())) {
                look(execution, added);
                execution = state.execution(Objects.requireNonNull(event.executionId(), "execution of a history"));
                added = 0;
            }
            added += event.historyBytes();
        }
        look(execution, added);
    }

    /** The one outcome that takes it past three quarters is the one that is spoken of. */
    private void look(@Nullable Execution execution, long added) {
        long line = limit / 4 * 3;
        if (execution != null && execution.historyBytes() > line && execution.historyBytes() - added <= line) {
            metrics.longHistory();
            LOG.warn(
                    "history grows long execution={} kind={} bytes={} events={} limit={}",
                    execution.id(),
                    execution.header().kind(),
                    execution.historyBytes(),
                    execution.lastSequence(),
                    limit);
        }
    }
}
