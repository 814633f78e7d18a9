package io.millrace.ingest.streams;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.millrace.proto.Ids;
import io.millrace.proto.Topics;
import io.millrace.proto.kafka.TopicWriter;
import io.millrace.proto.v1.TaskStreamRecord;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.Cluster;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What may go wrong between a node and Kafka, with Kafka's own stand-ins for its clients. */
class KafkaTaskStreamsTest {

    private static final UUID ORG = UUID.randomUUID();
    private static final TopicPartition PARTITION = new TopicPartition(Topics.TASK_STREAMS, 0);

    private final UUID execution = UUID.randomUUID();
    private final MockConsumer<byte[], byte[]> consumer = new MockConsumer<>("earliest");
    private final BlockingQueue<StreamItem> heard = new LinkedBlockingQueue<>();
    private final BlockingQueue<Long> gaps = new LinkedBlockingQueue<>();
    private KafkaTaskStreams streams;

    @AfterEach
    void close() {
        streams.close();
    }

    @Test
    void whateverStandsInARecordThoseBehindItAreHeard() throws Exception {
        open(0, 0);
        subscribe(-1);
        awaitAssigned();

        record(0, null);
        record(1, new byte[] {1, 2, 3});
        record(
                2,
                piece("short id")
                        .setTaskId(ByteString.copyFromUtf8("x"))
                        .build()
                        .toByteArray());
        record(3, piece("no execution").clearExecutionId().build().toByteArray());
        record(4, piece("good").build().toByteArray());

        assertEquals("good", next().record().getPayload());
        assertTrue(heard.isEmpty());
    }

    @Test
    void aListenerThatFailsDoesNotStopTheOthers() throws Exception {
        open(0, 0);
        streams.subscribe(ORG, UUID.randomUUID(), -1, heard::add);
        UUID another = UUID.randomUUID();
        streams.subscribe(ORG, another, -1, item -> {
            throw new IllegalStateException("broken");
        });
        subscribe(-1);
        awaitAssigned();

        record(0, piece("x").setExecutionId(Ids.toByteString(another)).build().toByteArray());
        record(1, piece("good").build().toByteArray());

        assertEquals("good", next().record().getPayload());
    }

    @Test
    void readingGoesOnAfterFailuresOfKafka() throws Exception {
        open(0, 0);
        subscribe(-1);
        awaitAssigned();

        consumer.setPollException(new KafkaException("out of order"));
        record(0, piece("after it").build().toByteArray());

        assertEquals("after it", next().record().getPayload());
    }

    @Test
    void whoWasAwayForLongerThanIsReadAgainIsToldSo() throws Exception {
        open(0, 5_000);
        subscribe(3_998);
        awaitAssigned();

        assertEquals(3_999, gaps.poll(20, TimeUnit.SECONDS));
        subscribe(3_999);
        assertTrue(gaps.isEmpty());
        subscribe(17);
        assertEquals(3_999, gaps.poll());
        subscribe(-1);
        assertEquals(3_999, gaps.poll());
        subscribe(TaskStreams.NEWCOMER);
        assertTrue(gaps.isEmpty(), "who comes for the first time misses nothing");
    }

    @Test
    void noMoreThanSoManyBytesWaitToBeSent() {
        streams = new KafkaTaskStreams(
                new TopicWriter(
                        Topics.TASK_STREAMS,
                        new MockProducer<>(true, null, new ByteArraySerializer(), new ByteArraySerializer()) {
                            // As a producer does that finds no broker, and must not wait.
                            @Override
                            public Future<RecordMetadata> send(
                                    ProducerRecord<byte[], byte[]> record, Callback callback) {
                                callback.onCompletion(null, new TimeoutException("not present in metadata"));
                                return CompletableFuture.failedFuture(new TimeoutException());
                            }
                        }),
                consumer);
        assertTrue(streams.publish(piece("first").build()));
        TaskStreamRecord large = piece("x".repeat(1 << 20)).build();

        int taken = 0;
        while (taken < 100 && streams.publish(large)) {
            taken++;
        }

        assertEquals(31, taken);
    }

    private void open(long beginning, long end) {
        Node node = new Node(0, "localhost", 1);
        PartitionInfo info = new PartitionInfo(Topics.TASK_STREAMS, 0, node, new Node[] {node}, new Node[] {node});
        consumer.updatePartitions(Topics.TASK_STREAMS, List.of(info));
        consumer.updateBeginningOffsets(Map.of(PARTITION, beginning));
        consumer.updateEndOffsets(Map.of(PARTITION, end));
        Cluster cluster = new Cluster("c", List.of(node), List.of(info), Set.of(), Set.of());
        streams = new KafkaTaskStreams(
                new TopicWriter(
                        Topics.TASK_STREAMS,
                        new MockProducer<>(cluster, true, null, new ByteArraySerializer(), new ByteArraySerializer())),
                consumer);
    }

    private void subscribe(long after) {
        streams.subscribe(ORG, execution, after, new TaskStreams.Listener() {
            @Override
            public boolean item(StreamItem item) {
                return heard.add(item);
            }

            @Override
            public void gap(long upTo) {
                gaps.add(upTo);
            }
        });
    }

    private void awaitAssigned() {
        while (consumer.assignment().isEmpty()) {
            Thread.onSpinWait();
        }
    }

    private void record(long offset, byte[] value) {
        consumer.schedulePollTask(
                () -> consumer.addRecord(new ConsumerRecord<>(Topics.TASK_STREAMS, 0, offset, null, value)));
    }

    private StreamItem next() throws InterruptedException {
        StreamItem item = heard.poll(20, TimeUnit.SECONDS);
        assertNotNull(item, "expected another item, but none came");
        return item;
    }

    private TaskStreamRecord.Builder piece(String payload) {
        return TaskStreamRecord.newBuilder()
                .setOrgId(Ids.toByteString(ORG))
                .setExecutionId(Ids.toByteString(execution))
                .setTaskId(Ids.toByteString(UUID.randomUUID()))
                .setPayload(payload);
    }
}
