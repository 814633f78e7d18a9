package io.millrace.ingest.readmodel;

import io.millrace.proto.Topics;
import io.millrace.proto.kafka.PartitionOffsets;
import io.millrace.proto.mac.RecordSeals;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes what a consumer reads into a projection, each partition from where the database stands in it. What came is read in portions, and
 * of a portion that was read only its rows stay until they are written. So of outcomes there is no more in memory at any time than a
 * portion and the rows of a batch. One thread.
 */
final class Follower {

    private static final Logger LOG = LoggerFactory.getLogger(Follower.class);

    /** Bytes of the outcomes of a batch. Their rows take about as much. */
    private static final int BATCH_BYTES = 4 << 20;

    /** For a read model that nobody reads yet: what changes again within a batch is written once. */
    private static final int LARGE_BATCH_BYTES = 32 << 20;

    private static final int MOST_RECORDS = 50_000;

    private final KafkaConsumer<byte[], byte[]> consumer;
    private final Projection projection;
    private final int batchBytes;
    private final RecordSeals seals;
    /** Records that were in a batch together whose rows the database refuses. While there are some, batches have half of them. */
    private int suspects;

    /**
     * What a step did.
     *
     * @param left records that the log had behind those that it took in, as of the last answer of the brokers
     * @param workNanos how long that took, without the wait for them; 0 if none came
     */
    record Done(long left, long workNanos) {
        private static final Done NOTHING = new Done(0, 0);
    }

    /** What was read into the batch. */
    private static final class Read {
        private int records;
        private long bytes;
        /** Whether the last fetch brought something. */
        private boolean more;

        private long waitedNanos;
    }

    @FunctionalInterface
    private interface Writing {

        /** @return as {@link Projection#write} */
        boolean write(Map<Integer, Long> next) throws SQLException, RefusedRowsException;
    }

    /**
     * Takes in what comes as soon as it comes.
     *
     * @param config tells the keys of the seals of outcomes
     */
    Follower(KafkaConsumer<byte[], byte[]> consumer, Projection projection, ReadModelConfig config) {
        this(consumer, projection, config, BATCH_BYTES);
    }

    private Follower(
            KafkaConsumer<byte[], byte[]> consumer, Projection projection, ReadModelConfig config, int batchBytes) {
        this.consumer = consumer;
        this.projection = projection;
        this.seals = new RecordSeals(RecordSeals.Kind.OUTCOME, config.macs());
        this.batchBytes = batchBytes;
    }

    /** Lets more records come together. */
    static Follower ofLargeBatches(
            KafkaConsumer<byte[], byte[]> consumer, Projection projection, ReadModelConfig config) {
        return new Follower(consumer, projection, config, LARGE_BATCH_BYTES);
    }

    /** Puts the consumer where the database stands. It may come in the midst of a batch, as the partitions of a consumer change. */
    void begin(Collection<TopicPartition> partitions) throws SQLException {
        // What was read of the others and is not written yet has to be read again.
        Collection<TopicPartition> begun = projection.isEmpty() ? partitions : consumer.assignment();
        projection.begin(
                begun.stream().map(TopicPartition::partition).toList(),
                consumer.partitionsFor(Topics.EVENTS).size());
        begun.forEach(partition -> consumer.seek(partition, projection.position(partition.partition())));
    }

    /**
     * Partitions go to another, so what was read and is not written is forgotten, and read again by whoever has them then. It may come
     * in the midst of a batch.
     */
    void revoked() {
        if (!projection.isEmpty()) {
            projection.drop();
            // All of them: those that stay have lost what was read of them as well.
            consumer.assignment()
                    .forEach(partition -> consumer.seek(partition, projection.position(partition.partition())));
        }
    }

    private void beginAnew() throws SQLException {
        begin(consumer.assignment());
    }

    /**
     * Reads and takes in what came, in one transaction.
     *
     * @param limit how long to wait for records
     */
    Done step(Duration limit) throws SQLException {
        return step(limit, Map.of());
    }

    /**
     * As {@link #step(Duration)}, but takes in nothing from these offsets on.
     *
     * @param ends by partition
     */
    Done step(Duration limit, Map<Integer, Long> ends) throws SQLException {
        return step(limit, ends, projection::write);
    }

    /**
     * As {@link #step(Duration)}, for a projection that has the read model to itself. What came is written while the next step reads;
     * {@link #finish} waits for it.
     */
    void stepAhead(Duration limit) throws SQLException {
        step(
                limit,
                Map.of(),
                suspects > 0
                        ? projection::write
                        : next -> {
                            projection.writeAhead(next);
                            return true;
                        });
    }

