package io.millrace.dispatcher.replay;

import io.millrace.dispatcher.engine.state.PartitionState;
import io.millrace.dispatcher.replay.log.LogUnreadableException;
import io.millrace.dispatcher.replay.log.LoggedOutcome;
import io.millrace.dispatcher.replay.log.OutcomesReader;
import io.millrace.dispatcher.replay.log.RecordedLog;
import io.millrace.proto.v1.OutcomeRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.LongAdder;

/**
 * Makes the states of all partitions of a log of their outcomes alone, as many partitions at once as there are processors, and keeps
 * none of them: it shows that the log can be folded, and how fast. One thread at a time.
 */
public final class Folding {

    private static final int FLUSH_EVERY = 20_000;
    private static final int PART_OF_HEAP = 2;

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
        LongAdder events = new LongAdder();
        int atOnce = Math.max(1, Math.min(Runtime.getRuntime().availableProcessors(), log.partitions()));
        long memoryBytes = Runtime.getRuntime().maxMemory() / PART_OF_HEAP / atOnce;
        List<Future<?>> all = new ArrayList<>();
        try (ExecutorService workers = Executors.newFixedThreadPool(atOnce)) {
            for (int partition = 0; partition < log.partitions(); partition++) {
                log.expectBeginning(partition);
                int number = partition;
                all.add(workers.submit(() -> fold(number, memoryBytes, events)));
            }
            for (Future<?> each : all) {
                each.get();
            }
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException why) {
                throw why;
            }
            throw new IllegalStateException("expected a partition to be folded, but that failed", e.getCause());
        }
        return events.sum();
    }

    private void fold(int partition, long memoryBytes, LongAdder events) {
        try (OutcomesReader reader = log.outcomes(partition);
                ScratchStorage storage = new ScratchStorage(memoryBytes / 2)) {
            PartitionState state = new PartitionState(storage, memoryBytes / 2);
            LogFold fold = new LogFold(state);
            int unflushed = 0;
            for (LoggedOutcome outcome = reader.next(); outcome != null; outcome = reader.next()) {
                OutcomeRecord record = outcome.record();
                fold.apply(record);
                events.add(record.getEventsCount());
                if (++unflushed >= FLUSH_EVERY || state.unflushedBytes() > memoryBytes / 4) {
                    unflushed = 0;
                    state.flush();
                    state.ready().drainGrown();
                    state.ready().drainShrunk();
                    state.ready().drainChanged();
                }
            }
        }
    }
}
