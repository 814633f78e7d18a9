package io.millrace.notifier.topic;

import com.google.protobuf.InvalidProtocolBufferException;
import io.millrace.proto.Topics;
import io.millrace.proto.hints.HintSink;
import io.millrace.proto.v1.WorkAvailable;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads {@code millrace.work-available} from its end, all partitions, uncommitted records too: a level may be early, it is
 * never wrong for long. One thread of its own, which outlives every fault of the broker.
 */
public final class LevelTopic implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(LevelTopic.class);
    private static final Duration POLL = Duration.ofSeconds(5);
    private static final long RETRY_MS = 500;

    private final Map<String, Object> properties;
    private final Optional<String> ignoredNode;
    private final HintSink sink;
    private final CountDownLatch closing = new CountDownLatch(1);
    private final CountDownLatch ready = new CountDownLatch(1);
    private final Thread thread;
    private volatile Consumer<byte[], byte[]> consumer;

    /**
     * @param bootstrapServers brokers
     * @param further further properties of the consumer
     * @param ignoredNode node whose levels come another way
     * @param sink where levels go; called on this reader's thread
     */
    public LevelTopic(
            String bootstrapServers, Map<String, Object> further, Optional<String> ignoredNode, HintSink sink) {
        this.properties = new HashMap<>(further);
        properties.put(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
        properties.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        properties.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "latest");
        properties.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_uncommitted");
        properties.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
        properties.put(ConsumerConfig.CLIENT_ID_CONFIG, "millrace-notifier");
        this.ignoredNode = ignoredNode;
        this.sink = sink;
        this.thread = new Thread(this::run, "millrace-notifier-levels");
        thread.setDaemon(true);
    }

    /** Begins to read. */
    public void start() {
        thread.start();
    }

    /** @return whether, within the time, every level written from now on is sure to be read */
    public boolean awaitReady(Duration longest) throws InterruptedException {
        return ready.await(longest.toNanos(), TimeUnit.NANOSECONDS);
    }

    private void run() {
        while (closing.getCount() > 0) {
            try (Consumer<byte[], byte[]> fresh =
                    new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
                consumer = fresh;
                read(fresh);
            } catch (WakeupException closed) {
                return;
            } catch (RuntimeException fault) {
                LOG.warn("reading levels failed topic={} retryMs={} cause={}", Topics.WORK_AVAILABLE, RETRY_MS,
                        fault.toString());
            }
            pause();
        }
    }

    private void read(Consumer<byte[], byte[]> from) {
        List<TopicPartition> partitions = from.partitionsFor(Topics.WORK_AVAILABLE).stream()
                .map(info -> new TopicPartition(info.topic(), info.partition()))
                .toList();
        if (partitions.isEmpty()) {
            return;
        }
        from.assign(partitions);
        from.seekToEnd(partitions);
        partitions.forEach(from::position);
        ready.countDown();
        while (closing.getCount() > 0) {
            for (ConsumerRecord<byte[], byte[]> message : from.poll(POLL)) {
                take(message);
            }
        }
    }

    private void take(ConsumerRecord<byte[], byte[]> message) {
        try {
            WorkAvailable level = WorkAvailable.parseFrom(message.value());
            if (ignoredNode.isEmpty() || !ignoredNode.get().equals(level.getNode())) {
                sink.offer(level);
            }
        } catch (InvalidProtocolBufferException | RuntimeException unreadable) {
            LOG.warn("level passed over topic={} partition={} offset={} cause={}", message.topic(), message.partition(),
                    message.offset(), unreadable.toString());
        }
    }

    private void pause() {
        try {
            if (closing.await(RETRY_MS, TimeUnit.MILLISECONDS)) {
                return;
            }
        } catch (InterruptedException stopped) {
            closing.countDown();
        }
    }

    /** Stops reading; waits a few seconds at the most. */
    @Override
    public void close() {
        closing.countDown();
        Consumer<byte[], byte[]> running = consumer;
        if (running != null) {
            running.wakeup();
        }
        try {
            thread.join(TimeUnit.SECONDS.toMillis(5));
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }
}
