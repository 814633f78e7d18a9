package io.millrace.proto.log;

import io.millrace.proto.Topics;
import io.millrace.proto.kafka.ClientSettings;
import io.millrace.proto.kafka.SealHeader;
import io.millrace.proto.kafka.TopicWriter;
import io.millrace.proto.mac.CommandMacs;
import io.millrace.proto.mac.RecordSeals;
import io.millrace.proto.v1.ReplyRecord;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings answers to the callers that wait: in memory if they wait at this node, through {@code millrace.replies}
 * otherwise. If an answer gets lost, its caller hears UNAVAILABLE, but its command stands. Called on stream threads;
 * never blocks.
 */
public final class ReplyRouter implements ReplySink, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ReplyRouter.class);
    /** As long as a caller may wait for an answer, or still take a late one. */
    private static final Duration PATIENCE = Duration.ofSeconds(90);

    private final String localNode;
    private final @Nullable ReplySink local;
    private final TopicWriter writer;
    private final int partitions;
    private final RecordSeals seals;

    /**
     * @param clients what all Kafka clients of the node have in common
     * @param localNode id of this node
     * @param macs by which other nodes know that a node answered
     * @param local takes answers for this node; null where nothing in this process asks
     */
    public ReplyRouter(ClientSettings clients, String localNode, CommandMacs macs, @Nullable ReplySink local) {
        this(new TopicWriter(Topics.REPLIES, clients.passing()), localNode, macs, local);
    }

    ReplyRouter(TopicWriter writer, String localNode, CommandMacs macs, @Nullable ReplySink local) {
        this.seals = new RecordSeals(RecordSeals.Kind.REPLY, macs);
        this.localNode = localNode;
        this.local = local;
        this.writer = writer;
        this.partitions = writer.partitions();
    }

    @Override
    public void deliver(ReplyRecord reply) {
        if (local != null && reply.getNode().equals(localNode)) {
            local.deliver(reply);
            return;
        }
        byte[] key = reply.getNode().getBytes(StandardCharsets.UTF_8);
        int partition = ReplyConsumer.partitionOf(reply.getNode(), partitions);
        byte[] value = reply.toByteArray();
        writer.write(
                partition,
                key,
                value,
                SealHeader.of(seals.seal(key, value)),
                PATIENCE,
                (metadata, failure) -> lost(reply, failure));
    }

    private static void lost(ReplyRecord reply, Exception failure) {
        if (failure != null) {
            LOG.warn(
                    "could not bring an answer to node {}; its caller will hear UNAVAILABLE", reply.getNode(), failure);
        }
    }

    @Override
    public void close() {
        writer.close();
    }
}
