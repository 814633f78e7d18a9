package io.millrace.ingest.streams;

import com.google.protobuf.InvalidProtocolBufferException;
import io.millrace.proto.Topics;
import io.millrace.proto.kafka.ClientSettings;
import io.millrace.proto.kafka.Outage;
import io.millrace.proto.kafka.PartitionOffsets;
import io.millrace.proto.kafka.ReadLoop;
import io.millrace.proto.kafka.ShardPartitioner;
import io.millrace.proto.kafka.TopicWriter;
import io.millrace.proto.v1.TaskStreamRecord;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Streams through {@link Topics#TASK_STREAMS}: whichever node a task talks to and whichever node someone listens at. Every
 * node reads the whole topic from a little before its end; a position is an offset, so it means the same at every node.
 */
public final class KafkaTaskStreams implements TaskStreams {

    /** For so long what tasks stream out waits for Kafka; who watches has looked elsewhere by then. */
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private static final int RECORDS_BEFORE_END = 1_000;
    private static final int ID_BYTES = 16;
    /** Tokens come fast and one by one, and nobody sees a difference of a few milliseconds. */
    private static final int LINGER_MS = 5;

    private static final Duration POLL = Duration.ofMillis(500);
    private static final Duration REST = Duration.ofSeconds(1);

    private final StreamHub hub = new StreamHub();
    private final Outage sending = new Outage("records of task streams cannot be sent, and are lost");
    private final TopicWriter writer;
    private final Consumer<byte[], byte[]> consumer;
    private final ReadLoop loop;

    /**
     * Starts to send and to read at once; a broker that is not there yet is waited for.
     *
     * @param bootstrapServers where Kafka is
     * @param properties further settings of its clients
     */
    public KafkaTaskStreams(String bootstrapServers, Map<String, Object> properties) {
        this(
                new TopicWriter(Topics.TASK_STREAMS, writing(new ClientSettings(bootstrapServers, properties))),
                new KafkaConsumer<>(
                        new ClientSettings(bootstrapServers, properties).reading("earliest"),
                        new ByteArrayDeserializer(),
                        new ByteArrayDeserializer()));
    }

    KafkaTaskStreams(TopicWriter writer, Consumer<byte[], byte[]> consumer) {
        this.writer = writer;
        this.consumer = consumer;
        loop = new ReadLoop(
                "task-streams-receiver",
                consumer,
                REST,
                REST,
                this::receive,
                ReadLoop.Listener.logging("task streams cannot be read"));
        loop.start();
    }

    private static Map<String, Object> writing(ClientSettings clients) {
        Map<String, Object> settings = clients.passing();
        settings.put(ProducerConfig.PARTITIONER_CLASS_CONFIG, ShardPartitioner.class);
        settings.put(ProducerConfig.LINGER_MS_CONFIG, LINGER_MS);
        return settings;
    }

    @Override
    public boolean publish(TaskStreamRecord record) {
        return writer.write(
                null, record.getExecutionId().toByteArray(), record.toByteArray(), PATIENCE, (where, failure) -> {
                    if (failure == null) {
                        sending.over();
                    } else {
                        sending.failed(failure);
                    }
                });
    }

    @Override
    public Subscription subscribe(UUID orgId, UUID executionId, long after, Listener listener) {
        return hub.subscribe(orgId, executionId, after, listener);
    }

    @Override
    public List<StreamItem> kept(UUID orgId, UUID executionId, long after) {
        return hub.kept(orgId, executionId, after);
    }

    /** @return why nobody hears here what tasks stream out; empty while they do */
    public Optional<String> notReady() {
        return loop.standsStill();
    }

    @Override
    public void close() {
        loop.close();
        writer.close();
    }

    private void receive() {
        if (consumer.assignment().isEmpty()) {
            assign();
        }
        ReadLoop.each(consumer, consumer.poll(POLL), this::pass);
    }

    private void assign() {
        List<TopicPartition> partitions = consumer.partitionsFor(Topics.TASK_STREAMS, REST).stream()
                .map(info -> new TopicPartition(info.topic(), info.partition()))
                .toList();
        if (partitions.isEmpty()) {
            throw new KafkaException("expected the topic " + Topics.TASK_STREAMS + ", but there is none");
        }
        // First, since the client complains of offsets of partitions that it does not have.
        consumer.assign(partitions);
        try {
            begin(partitions);
        } catch (KafkaException e) {
            consumer.unsubscribe();
            throw e;
        }
    }

    private void begin(List<TopicPartition> partitions) {
        Map<TopicPartition, Long> first = consumer.beginningOffsets(partitions);
        Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
        long[] starts = new long[partitions.size()];
        partitions.forEach(partition -> starts[partition.partition()] = Math.max(
                PartitionOffsets.of(partition, first), PartitionOffsets.of(partition, ends) - RECORDS_BEFORE_END));
        partitions.forEach(partition -> consumer.seek(partition, starts[partition.partition()]));
        hub.begin(starts);
    }

    private void pass(ConsumerRecord<byte[], byte[]> record) throws InvalidProtocolBufferException {
        hub.accept(new StreamItem(record.offset(), decode(record.value())));
    }

    private static TaskStreamRecord decode(byte[] value) throws InvalidProtocolBufferException {
        if (value == null) {
            throw new IllegalArgumentException("expected a TaskStreamRecord, but the record is empty");
        }
        TaskStreamRecord record = TaskStreamRecord.parseFrom(value);
        if (record.getOrgId().size() != ID_BYTES
                || record.getExecutionId().size() != ID_BYTES
                || record.getTaskId().size() != ID_BYTES) {
            throw new IllegalArgumentException("expected ids of 16 bytes, but one has another length");
        }
        return record;
    }
}
