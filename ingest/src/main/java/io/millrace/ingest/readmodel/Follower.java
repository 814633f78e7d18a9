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

/** Takes what a consumer reads into a projection, each partition from where the database stands in it. One thread. */
final class Follower {

    private static final Logger LOG = LoggerFactory.getLogger(Follower.class);

    private static final int MANY = 50_000;
    /** With so many bytes records are enough, however few they are. */
    private static final int MOST_BYTES = 32 << 20;

    private final KafkaConsumer<byte[], byte[]> consumer;
    private final Projection projection;
    private final int atOnce;
    private final RecordSeals seals;

    /**
     * What a step did.
     *
     * @param left records that the log had behind those that it took in, as of the last answer of the brokers
     * @param workNanos how long that took, without the wait for them; 0 if none came
     */
    record Done(long left, long workNanos) {
        private static final Done NOTHING = new Done(0, 0);
    }

    /**
     * Takes in what comes as soon as it comes.
     *
     * @param config tells the keys of the seals of outcomes
     */
    Follower(KafkaConsumer<byte[], byte[]> consumer, Projection projection, ReadModelConfig config) {
        this(consumer, projection, config, 1);
    }

    private Follower(
            KafkaConsumer<byte[], byte[]> consumer, Projection projection, ReadModelConfig config, int atOnce) {
        this.consumer = consumer;
        this.projection = projection;
        this.seals = new RecordSeals(RecordSeals.Kind.OUTCOME, config.macs());
        this.atOnce = atOnce;
    }

    /** Lets many records come together while there are some: what changes again among them is written once. */
    static Follower ofManyRecords(
            KafkaConsumer<byte[], byte[]> consumer, Projection projection, ReadModelConfig config) {
        return new Follower(consumer, projection, config, MANY);
    }

    /** Puts the consumer where the database stands. */
    void begin(Collection<TopicPartition> partitions) throws SQLException {
        projection.begin(
                partitions.stream().map(TopicPartition::partition).toList(),
                consumer.partitionsFor(Topics.EVENTS).size());
        partitions.forEach(partition -> consumer.seek(partition, projection.position(partition.partition())));
    }

    /**
     * Reads and takes in what came, in one transaction.
     *
     * @param limit how long to wait for records, and to go on reading where many are to come together
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
        Came came = read(limit, ends);
        if (came == null) {
            return Done.NOTHING;
        }
        if (!projection.take(came.records, came.next)) {
            LOG.info("somebody else has moved the read model since this projector began, will begin where it stands");
            begin(consumer.assignment());
        }
        return came.records.isEmpty() && !came.more
                ? Done.NOTHING
                : new Done(left(), System.nanoTime() - came.begunNanos);
    }

    /**
     * As {@link #step(Duration)}, for a projection that has the read model to itself. What came is written while the next step reads;
     * {@link Projection#await} waits for it.
     */
    void stepAhead(Duration limit) throws SQLException {
        Came came = read(limit, Map.of());
        if (came != null) {
            projection.takeAhead(came.records, came.next);
        }
    }

    /**
     * What was read.
     *
     * @param next by partition, where it ends
     * @param more whether the last fetch brought something
     * @param begunNanos when the last fetch had come
     */
    private record Came(List<Incoming> records, Map<Integer, Long> next, boolean more, long begunNanos) {}

    /** @return null where the log had lost what comes next, which is noted */
    private @Nullable Came read(Duration limit, Map<Integer, Long> ends) throws SQLException {
        List<Incoming> records = new ArrayList<>();
        long readUntilNanos = System.nanoTime() + limit.toNanos();
        long begunNanos;
        int bytes = 0;
        boolean more;
        do {
            ConsumerRecords<byte[], byte[]> polled;
            try {
                polled = consumer.poll(limit);
            } catch (OffsetOutOfRangeException e) {
                projection.await();
                mend(e.offsetOutOfRangePartitions().keySet());
                if (!records.isEmpty()) {
                    begin(consumer.assignment()); // what this step has read is read again
                }
                return null;
            }
            begunNanos = System.nanoTime();
            for (ConsumerRecord<byte[], byte[]> record : polled) {
                if (record.offset() < ends.getOrDefault(record.partition(), Long.MAX_VALUE)) {
                    records.add(Incoming.of(record, seals));
                    bytes += Math.max(0, record.serializedValueSize());
                }
            }
            more = !polled.isEmpty();
        } while (more && records.size() < atOnce && bytes < MOST_BYTES && begunNanos < readUntilNanos);
        Map<Integer, Long> next = EventsConsumer.positions(consumer, consumer.assignment());
        next.replaceAll((partition, position) -> Math.min(position, ends.getOrDefault(partition, Long.MAX_VALUE)));
        return new Came(records, next, more, begunNanos);
    }

    private long left() {
        return consumer.assignment().stream()
                .mapToLong(partition -> consumer.currentLag(partition).orElse(0))
                .sum();
    }

    /** The log may have lost its beginning, which is noted. It may not have lost its end. */
    private void mend(Collection<TopicPartition> partitions) throws SQLException {
        Map<TopicPartition, Long> beginnings = consumer.beginningOffsets(partitions);
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
