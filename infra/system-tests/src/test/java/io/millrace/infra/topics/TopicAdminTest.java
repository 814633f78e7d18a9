package io.millrace.infra.topics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dispatcher.Dispatcher;
import io.millrace.infra.config.TopicSettings;
import io.millrace.infra.embedded.EmbeddedKafka;
import io.millrace.proto.Topics;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.InvalidTimestampException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TopicAdminTest {

    private static final TopicSettings SETTINGS = TopicSettings.singleNode(4);
    private static final String APPLICATION = "dispatchers";
    private static final long HOURS_MS = Duration.ofHours(2).toMillis();

    @Test
    void topicsAreMadeOnceAndFoundAsPlanned(@TempDir Path folder) {
        try (EmbeddedKafka kafka = EmbeddedKafka.start(folder, 0);
                TopicAdmin admin = admin(kafka, SETTINGS)) {
            List<String> before = admin.differences();
            List<String> made = admin.createMissing();
            List<String> madeAgain = admin.createMissing();

            assertEquals(Topics.all().size(), before.size());
            assertEquals(Set.copyOf(Topics.all()), Set.copyOf(made));
            assertEquals(List.of(), madeAgain);
            assertEquals(List.of(), admin.differences());
        }
    }

    /** What brokers refuse that nobody has set otherwise: times an hour ahead of theirs. */
    private static final Map<String, String> USUAL = Map.of("log.message.timestamp.after.max.ms", "3600000");

    @Test
    void eachDifferenceIsSaidAndRefused(@TempDir Path folder) throws Exception {
        try (EmbeddedKafka kafka = EmbeddedKafka.start(folder, 0);
                TopicAdmin admin = admin(kafka, SETTINGS)) {
            make(kafka, Topics.COMMANDS, Map.of("retention.ms", "60000"));
            admin.createMissing();

            try (TopicAdmin other = admin(
                    kafka,
                    new TopicSettings(8, 3, 1, SETTINGS.shortRetention(), Duration.ofHours(2), SETTINGS.erasure()))) {
                List<String> differences = other.differences();
                TopicException refusal = assertThrows(TopicException.class, other::check);

                assertContains(differences, "millrace.commands: expected 8 partitions, but it has 4");
                assertContains(
                        differences, "millrace.events: expected at least 3 replicas of a partition, but it has 1");
                assertContains(differences, "millrace.commands: expected retention.ms=-1, but it is 60000");
                assertContains(differences, "millrace.task-streams: expected retention.ms=7200000, but it is 3600000");
                differences.forEach(each -> assertTrue(refusal.getMessage().contains(each), refusal.getMessage()));
            }
        }
    }

    /** As topics of earlier versions are, and that of the state where Kafka Streams makes it by itself. */
    @Test
    void whatPromisesHangOnIsSetOnTopicsThatAreThereAndNothingElse(@TempDir Path folder) throws Exception {
        try (EmbeddedKafka kafka = EmbeddedKafka.start(folder, 0, USUAL);
                TopicAdmin admin = admin(kafka, SETTINGS)) {
            String state = Dispatcher.changelog(APPLICATION);
            make(kafka, Topics.COMMANDS, Map.of("retention.ms", "60000"));
            make(kafka, state, Map.of("min.insync.replicas", "7", "message.timestamp.type", "CreateTime"));
            assertThrows(InvalidTimestampException.class, () -> write(kafka, Topics.COMMANDS, HOURS_MS));
            admin.createMissing();

            List<String> changes = admin.mend();

            assertEquals(
                    List.of(
                            Topics.COMMANDS + ": message.timestamp.type=LogAppendTime, was CreateTime",
                            state + ": message.timestamp.type=LogAppendTime, was CreateTime",
                            state + ": min.insync.replicas=1, was 7"),
                    changes);
            assertEquals(List.of(), admin.mend());
            assertContains(admin.differences(), Topics.COMMANDS + ": expected retention.ms=-1, but it is 60000");
            for (String topic : Topics.all()) {
                write(kafka, topic, HOURS_MS);
                write(kafka, topic, -HOURS_MS);
            }
        }
    }

    /** Writes a record of a machine whose clock is not the broker's. */
    private static void write(EmbeddedKafka kafka, String topic, long aheadMs) throws Exception {
        try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(
                kafka.access().client(Map.of()), new ByteArraySerializer(), new ByteArraySerializer())) {
            long timeMs = System.currentTimeMillis() + aheadMs;
            producer.send(new ProducerRecord<>(topic, 0, timeMs, new byte[] {1}, new byte[] {1}))
                    .get();
        } catch (ExecutionException e) {
            throw (Exception) e.getCause();
        }
    }

    private static void make(EmbeddedKafka kafka, String topic, Map<String, String> settings) throws Exception {
        try (Admin direct = Admin.create(kafka.access().client(Map.of()))) {
            direct.createTopics(List.of(new NewTopic(topic, 4, (short) 1).configs(settings)))
                    .all()
                    .get();
        }
    }

    private static TopicAdmin admin(EmbeddedKafka kafka, TopicSettings settings) {
        return new TopicAdmin(
                kafka.access().bootstrapServers(), kafka.access().properties(), new TopicPlan(settings, APPLICATION));
    }

    private static void assertContains(List<String> differences, String expected) {
        assertTrue(differences.contains(expected), () -> "expected '" + expected + "' among " + differences);
    }
}
