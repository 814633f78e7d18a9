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
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
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
    private static final long MAX_WAITING_BYTES = 32 << 20;
    private static final int RECORDS_BEFORE_END = 1_000;
    private static final int ID_BYTES = 16;
    private static final Duration POLL = Duration.ofMillis(500);
    private static final Duration RETRY = Duration.ofSeconds(1);

    private final StreamHub hub = new StreamHub();
    private final BlockingQueue<TaskStreamRecord> waiting = new LinkedBlockingQueue<>();
    private final AtomicLong waitingBytes = new AtomicLong();
    private final Outage sending = new Outage("records of task streams cannot be sent, and are lost");
    private final Outage receiving = new Outage("task streams cannot be read");
    private final Producer<byte[], byte[]> producer;
    private final Consumer<byte[], byte[]> consumer;
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Thread sender;
    private final Thread receiver;

    /**
     * Starts to send and to read at once; a broker that is not there yet is waited for.
     *
     * @param bootstrapServers where Kafka is
     * @param properties further settings of its clients
     */
    public KafkaTaskStreams(String bootstrapServers, Map<String, Object> properties) {
        this(
                new KafkaProducer<>(producerConfig(bootstrapServers, properties)),
                new KafkaConsumer<>(consumerConfig(bootstrapServers, properties)));
    }

    KafkaTaskStreams(Producer<byte[], byte[]> producer, Consumer<byte[], byte[]> consumer) {
        this.producer = producer;
        this.consumer = consumer;
        sender = Thread.ofPlatform().daemon().name("task-streams-sender").start(this::send);
        receiver = Thread.ofPlatform().daemon().name("task-streams-receiver").start(this::receive);
    }

    @Override
    public boolean publish(TaskStreamRecord record) {
        int size = record.getSerializedSize();
        if (waitingBytes.addAndGet(size) > MAX_WAITING_BYTES) {
            waitingBytes.addAndGet(-size);
            return false;
        }
        return waiting.add(record);
    }

    @Override
    public Subscription subscribe(UUID orgId, UUID executionId, long after, Listener listener) {
        return hub.subscribe(orgId, executionId, after, listener);
    }

    @Override
    public List<StreamItem> kept(UUID orgId, UUID executionId, long after) {
        return hub.kept(orgId, executionId, after);
    }

    @Override
    public void close() {
        closed.countDown();
        consumer.wakeup();
        sender.interrupt();
        try {
            sender.join();
            receiver.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean open() {
        return closed.getCount() > 0;
    }

    /** A thread of its own, since a producer blocks while it knows nothing of the topic. */
    private void send() {
        try {
            while (open()) {
                TaskStreamRecord record = waiting.take();
                waitingBytes.addAndGet(-record.getSerializedSize());
                send(record);
            }
        } catch (InterruptedException | InterruptException e) {
            Thread.currentThread().interrupt();
        } finally {
            // The interrupt has done its work; the producer's own close would take it for another.
            Thread.interrupted();
            producer.close(RETRY);
        }
    }

    private void send(TaskStreamRecord record) {
        try {
            int partitions = producer.partitionsFor(Topics.TASK_STREAMS).size();
            producer.send(
                    new ProducerRecord<>(
                            Topics.TASK_STREAMS,
                            Shards.partition(Ids.fromBytes(record.getExecutionId()), partitions),
                            record.getExecutionId().toByteArray(),
                            record.toByteArray()),
                    (metadata, failure) -> {
                        if (failure == null) {
                            sending.over();
                        } else {
                            sending.failed(failure);
                        }
                    });
        } catch (InterruptException e) {
            throw e;
        } catch (KafkaException e) {
            sending.failed(e);
        }
    }

    private void receive() {
        try (consumer) {
            while (open()) {
                try {
                    if (!consumer.assignment().isEmpty() || assign()) {
                        consumer.poll(POLL).forEach(this::pass);
                        receiving.over();
                    } else {
                        closed.await(RETRY.toMillis(), TimeUnit.MILLISECONDS);
                    }
                } catch (WakeupException | InterruptException e) {
                    return;
                } catch (KafkaException e) {
                    receiving.failed(e);
                    closed.await(RETRY.toMillis(), TimeUnit.MILLISECONDS);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
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
        // First, since the client complains of offsets of partitions that it does not have.
        consumer.assign(partitions);
        try {
            begin(partitions);
            return true;
        } catch (KafkaException e) {
            consumer.unsubscribe();
            throw e;
        }
    }

    private void begin(List<TopicPartition> partitions) {
        Map<TopicPartition, Long> first = consumer.beginningOffsets(partitions);
        Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
        long[] starts = new long[partitions.size()];
        partitions.forEach(partition -> starts[partition.partition()] =
                Math.max(first.get(partition), ends.get(partition) - RECORDS_BEFORE_END));
        partitions.forEach(partition -> consumer.seek(partition, starts[partition.partition()]));
        hub.begin(starts);
    }

    /** Whatever stands in a record, those behind it are passed on. */
    private void pass(ConsumerRecord<byte[], byte[]> record) {
        try {
            hub.accept(new StreamItem(record.offset(), decode(record.value())));
        } catch (InvalidProtocolBufferException | RuntimeException e) {
            LOG.warn(
                    "task stream: passed over the record at offset {} of partition {}: {}",
                    record.offset(),
                    record.partition(),
                    e.toString());
        }
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

    private static Map<String, Object> producerConfig(String bootstrapServers, Map<String, Object> properties) {
        Map<String, Object> config = new HashMap<>(properties);
        config.put(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
        config.put(ProducerConfig.KEY_SERIALIZER_CLASS_CONFIG, ByteArraySerializer.class);
        config.put(ProducerConfig.VALUE_SERIALIZER_CLASS_CONFIG, ByteArraySerializer.class);
        // What is lost here is lost to a spectator: the leader's word is enough.
        config.put(ProducerConfig.ACKS_CONFIG, "1");
        config.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, false);
        // With more than one under way, one that is sent again would arrive behind those that came after it.
        config.put(ProducerConfig.MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION, 1);
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
        config.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        return config;
    }
}
