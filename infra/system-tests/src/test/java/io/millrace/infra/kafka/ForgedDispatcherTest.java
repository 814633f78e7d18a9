package io.millrace.infra.kafka;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.infra.embedded.EmbeddedKafka;
import io.millrace.infra.testing.Await;
import io.millrace.proto.Topics;
import io.millrace.proto.directory.KafkaDirectory;
import io.millrace.proto.directory.KafkaDirectoryConfig;
import io.millrace.proto.mac.CommandMacs;
import io.millrace.proto.mac.MacKey;
import io.millrace.proto.mac.MacKeys;
import io.millrace.proto.mac.MacMode;
import io.millrace.proto.v1.DirectoryRecord;
import io.millrace.proto.v1.DispatcherNode;
import io.millrace.proto.v1.PartitionTenure;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Reads of all organisations go to who says that it owns a partition. Only nodes can say so. */
class ForgedDispatcherTest {

    private static final CommandMacs MACS =
            new CommandMacs(MacMode.REQUIRE, new MacKeys(List.of(new MacKey("k1", new byte[MacKey.LEAST_BYTES]))));

    @TempDir
    private Path folder;

    @Test
    void whatNoNodeSaidOfTheOwnerOfAPartitionIsPassedOver() throws Exception {
        try (EmbeddedKafka kafka = EmbeddedKafka.start(folder, 0)) {
            createTopic(kafka);
            try (KafkaDirectory one = directory(kafka);
                    KafkaDirectory other = directory(kafka)) {
                one.announce(owner("node-1", "here", 7)).get(120, TimeUnit.SECONDS);
                Await.until("the owner", () -> other.holderOf(0).isPresent());

                try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(
                        kafka.access().client(Map.of()), new ByteArraySerializer(), new ByteArraySerializer())) {
                    for (String node : List.of("node-1", "evil")) {
                        byte[] value = DirectoryRecord.newBuilder()
                                .setDispatcher(owner(node, "evil.example", Long.MAX_VALUE))
                                .build()
                                .toByteArray();
                        producer.send(new ProducerRecord<>(Topics.DIRECTORY, key("dispatcher/" + node), value))
                                .get(120, TimeUnit.SECONDS);
                    }
                    producer.send(new ProducerRecord<>(Topics.DIRECTORY, key("dispatcher/node-1"), null))
                            .get(120, TimeUnit.SECONDS);
                }

                Await.until("all three to be noticed", () -> other.foreignEntries() == 3);
                assertEquals("here", other.holderOf(0).orElseThrow().node().getHost());
                assertEquals(1, other.dispatchers().size());
            }
            try (KafkaDirectory later = directory(kafka)) {
                long sinceMs = later.nowMs();
                Await.until("it to hear what nodes say", () -> later.heardForMs(sinceMs) > 200);
                assertTrue(later.dispatchers().stream()
                        .noneMatch(dispatcher -> dispatcher.getHost().equals("evil.example")));
            }
        }
    }

    private static DispatcherNode owner(String node, String host, long begunAt) {
        return DispatcherNode.newBuilder()
                .setNode(node)
                .setHost(host)
                .setPort(1)
                .addPartitions(0)
                .addTenures(PartitionTenure.newBuilder()
                        .setPartition(0)
                        .setBegunAt(begunAt)
                        .setStage(PartitionTenure.Stage.OWNING))
                .build();
    }

    private static byte[] key(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static KafkaDirectory directory(EmbeddedKafka kafka) {
        return new KafkaDirectory(
                KafkaDirectoryConfig.defaults(kafka.access().clients()).withMacs(MACS));
    }

    private static void createTopic(EmbeddedKafka kafka) throws Exception {
        try (Admin admin = Admin.create(kafka.access().client(Map.of()))) {
            admin.createTopics(List.of(new NewTopic(Topics.DIRECTORY, 1, (short) 1)))
                    .all()
                    .get(60, TimeUnit.SECONDS);
        }
    }
}
