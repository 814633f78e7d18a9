package io.millrace.dispatcher.replay;

import io.millrace.dispatcher.engine.Home;
import io.millrace.dispatcher.replay.log.LogReader;
import io.millrace.dispatcher.replay.log.LogUnreadableException;
import io.millrace.dispatcher.replay.log.RecordedLog;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongConsumer;

/**
 * Carries the log of an installation out again, beside it and without its knowing, and compares what comes of it with
 * what was recorded. It works on as many partitions at once as there are processors. One thread at a time.
 */
public final class Verification {

    private final RecordedLog log;

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
        EachPartition.run(
                ranges.keySet(),
                (partition, memoryBytes, stop) -> {
                    VerifyRange range = Objects.requireNonNull(ranges.get(partition), "what is compared");
                    try (LogReader reader = log.read(partition)) {
                        new PartitionVerification(partition, range, report, done, stop)
                                .run(reader::next, new Home(partition, log.partitions()), memoryBytes);
                    }
                    return range;
                },
                () -> progress.accept(done.sum()));
        return report;
    }
}
