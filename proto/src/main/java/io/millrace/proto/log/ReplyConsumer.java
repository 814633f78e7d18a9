package io.millrace.proto.log;

import com.google.protobuf.InvalidProtocolBufferException;
import io.millrace.proto.Topics;
import io.millrace.proto.kafka.ClientSettings;
import io.millrace.proto.v1.ReplyRecord;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RecordDeserializationException;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads the answers that dispatchers of other nodes give to this one. One thread, started by the constructor. */
final class ReplyConsumer implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ReplyConsumer.class);
    private static final long RETRY_MS = 200;

    private final KafkaConsumer<byte[], byte[]> consumer;
    private final String node;
    private final Consumer<ReplyRecord> replies;
    private final Thread thread;
    private volatile boolean running = true;

    ReplyConsumer(ClientSettings clients, String node, Consumer<ReplyRecord> replies) {
        this.consumer = new KafkaConsumer<>(
                clients.reading("latest"), new ByteArrayDeserializer(), new ByteArrayDeserializer());
        this.node = node;
        this.replies = replies;
        int partitions = consumer.partitionsFor(Topics.REPLIES).size();
        TopicPartition mine = new TopicPartition(Topics.REPLIES, partitionOf(node, partitions));
        consumer.assign(List.of(mine));
        consumer.seekToEnd(List.of(mine));
        consumer.position(mine); // seeks now, so that no answer to a command of this node can come before
        this.thread = Thread.ofPlatform().name("millrace-replies").daemon(true).start(this::run);
    }

    /** @return partition of the replies topic in which the node finds its answers */
    static int partitionOf(String node, int partitions) {
        return Math.floorMod(node.hashCode(), partitions);
    }

    private void run() {
        try (consumer) {
            while (running) {
                poll();
            }
        } catch (WakeupException e) {
            // close() woke it
        }
    }

    /** Whatever Kafka answers, this node goes on listening: deaf, it would let every command for another node time out. */
    private void poll() {
        try {
            for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(500))) {
                deliver(record);
            }
        } catch (WakeupException e) {
            throw e;
        } catch (RecordDeserializationException e) {
            LOG.error("passed over a reply at offset {} that could not be read", e.offset(), e);
            consumer.seek(e.topicPartition(), e.offset() + 1);
        } catch (KafkaException e) {
            LOG.warn("could not read replies, will try again in {} ms", RETRY_MS, e);
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(RETRY_MS));
        }
    }

    private void deliver(ConsumerRecord<byte[], byte[]> record) {
        try {
            ReplyRecord reply = ReplyRecord.parseFrom(record.value());
            if (reply.getNode().equals(node)) {
                replies.accept(reply);
            }
        } catch (InvalidProtocolBufferException | RuntimeException e) {
            LOG.error("passed over a reply at offset {} that could not be delivered", record.offset(), e);
        }
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
    }
}
