package io.millrace.ingest.streams;

import com.google.protobuf.InvalidProtocolBufferException;
import io.millrace.proto.Ids;
import io.millrace.proto.Shards;
import io.millrace.proto.Topics;
import io.millrace.proto.v1.TaskStreamRecord;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Streams through {@link Topics#TASK_STREAMS}: whichever node a task talks to and whichever node someone listens at. Every
 * node reads the whole topic from a little before its end; a position is an offset, so it means the same at every node.
 */
public final class KafkaTaskStreams implements TaskStreams {

    private static final Logger LOG = LoggerFactory.getLogger(KafkaTaskStreams.class);
    private static final int WAITING = 10_000;
    private static final int RECORDS_BEFORE_END = 1_000;
    private static final Duration POLL = Duration.ofMillis(500);
    private static final Duration RETRY = Duration.ofSeconds(1);

    private final StreamHub hub = new StreamHub();
    private final BlockingQueue<TaskStreamRecord> waiting = new ArrayBlockingQueue<>(WAITING);
    private final KafkaProducer<byte[], byte[]> producer;
    private final KafkaConsumer<byte[], byte[]> consumer;
    private final Thread sender;
    private final Thread receiver;
    private volatile boolean closed;

    /**
     * Starts to send and to read at once; a broker that is not there yet is waited for.
     *
     * @param bootstrapServers where Kafka is
     * @param properties further settings of its clients
     */
    public KafkaTaskStreams(String bootstrapServers, Map<String, Object> properties) {
        producer = new KafkaProducer<>(producerConfig(bootstrapServers, properties));
        consumer = new KafkaConsumer<>(consumerConfig(bootstrapServers, properties));
        sender = Thread.ofPlatform().daemon().name("task-streams-sender").start(this::send);
        receiver = Thread.ofPlatform().daemon().name("task-streams-receiver").start(this::receive);
    }

    @Override
    public boolean publish(TaskStreamRecord record) {
        return waiting.offer(record);
    }

    @Override
    public Subscription subscribe(UUID orgId, UUID executionId, long after, Consumer<StreamItem> listener) {
        return hub.subscribe(orgId, executionId, after, listener);
    }

    @Override
    public void close() {
        closed = true;
        consumer.wakeup();
        sender.interrupt();
        try {
            sender.join();
            receiver.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** A thread of its own, since a producer blocks while it knows nothing of the topic. */
    private void send() {
        try {
            while (!closed) {
                TaskStreamRecord record = waiting.take();
                int shard = Shards.of(Ids.fromBytes(record.getExecutionId()));
                try {
                    int partitions = producer.partitionsFor(Topics.TASK_STREAMS).size();
                    producer.send(new ProducerRecord<>(
                            Topics.TASK_STREAMS,
                            Shards.partition(shard, partitions),
                            record.getExecutionId().toByteArray(),
                            record.toByteArray()));
                } catch (InterruptException e) {
                    return;
                } catch (KafkaException e) {
                    LOG.warn("task stream: a record could not be sent and is lost", e);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            // The interrupt has done its work; the producer's own close would take it for another.
            Thread.interrupted();
            producer.close(RETRY);
        }
    }

    private void receive() {
        try (consumer) {
            while (!closed) {
                try {
                    if (consumer.assignment().isEmpty() && !assign()) {
                        continue;
                    }
                    for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                        pass(record);
                    }
                } catch (WakeupException e) {
                    return;
                } catch (KafkaException e) {
                    LOG.warn("task stream: Kafka could not be read, trying again", e);
                }
            }
        } catch (WakeupException e) {
            LOG.debug("task stream: closed while closing", e);
        }
    }

    private boolean assign() {
        List<TopicPartition> partitions = consumer.partitionsFor(Topics.TASK_STREAMS, RETRY).stream()
                .map(info -> new TopicPartition(info.topic(), info.partition()))
                .toList();
        if (partitions.isEmpty()) {
            return false;
        }
        consumer.assign(partitions);
        Map<TopicPartition, Long> starts = consumer.beginningOffsets(partitions);
        Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
        partitions.forEach(partition -> consumer.seek(
                partition, Math.max(starts.get(partition), ends.get(partition) - RECORDS_BEFORE_END)));
        return true;
    }

    private void pass(ConsumerRecord<byte[], byte[]> record) {
        try {
            hub.accept(new StreamItem(record.offset(), TaskStreamRecord.parseFrom(record.value())));
        } catch (InvalidProtocolBufferException e) {
            LOG.warn(
                    "task stream: expected a TaskStreamRecord at offset {} of partition {}, but it cannot be decoded",
                    record.offset(),
                    record.partition());
        }
    }

    private static Map<String, Object> producerConfig(String bootstrapServers, Map<String, Object> properties) {
        Map<String, Object> config = new HashMap<>(properties);
        config.put(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
        config.put(ProducerConfig.KEY_SERIALIZER_CLASS_CONFIG, ByteArraySerializer.class);
        config.put(ProducerConfig.VALUE_SERIALIZER_CLASS_CONFIG, ByteArraySerializer.class);
        // What is lost here is lost to a spectator: the leader's word is enough.
        config.put(ProducerConfig.ACKS_CONFIG, "1");
        config.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, false);
        // A payload of the largest size and what stands around it.
        config.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, 16 << 20);
        return config;
    }

    private static Map<String, Object> consumerConfig(String bootstrapServers, Map<String, Object> properties) {
        Map<String, Object> config = new HashMap<>(properties);
        config.put(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
        config.put(ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class);
        config.put(ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class);
        config.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        config.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "latest");
        return config;
    }
}
