package io.millrace.infra.kafka;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.infra.embedded.EmbeddedKafka;
import io.millrace.ingest.streams.KafkaTaskStreams;
import io.millrace.ingest.streams.StreamItem;
import io.millrace.proto.Ids;
import io.millrace.proto.Shards;
import io.millrace.proto.Topics;
import io.millrace.proto.v1.TaskStreamRecord;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Streams of tasks between nodes, over a real broker. */
class KafkaTaskStreamsTest {

    private static final UUID ORG = UUID.randomUUID();
    private static final int PARTITIONS = 3;

    @TempDir
    private Path folder;

    private final UUID execution = UUID.randomUUID();

    @Test
    void whatATaskTellsOneNodeIsHeardAtAnotherAndAgainAfterARestart() throws Exception {
        try (EmbeddedKafka kafka = EmbeddedKafka.start(folder, 0)) {
            createTopic(kafka);
            BlockingQueue<StreamItem> heard = new LinkedBlockingQueue<>();
            try (KafkaTaskStreams one = streams(kafka);
                    KafkaTaskStreams other = streams(kafka)) {
                other.subscribe(ORG, execution, -1, heard::add);
                assertTrue(one.publish(piece("a")));
                assertEquals("a", next(heard).record().getPayload());

                sendGarbage(kafka);
                assertTrue(one.publish(piece("b")));
                assertTrue(other.publish(piece("c")));
                assertEquals(
                        List.of("b", "c"),
                        List.of(payload(heard), payload(heard)).stream()
                                .sorted()
                                .toList());
            }

            BlockingQueue<StreamItem> again = new LinkedBlockingQueue<>();
            try (KafkaTaskStreams restarted = streams(kafka)) {
                restarted.subscribe(ORG, execution, -1, again::add);
                long first = next(again).position();
                assertEquals(2, next(again).position() - first, "the place of what cannot be read stays empty");

                BlockingQueue<StreamItem> resumed = new LinkedBlockingQueue<>();
                restarted.subscribe(ORG, execution, next(again).position() - 1, resumed::add);
                assertTrue(next(resumed).position() > first);
                assertTrue(resumed.isEmpty());
            }
        }
    }

    private static StreamItem next(BlockingQueue<StreamItem> heard) throws InterruptedException {
        StreamItem item = heard.poll(120, TimeUnit.SECONDS);
        if (item == null) {
            throw new AssertionError("expected another item within 30 s, but none came");
        }
        return item;
    }

    private static String payload(BlockingQueue<StreamItem> heard) throws InterruptedException {
        return next(heard).record().getPayload();
    }

    private TaskStreamRecord piece(String payload) {
        return TaskStreamRecord.newBuilder()
                .setOrgId(Ids.toByteString(ORG))
                .setExecutionId(Ids.toByteString(execution))
                .setTaskId(Ids.toByteString(UUID.randomUUID()))
                .setPayload(payload)
                .build();
    }

    private static KafkaTaskStreams streams(EmbeddedKafka kafka) {
        return new KafkaTaskStreams(
                kafka.access().bootstrapServers(), kafka.access().properties());
    }

    private static void createTopic(EmbeddedKafka kafka) throws Exception {
        try (Admin admin = Admin.create(kafka.access().client(Map.of()))) {
            admin.createTopics(
                            List.of(new NewTopic(Topics.TASK_STREAMS, Optional.of(PARTITIONS), Optional.of((short) 1))))
                    .all()
                    .get(120, TimeUnit.SECONDS);
        }
    }

    private void sendGarbage(EmbeddedKafka kafka) throws Exception {
        try (Producer<byte[], byte[]> producer = new KafkaProducer<>(
                kafka.access().client(Map.of()), new ByteArraySerializer(), new ByteArraySerializer())) {
            producer.send(new ProducerRecord<>(
                            Topics.TASK_STREAMS,
                            Shards.partition(execution, PARTITIONS),
                            null,
                            "no piece at all".getBytes(StandardCharsets.UTF_8)))
                    .get(120, TimeUnit.SECONDS);
        }
    }
}
