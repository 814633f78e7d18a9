package io.millrace.ingest.audit.notary;

import io.millrace.ingest.audit.tlog.SignedNote;
import io.millrace.ingest.audit.tlog.TlogException;
import io.millrace.ingest.readmodel.ReadModelConfig;
import io.millrace.proto.Topics;
import io.millrace.proto.kafka.CommittedReader;
import io.millrace.proto.kafka.PartitionOffsets;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The topic of what was published: checkpoints and statements of keys, each a signed note, in the partition of the log that they are
 * of. Reading is for one thread; writing is for any.
 */
final class CheckpointTopic implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(CheckpointTopic.class);
    private static final Duration POLL = Duration.ofMillis(200);
    /** A partition without a leader holds the others up for so long, whenever it is tried. */
    static final Duration LIMIT = Duration.ofSeconds(10);

    /** What is read at once, at the most: there may be years of checkpoints. */
    private static final int BATCH = 500;

    private final KafkaConsumer<byte[], byte[]> consumer;
    private final KafkaProducer<byte[], byte[]> producer;

    /**
     * Something that was published.
     *
     * @param offset on the topic
     * @param note checkpoint or statement of keys
     */
    record Published(long offset, SignedNote note) {}

    CheckpointTopic(ReadModelConfig config) {
        consumer = CommittedReader.openForTurns(
                config.kafka(),
                Map.of(
                        ConsumerConfig.MAX_POLL_RECORDS_CONFIG,
                        BATCH,
                        ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG,
                        (int) LIMIT.toMillis()));
        try {
            Map<String, Object> settings = config.kafka().lasting();
            settings.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, LIMIT.toMillis());
            producer = new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
        } catch (RuntimeException e) {
            consumer.close();
            throw e;
        }
    }

    /** Reads these partitions from now on; {@code seek} says from where. */
    void assign(Collection<Integer> partitions) {
        List<TopicPartition> wanted =
                partitions.stream().map(CheckpointTopic::place).toList();
        consumer.assign(wanted);
        wanted.forEach(place -> consumer.seek(place, 0));
        consumer.pause(wanted);
    }

    private static TopicPartition place(int partition) {
        return new TopicPartition(Topics.CHECKPOINTS, partition);
    }

    /** @return where the partition begins now; what stood before is gone */
    long begin(int partition) {
        return PartitionOffsets.begin(consumer, place(partition));
    }

    /** @return where the partition ends now */
    long end(int partition) {
        TopicPartition place = place(partition);
        return PartitionOffsets.end(consumer, place);
    }

    /** @return what was published from the offset on, a part of it; empty where there is no more */
    List<Published> read(int partition, long from) {
        TopicPartition place = place(partition);
        consumer.seek(place, from);
        consumer.resume(List.of(place));
        try {
            List<Published> all = new ArrayList<>();
            while (all.isEmpty() && consumer.position(place) < end(partition)) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL).records(place)) {
                    note(record).ifPresent(note -> all.add(new Published(record.offset(), note)));
                }
            }
            return all;
        } finally {
            consumer.pause(List.of(place));
        }
    }

    /**
     * @param to at most the end
     * @return all that was published at these offsets
     * @throws NotaryException if Kafka does not bring it
     */
    List<Published> range(int partition, long from, long to) {
        TopicPartition place = place(partition);
        consumer.seek(place, from);
        consumer.resume(List.of(place));
        try {
            List<Published> all = new ArrayList<>();
            long at = from;
            long sinceNanos = System.nanoTime();
            while (consumer.position(place) < to) {
                if (consumer.position(place) > at) {
                    at = consumer.position(place);
                    sinceNanos = System.nanoTime();
                } else if (System.nanoTime() - sinceNanos > LIMIT.toNanos()) {
                    throw new NotaryException(
                            "expected to read " + place + " at offset " + at + ", but Kafka does not bring it", null);
                }
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL).records(place)) {
                    if (record.offset() < to) {
                        note(record).ifPresent(note -> all.add(new Published(record.offset(), note)));
                    }
                }
            }
            return all;
        } finally {
            consumer.pause(List.of(place));
        }
    }

    private static Optional<SignedNote> note(ConsumerRecord<byte[], byte[]> record) {
        try {
            return Optional.of(SignedNote.parse(
                    new String(record.value() == null ? new byte[0] : record.value(), StandardCharsets.UTF_8)));
        } catch (TlogException e) {
            LOG.warn(
                    "passed over the record at offset {} of {}-{}, which is no note: {}",
                    record.offset(),
                    record.topic(),
                    record.partition(),
                    e.getMessage());
            return Optional.empty();
        }
    }

    /**
     * Publishes a note, and returns when it is there for ever.
     *
     * @return its offset
     * @throws NotaryException if it is not known to be there; it may be all the same
     */
    long write(int partition, SignedNote note) {
        ProducerRecord<byte[], byte[]> record = new ProducerRecord<>(
                Topics.CHECKPOINTS, partition, null, note.toString().getBytes(StandardCharsets.UTF_8));
        try {
            return producer.send(record)
                    .get(LIMIT.toSeconds(), TimeUnit.SECONDS)
                    .offset();
        } catch (ExecutionException | TimeoutException e) {
            throw new NotaryException(
                    "expected to publish a checkpoint of partition " + partition + ", but could not", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new NotaryException("interrupted while a checkpoint was published", e);
        }
    }

    @Override
    public void close() {
        consumer.close();
        producer.close(Duration.ofSeconds(1));
    }
}
