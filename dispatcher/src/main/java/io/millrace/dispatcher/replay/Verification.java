package io.millrace.dispatcher.replay;

import io.millrace.dispatcher.engine.Home;
import io.millrace.dispatcher.replay.log.LogReader;
import io.millrace.dispatcher.replay.log.LogUnreadableException;
import io.millrace.dispatcher.replay.log.RecordedLog;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongConsumer;

/**
 * Carries the log of an installation out again, beside it and without its knowing, and compares what comes of it with
 * what was recorded. It works on as many partitions at once as there are processors. One thread at a time.
 */
public final class Verification {

    private static final long LOOK_MS = 200;
    /** Of the heap, what the states may take together. */
    private static final int PART_OF_HEAP = 2;

    private final RecordedLog log;
    private final int threads = Runtime.getRuntime().availableProcessors();

    /** Looks at this log; whoever opened it closes it. */
    public Verification(RecordedLog log) {
        this.log = log;
    }

    /**
     * Carries out and compares.
     *
     * @param ranges what is compared, by partition; others are left alone
     * @param progress hears some times a second how many commands were carried out
     * @return what was found
     * @throws LogUnreadableException a partition's log has no beginning any more, or Kafka does not answer
     */
    public VerifyReport run(Map<Integer, VerifyRange> ranges, LongConsumer progress) throws InterruptedException {
        ranges.keySet().forEach(log::expectBeginning);
        VerifyReport report = new VerifyReport();
        LongAdder done = new LongAdder();
        int atOnce = Math.max(1, Math.min(threads, ranges.size()));
        long memoryBytes = Runtime.getRuntime().maxMemory() / PART_OF_HEAP / atOnce;
        ExecutorService workers = Executors.newFixedThreadPool(
                atOnce,
                Thread.ofPlatform().daemon(true).name("millrace-verify-", 0).factory());
        List<Future<?>> all = new ArrayList<>();
        try {
            ranges.forEach((partition, range) -> all.add(workers.submit(() -> {
                PartitionVerification one =
                        new PartitionVerification(partition, range, report, done, workers::isShutdown);
                try (LogReader reader = log.read(partition, 0)) {
                    one.run(reader::next, new Home(partition, log.partitions()), memoryBytes);
                }
            })));
            for (Future<?> each : all) {
                await(each, () -> progress.accept(done.sum()));
            }
        } finally {
            workers.shutdown();
            workers.awaitTermination(1, TimeUnit.MINUTES);
        }
        return report;
    }

    private static void await(Future<?> each, Runnable progress) throws InterruptedException {
        while (true) {
            try {
                each.get(LOOK_MS, TimeUnit.MILLISECONDS);
                return;
            } catch (TimeoutException e) {
                progress.run();
            } catch (ExecutionException e) {
                if (e.getCause() instanceof RuntimeException why) {
                    throw why;
                }
                throw new IllegalStateException("expected a partition to be looked at, but that failed", e.getCause());
            }
        }
    }
}
