package io.millrace.notifier;

import com.google.protobuf.InvalidProtocolBufferException;
import io.millrace.proto.Topics;
import io.millrace.proto.kafka.ClientSettings;
import io.millrace.proto.kafka.ReadLoop;
import io.millrace.proto.levels.LevelSink;
import io.millrace.proto.v1.WorkAvailable;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Reads {@code millrace.work-available} from its end, all partitions, uncommitted records too: a level may be early, it is
 * never wrong for long. One thread of its own, which outlives every fault of the broker.
 */
public final class LevelTopic implements AutoCloseable {

    private static final Duration POLL = Duration.ofSeconds(5);
    private static final Duration REST = Duration.ofMillis(500);

    private final Optional<String> ignoredNode;
    private final LevelSink sink;
    private final CountDownLatch ready = new CountDownLatch(1);
    private final KafkaConsumer<byte[], byte[]> consumer;
    private final ReadLoop loop;

    /**
     * @param bootstrapServers brokers
     * @param further further properties of the consumer
     * @param ignoredNode node whose levels come another way
     * @param sink where levels go; called on this reader's thread
     */
    public LevelTopic(
            String bootstrapServers, Map<String, Object> further, Optional<String> ignoredNode, LevelSink sink) {
        this.ignoredNode = ignoredNode;
        this.sink = sink;
        Map<String, Object> settings = new ClientSettings(bootstrapServers, further).reading("latest");
        settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_uncommitted");
        settings.put(ConsumerConfig.CLIENT_ID_CONFIG, "millrace-notifier");
        consumer = new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
        loop = new ReadLoop(
                "millrace-notifier-levels",
                consumer,
                REST,
                REST,
                this::read,
                ReadLoop.Listener.logging("levels of other nodes cannot be read"));
    }

    /** Begins to read. */
    public void start() {
        loop.start();
    }

    /** @return whether, within the time, every level written from now on is sure to be read */
    public boolean awaitReady(Duration longest) throws InterruptedException {
        return ready.await(longest.toNanos(), TimeUnit.NANOSECONDS);
    }

    private void read() {
        if (ready.getCount() > 0) {
            begin();
        }
        ReadLoop.each(consumer, consumer.poll(POLL), this::take);
    }

    private void begin() {
        List<TopicPartition> partitions = consumer.partitionsFor(Topics.WORK_AVAILABLE).stream()
                .map(info -> new TopicPartition(info.topic(), info.partition()))
                .toList();
        if (partitions.isEmpty()) {
            throw new KafkaException("expected the topic " + Topics.WORK_AVAILABLE + ", but there is none");
        }
        consumer.assign(partitions);
        consumer.seekToEnd(partitions);
        partitions.forEach(consumer::position); // seeks now
        ready.countDown();
    }

    private void take(ConsumerRecord<byte[], byte[]> message) throws InvalidProtocolBufferException {
        WorkAvailable level = WorkAvailable.parseFrom(message.value());
        if (ignoredNode.isEmpty() || !ignoredNode.get().equals(level.getNode())) {
            sink.offer(level);
        }
    }

    /** @return as {@link ReadLoop#standsStill} */
    Optional<String> standsStill() {
        return loop.standsStill();
    }

    /** Stops reading; waits a few seconds at the most. */
    @Override
    public void close() {
        loop.close(Duration.ofSeconds(5));
    }
}
