package io.millrace.dispatcher.replay;

import io.millrace.dispatcher.engine.state.PartitionState;
import io.millrace.dispatcher.replay.log.LogUnreadableException;
import io.millrace.dispatcher.replay.log.LoggedOutcome;
import io.millrace.dispatcher.replay.log.OutcomesReader;
import io.millrace.dispatcher.replay.log.RecordedLog;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;

/**
 * Shows that a log can be folded, and how fast. It makes the states of all partitions of their outcomes alone, as many
 * partitions at once as there are processors, and keeps none of them. One thread at a time.
 */
public final class Folding {

    private final RecordedLog log;

    /** Looks at this log; whoever opened it closes it. */
    public Folding(RecordedLog log) {
        this.log = log;
    }

    /**
     * Folds the log.
     *
     * @return how many events it has
     * @throws LogUnreadableException the beginning was deleted, an event does not follow from those before, or Kafka does not answer
     */
    public long run() throws InterruptedException {
        List<Integer> partitions = IntStream.range(0, log.partitions()).boxed().toList();
        partitions.forEach(log::expectBeginning);
        return EachPartition.run(partitions, this::fold, () -> {}).stream()
                .mapToLong(events -> events)
                .sum();
    }

    /** @return how many events it has */
    private long fold(int partition, long memoryBytes, BooleanSupplier stop) {
        long events = 0;
        try (OutcomesReader reader = log.outcomes(partition);
                ScratchStorage storage = new ScratchStorage(memoryBytes / 2)) {
            PartitionState state = new PartitionState(storage, memoryBytes / 2);
            LogFold fold = new LogFold(state);
            int unflushed = 0;
            for (LoggedOutcome outcome = reader.next();
                    outcome != null && !stop.getAsBoolean();
                    outcome = reader.next()) {
                events += fold.apply(outcome);
                if (++unflushed >= PartitionReplay.FLUSH_EVERY || state.unflushedBytes() > memoryBytes / 4) {
                    unflushed = 0;
                    state.flush();
                    state.tellNobody();
                }
            }
        }
        return events;
    }
}
