package io.millrace.proto.log;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.proto.Topics;
import io.millrace.proto.kafka.TopicWriter;
import io.millrace.proto.mac.CommandMacs;
import io.millrace.proto.v1.ReplyRecord;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.Cluster;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;

class ReplyRouterTest {

    private static final int PARTITIONS = 4;

    private final MockProducer<byte[], byte[]> producer =
            new MockProducer<>(cluster(), true, null, new ByteArraySerializer(), new ByteArraySerializer());
    private final List<ReplyRecord> local = new ArrayList<>();

    private static Cluster cluster() {
        Node broker = new Node(0, "127.0.0.1", 1);
        Node[] brokers = {broker};
        return new Cluster(
                "test",
                List.of(broker),
                IntStream.range(0, PARTITIONS)
                        .mapToObj(number -> new PartitionInfo(Topics.REPLIES, number, broker, brokers, brokers))
                        .toList(),
                Set.of(),
                Set.of());
    }

    private static ReplyRecord to(String node) {
        return ReplyRecord.newBuilder().setNode(node).setReplySequence(7).build();
    }

    @Test
    void anAnswerForThisNodeStaysInTheProcess() {
        try (ReplyRouter router =
                new ReplyRouter(new TopicWriter(Topics.REPLIES, producer), "here", CommandMacs.OFF, local::add)) {
            router.deliver(to("here"));
        }
        assertEquals(List.of(to("here")), local);
        assertEquals(List.of(), producer.history());
    }

    @Test
    void anAnswerForAnotherNodeGoesToThePartitionThatThisOneReads() throws Exception {
        try (ReplyRouter router =
                new ReplyRouter(new TopicWriter(Topics.REPLIES, producer), "here", CommandMacs.OFF, local::add)) {
            for (String node : List.of("there", "elsewhere", "Node-17", "\u00e4")) {
                producer.clear();
                router.deliver(to(node));
                ProducerRecord<byte[], byte[]> sent = producer.history().getFirst();
                assertEquals(Topics.REPLIES, sent.topic());
                assertEquals(ReplyConsumer.partitionOf(node, PARTITIONS), sent.partition());
                assertEquals(node, new String(sent.key(), StandardCharsets.UTF_8));
                assertEquals(to(node), ReplyRecord.parseFrom(sent.value()));
            }
        }
        assertTrue(local.isEmpty());
    }

    @Test
    void aProcessThatAsksNothingSendsAllAnswersAway() {
        try (ReplyRouter router =
                new ReplyRouter(new TopicWriter(Topics.REPLIES, producer), "here", CommandMacs.OFF, null)) {
            router.deliver(to("here"));
        }
        assertEquals(1, producer.history().size());
    }

    /** It is called by stream threads, which must not die of it. */
    @Test
    void anAnswerThatCannotBeSentIsLostQuietly() {
        producer.sendException = new TimeoutException("the buffer is full");
        try (ReplyRouter router =
                new ReplyRouter(new TopicWriter(Topics.REPLIES, producer), "here", CommandMacs.OFF, local::add)) {
            assertDoesNotThrow(() -> router.deliver(to("there")));
        }
    }
}
