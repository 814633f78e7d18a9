package io.millrace.dispatcher.topology;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.streams.processor.StateRestoreListener;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Watches stores being brought up to date from their changelogs. Threads of Kafka Streams. */
final class RestoreWatch implements StateRestoreListener {

    private static final Logger LOG = LoggerFactory.getLogger(RestoreWatch.class);
    private static final Duration SAY_AGAIN = Duration.ofSeconds(10);

    private final Map<TopicPartition, Progress> underWay = new ConcurrentHashMap<>();

    private static final class Progress {
        private final long records;
        private long read;
        private long saidNanos = System.nanoTime();

        private Progress(long records) {
            this.records = records;
        }
    }

    /**
     * A store cannot know more than its changelog, unless that has lost its end, as it may with the power. Kafka Streams would
     * take such a store for complete. The failure makes it delete the store and read all of the changelog.
     */
    @Override
    public void onRestoreStart(TopicPartition changelog, String store, long start, long end) {
        if (start > end) {
            throw new IllegalStateException("expected the changelog " + changelog + " to go up to offset " + (start - 1)
                    + " at least, which the store has, but it ends at " + (end - 1)
                    + ": it lost its end; the store is made anew from what is there");
        }
        underWay.put(changelog, new Progress(end - start));
    }

    @Override
    public void onBatchRestored(TopicPartition changelog, String store, long end, long count) {
        Progress progress = underWay.get(changelog);
        progress.read += count;
        if (System.nanoTime() - progress.saidNanos > SAY_AGAIN.toNanos()) {
            progress.saidNanos = System.nanoTime();
            LOG.info("reads the state of partition {}: {} of about {} records",
                    changelog.partition(), progress.read, progress.records);
        }
    }

    @Override
    public void onRestoreEnd(TopicPartition changelog, String store, long count) {
        underWay.remove(changelog);
    }
}
