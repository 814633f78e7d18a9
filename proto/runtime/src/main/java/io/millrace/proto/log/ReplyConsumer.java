package io.millrace.proto.log;

import com.google.protobuf.InvalidProtocolBufferException;
import io.millrace.proto.Topics;
import io.millrace.proto.kafka.ClientSettings;
import io.millrace.proto.kafka.ReadLoop;
import io.millrace.proto.kafka.SealHeader;
import io.millrace.proto.mac.RecordSeals;
import io.millrace.proto.mac.SealCheck;
import io.millrace.proto.v1.ReplyRecord;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Reads the answers that dispatchers of other nodes give to this one. The constructor starts the thread that reads.
 * Without it every command for another node would time out.
 */
final class ReplyConsumer implements AutoCloseable {

    private static final Duration POLL = Duration.ofMillis(500);
    private static final Duration REST = Duration.ofMillis(200);

    private final String node;
    private final Consumer<ReplyRecord> replies;
    private final SealCheck seals;
    private final ReadLoop loop;

    /** @param seals says which answers a node gave */
    ReplyConsumer(ClientSettings clients, String node, SealCheck seals, Consumer<ReplyRecord> replies) {
        this.node = node;
        this.seals = seals;
        this.replies = replies;
        KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(
                clients.reading("latest"), new ByteArrayDeserializer(), new ByteArrayDeserializer());
        int partitions = consumer.partitionsFor(Topics.REPLIES).size();
        TopicPartition mine = new TopicPartition(Topics.REPLIES, partitionOf(node, partitions));
        consumer.assign(List.of(mine));
        consumer.seekToEnd(List.of(mine));
        consumer.position(mine); // seeks now: no answer to a command of this node can come earlier
        loop = new ReadLoop(
                "millrace-replies",
                consumer,
                REST,
                REST,
                () -> ReadLoop.each(consumer, consumer.poll(POLL), this::deliver),
                ReadLoop.Listener.logging("replies of other nodes cannot be read"));
        loop.start();
    }

    /** @return the partition of the replies topic in which the node finds its answers */
    static int partitionOf(String node, int partitions) {
        return Math.floorMod(node.hashCode(), partitions);
    }

    private void deliver(ConsumerRecord<byte[], byte[]> record) throws InvalidProtocolBufferException {
        ReplyRecord reply = ReplyRecord.parseFrom(record.value());
        if (reply.getNode().equals(node)
                && seals.believes(RecordSeals.place(node), record.value(), SealHeader.in(record.headers()))) {
            replies.accept(reply);
        }
    }

    /** @return as {@link ReadLoop#standsStill} */
    Optional<String> standsStill() {
        return loop.standsStill();
    }

    @Override
    public void close() {
        loop.close();
    }
}
