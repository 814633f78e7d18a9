package io.millrace.proto.directory;

import com.google.protobuf.InvalidProtocolBufferException;
import io.millrace.proto.Ids;
import io.millrace.proto.Topics;
import io.millrace.proto.v1.DirectoryRecord;
import io.millrace.proto.v1.DispatcherNode;
import io.millrace.proto.v1.WorkerRegistration;
import io.millrace.proto.v1.WorkerSeen;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The directory on Kafka: one thread reads the topic from its beginning and keeps the entries in memory. */
public final class KafkaDirectory implements Directory {

    private static final Logger LOG = LoggerFactory.getLogger(KafkaDirectory.class);

    private final DirectoryEntries entries = new DirectoryEntries();
    private final KafkaDirectoryConfig config;
    private final KafkaProducer<byte[], byte[]> producer;
    private final KafkaConsumer<byte[], byte[]> consumer;
    private final Map<Place, CompletableFuture<Void>> awaited = new ConcurrentHashMap<>();
    private final Map<Integer, Long> positions = new ConcurrentHashMap<>();
    private final Thread thread;
    private volatile boolean running = true;

    private record Place(int partition, long offset) {}

    /** Reads what there is, then follows. Returns once it has caught up. */
    public KafkaDirectory(KafkaDirectoryConfig config) {
        this.config = config;
        Map<String, Object> clients = new HashMap<>(config.kafkaProps());
        clients.put("bootstrap.servers", config.bootstrapServers());
        Map<String, Object> producing = new HashMap<>(clients);
        producing.put(ProducerConfig.ACKS_CONFIG, "all");
        producing.put(ProducerConfig.LINGER_MS_CONFIG, 0);
        producing.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, 2_000);
        producing.put(ProducerConfig.RETRY_BACKOFF_MS_CONFIG, 2);
        producing.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, 16 * 1024 * 1024);
        producer = new KafkaProducer<>(producing, new ByteArraySerializer(), new ByteArraySerializer());
        Map<String, Object> consuming = new HashMap<>(clients);
        consuming.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        consuming.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        consumer = new KafkaConsumer<>(consuming, new ByteArrayDeserializer(), new ByteArrayDeserializer());
        List<TopicPartition> partitions = consumer.partitionsFor(Topics.DIRECTORY).stream()
                .map(info -> new TopicPartition(info.topic(), info.partition()))
                .toList();
        consumer.assign(partitions);
        consumer.seekToBeginning(partitions);
        Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
        while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
            read(Duration.ofMillis(200));
        }
        thread = Thread.ofPlatform().name("millrace-directory").daemon(true).start(this::follow);
    }

    private void follow() {
        try (consumer) {
            while (running) {
                read(Duration.ofMillis(500));
            }
        } catch (WakeupException e) {
            // close() woke it
        }
    }

    private void read(Duration atMost) {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(atMost)) {
            if (record.value() != null) {
                try {
                    entries.accept(DirectoryRecord.parseFrom(record.value()));
                } catch (InvalidProtocolBufferException | IllegalArgumentException e) {
                    LOG.error("passed over a directory record at offset {} that cannot be read", record.offset(), e);
                }
            }
            positions.put(record.partition(), record.offset());
            CompletableFuture<Void> waiter = awaited.remove(new Place(record.partition(), record.offset()));
            if (waiter != null) {
                waiter.complete(null);
            }
        }
    }

    @Override
    public CompletableFuture<Void> register(WorkerRegistration registration) {
        return write(
                "worker/" + Ids.fromBytes(registration.getWorkerId()),
                DirectoryRecord.newBuilder().setWorker(registration).build());
    }

    @Override
    public CompletableFuture<Void> announce(DispatcherNode dispatcher) {
        return write(
                "dispatcher/" + dispatcher.getNode(),
                DirectoryRecord.newBuilder().setDispatcher(dispatcher).build());
    }

    /** Completes once the record is on Kafka and this node's look-ups know it. */
    private CompletableFuture<Void> write(String key, DirectoryRecord record) {
        CompletableFuture<Void> visible = new CompletableFuture<>();
        try {
            producer.send(
                    new ProducerRecord<>(
                            Topics.DIRECTORY, key.getBytes(StandardCharsets.UTF_8), record.toByteArray()),
                    (metadata, failure) -> {
                        if (failure != null) {
                            visible.completeExceptionally(failure);
                            return;
                        }
                        Place place = new Place(metadata.partition(), metadata.offset());
                        awaited.put(place, visible);
                        if (positions.getOrDefault(place.partition(), -1L) >= place.offset()) {
                            awaited.remove(place);
                            visible.complete(null); // it was read before its acknowledgement came
                        }
                    });
        } catch (RuntimeException e) {
            visible.completeExceptionally(e);
        }
        return visible;
    }

    @Override
    public void seen(UUID orgId, String workerId) {
        long now = System.currentTimeMillis();
        if (entries.noteSeen(orgId, workerId, now, config.seenIntervalMs())) {
            write(
                    "seen/" + orgId + "/" + workerId,
                    DirectoryRecord.newBuilder()
                            .setWorkerSeen(WorkerSeen.newBuilder()
                                    .setOrgId(Ids.toByteString(orgId))
                                    .setWorkerId(workerId)
                                    .setSeenAtMs(now)
                                    .setBeats(entries.beats(orgId, workerId)))
                            .build());
        }
    }

    @Override
    public void beat(UUID orgId, String workerId) {
        entries.noteBeat(orgId, workerId);
        seen(orgId, workerId);
    }

    @Override
    public boolean beats(UUID orgId, String workerId) {
        return entries.beats(orgId, workerId);
    }

    @Override
    public Optional<WorkerRegistration> worker(UUID orgId, String workerId) {
        return entries.worker(orgId, workerId);
    }

    @Override
    public List<WorkerRegistration> workers(UUID orgId) {
        return entries.workers(orgId);
    }

    @Override
    public long lastSeenMs(UUID orgId, String workerId) {
        return entries.lastSeenMs(orgId, workerId);
    }

    @Override
    public Optional<DispatcherNode> dispatcherOf(int partition) {
        return entries.dispatcherOf(partition);
    }

    @Override
    public Collection<DispatcherNode> dispatchers() {
        return entries.dispatchers();
    }

    @Override
    public void close() {
        running = false;
        consumer.wakeup();
        try {
            thread.join(2_000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        producer.close(Duration.ofSeconds(2));
        awaited.values().forEach(waiter -> waiter.completeExceptionally(
                new IllegalStateException("expected to see the directory entry, but this node is shutting down")));
    }
}
