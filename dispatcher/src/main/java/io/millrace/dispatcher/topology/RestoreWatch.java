package io.millrace.dispatcher.topology;

import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.streams.processor.StateRestoreListener;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Watches stores being brought up to date from their changelogs. Threads of Kafka Streams. */
final class RestoreWatch implements StateRestoreListener {

    private static final Logger LOG = LoggerFactory.getLogger(RestoreWatch.class);
    private static final Duration SAY_AGAIN = Duration.ofSeconds(10);

    private final Map<TopicPartition, Progress> underWay = new ConcurrentHashMap<>();
    private final Consumer<TopicPartition> begins;
    private final Consumer<TopicPartition> ends;

    private static final class Progress {
        private final long records;
        private long read;
        private long saidNanos = System.nanoTime();

        private Progress(long records) {
            this.records = records;
        }
    }

    /**
     * @param begins hears of each changelog that is going to be read
     * @param ends hears of it when it was, or is so no more
     */
    RestoreWatch(Consumer<TopicPartition> begins, Consumer<TopicPartition> ends) {
        this.begins = begins;
        this.ends = ends;
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
        begins.accept(changelog);
    }

    @Override
    public void onBatchRestored(TopicPartition changelog, String store, long end, long count) {
        Progress progress = Objects.requireNonNull(underWay.get(changelog), "a restore that began");
        progress.read += count;
        if (System.nanoTime() - progress.saidNanos > SAY_AGAIN.toNanos()) {
            progress.saidNanos = System.nanoTime();
            LOG.info(
                    "reads the state of partition {}: {} of about {} records",
                    changelog.partition(),
                    progress.read,
                    progress.records);
        }
    }

    @Override
    public void onRestoreEnd(TopicPartition changelog, String store, long count) {
        underWay.remove(changelog);
        ends.accept(changelog);
    }

    @Override
    public void onRestoreSuspended(TopicPartition changelog, String store, long count) {
        onRestoreEnd(changelog, store, count);
    }
}