    /**
     * Waits until all that was read ahead is written.
     *
     * @return false if the database refused some of it: that has to be read again
     */
    boolean finish() throws SQLException {
        try {
            projection.await();
            return true;
        } catch (RefusedRowsException e) {
            refused(e);
            return false;
        }
    }

    private Done step(Duration limit, Map<Integer, Long> ends, Writing writing) throws SQLException {
        long begunNanos = System.nanoTime();
        try {
            Read read = read(limit, ends);
            if (read == null) {
                return Done.NOTHING;
            }
            Map<Integer, Long> next = EventsConsumer.positions(consumer, consumer.assignment());
            next.replaceAll((partition, position) -> Math.min(position, ends.getOrDefault(partition, Long.MAX_VALUE)));
            if (!writing.write(next)) {
                LOG.info(
                        "somebody else has moved the read model since this projector began, will begin where it stands");
                beginAnew();
            }
            suspects = Math.max(0, suspects - read.records);
            return read.records == 0 && !read.more
                    ? Done.NOTHING
                    : new Done(left(), System.nanoTime() - begunNanos - read.waitedNanos);
        } catch (RefusedRowsException e) {
            refused(e);
            return new Done(left(), System.nanoTime() - begunNanos);
        }
    }

    /** In halves of what is left it is found in the end, and stands alone. */
    private void refused(RefusedRowsException e) throws SQLException {
        LOG.info("the database refuses rows of one of {} records, will look which", e.records());
        suspects = e.records();
        beginAnew();
    }

    /** @return null where the log had lost what comes next, which is noted */
    private @Nullable Read read(Duration limit, Map<Integer, Long> ends) throws SQLException, RefusedRowsException {
        Read read = new Read();
        int most = suspects > 0 ? Math.max(1, suspects / 2) : MOST_RECORDS;
        int before;
        do {
            before = read.records;
            long askedNanos = System.nanoTime();
            ConsumerRecords<byte[], byte[]> polled;
            try {
                polled = consumer.poll(limit);
            } catch (OffsetOutOfRangeException e) {
                projection.await();
                mend(e.offsetOutOfRangePartitions().keySet());
                return null;
            }
            read.waitedNanos += System.nanoTime() - askedNanos;
            add(polled, ends, most, read);
            read.more = !polled.isEmpty();
            // What lies behind the ends is not added.
        } while (read.records > before && read.records < most && read.bytes < batchBytes && left() > 0);
        return read;
    }

    /** Adds records, and puts the consumer back to those that are more than the batch is to have. */
    private void add(ConsumerRecords<byte[], byte[]> polled, Map<Integer, Long> ends, int most, Read read)
            throws SQLException, RefusedRowsException {
        List<Incoming> portion = new ArrayList<>(polled.count());
        for (TopicPartition place : polled.partitions()) {
            for (ConsumerRecord<byte[], byte[]> record : polled.records(place)) {
                if (record.offset() >= ends.getOrDefault(record.partition(), Long.MAX_VALUE)) {
                    break;
                }
                if (read.records == most) {
                    consumer.seek(place, record.offset());
                    break;
                }
                portion.add(Incoming.of(record, seals));
                read.records++;
                read.bytes += Math.max(0, record.serializedValueSize());
            }
        }
        if (!portion.isEmpty()) {
            projection.add(portion);
        }
    }

    private long left() {
        return consumer.assignment().stream()
                .mapToLong(partition -> consumer.currentLag(partition).orElse(0))
                .sum();
    }

    /** The log may have lost its beginning, which is noted. It may not have lost its end. */
    private void mend(Collection<TopicPartition> partitions) throws SQLException {
        Map<TopicPartition, Long> beginnings = consumer.beginningOffsets(partitions);
        beginAnew(); // what was read and is not written is read again
        for (TopicPartition partition : partitions) {
            long wanted = projection.position(partition.partition());
            long first = PartitionOffsets.of(partition, beginnings);
            if (wanted > first) {
                throw LagGauge.ahead(partition.partition(), wanted);
            }
            LOG.error(
                    "records of partition {} from offset {} to {} were deleted before the read model took them in",
                    partition.partition(),
                    wanted,
                    first - 1);
            projection.skip(partition.partition(), first);
        }
        begin(partitions);
    }
}
