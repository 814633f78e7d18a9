package io.millrace.infra.kafka;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.millrace.infra.embedded.EmbeddedKafka;
import io.millrace.infra.testing.Await;
import io.millrace.infra.testing.StandingPort;
import io.millrace.notifier.LevelTopic;
import io.millrace.proto.Topics;
import io.millrace.proto.v1.WorkAvailable;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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

/** The notifier's reader of levels against a real broker. */
class LevelTopicTest {

    @TempDir
    private Path folder;

    private final BlockingQueue<WorkAvailable> heard = new LinkedBlockingQueue<>();

    @Test
    void levelsOfOtherNodesAreHeardWhateverElseStandsBetweenThem() throws Exception {
        try (EmbeddedKafka kafka = EmbeddedKafka.start(folder, 0);
                Producer<byte[], byte[]> producer = producer(kafka)) {
            createTopic(kafka);
            send(producer, level("elsewhere", "before").toByteArray());
            try (LevelTopic topic = reader(kafka)) {
                topic.start();
                assertTrue(topic.awaitReady(Await.LIMIT));

                send(producer, level("here", "own").toByteArray());
                send(producer, "no level at all".getBytes(StandardCharsets.UTF_8));
                send(producer, level("elsewhere", "orders").toByteArray());

                assertEquals("orders", heard.poll(120, TimeUnit.SECONDS).getQueue());
                assertTrue(heard.isEmpty());
            }
        }
    }

    @Test
    void aReaderStartedBeforeItsTopicFindsItLater() throws Exception {
        try (EmbeddedKafka kafka = EmbeddedKafka.start(folder, 0);
                Producer<byte[], byte[]> producer = producer(kafka);
                LevelTopic topic = reader(kafka)) {
            topic.start();
            assertFalse(topic.awaitReady(Duration.ofMillis(200)));

            createTopic(kafka);

            assertTrue(topic.awaitReady(Await.LIMIT));
            send(producer, level("elsewhere", "orders").toByteArray());
            assertEquals("orders", heard.poll(120, TimeUnit.SECONDS).getQueue());
        }
    }

    @Test
    void aReaderOutlivesItsBroker() throws Exception {
        int port = StandingPort.next();
        try (EmbeddedKafka kafka = EmbeddedKafka.start(folder, port)) {
            createTopic(kafka);
            LevelTopic topic = reader(kafka);
            try (topic) {
                topic.start();
                assertTrue(topic.awaitReady(Await.LIMIT));
                kafka.close();
                try (EmbeddedKafka again = EmbeddedKafka.start(folder, port);
                        Producer<byte[], byte[]> producer = producer(again)) {
                    send(producer, level("elsewhere", "orders").toByteArray());
                    assertEquals("orders", heard.poll(120, TimeUnit.SECONDS).getQueue());
                }
            }
        }
    }

    private LevelTopic reader(EmbeddedKafka kafka) {
        return new LevelTopic(
                kafka.access().bootstrapServers(), kafka.access().properties(), Optional.of("here"), heard::add);
    }

    private static WorkAvailable level(String node, String queue) {
        return WorkAvailable.newBuilder()
                .setNode(node)
                .setQueue(queue)
                .setOrgId(ByteString.copyFrom(new byte[16]))
                .build();
    }

    private static void createTopic(EmbeddedKafka kafka) throws Exception {
        try (Admin admin = Admin.create(kafka.access().client(Map.of()))) {
            admin.createTopics(List.of(new NewTopic(Topics.WORK_AVAILABLE, 1, (short) 1)))
                    .all()
                    .get();
        }
    }

    private static Producer<byte[], byte[]> producer(EmbeddedKafka kafka) {
        return new KafkaProducer<>(
                kafka.access().client(Map.of()), new ByteArraySerializer(), new ByteArraySerializer());
    }

    private static void send(Producer<byte[], byte[]> producer, byte[] value) throws Exception {
        producer.send(new ProducerRecord<>(Topics.WORK_AVAILABLE, new byte[] {1}, value))
                .get();
    }
}
