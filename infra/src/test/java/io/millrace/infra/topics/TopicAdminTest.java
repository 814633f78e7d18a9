package io.millrace.infra.topics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.infra.embedded.EmbeddedKafka;
import io.millrace.proto.Topics;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TopicAdminTest {

    private static final TopicSettings SETTINGS = TopicSettings.singleNode(4);

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

    @Test
    void eachDifferenceIsSaidAndRefused(@TempDir Path folder) throws Exception {
        try (EmbeddedKafka kafka = EmbeddedKafka.start(folder, 0);
                TopicAdmin admin = admin(kafka, SETTINGS)) {
            makeCommandsShortLived(kafka);
            admin.createMissing();

            try (TopicAdmin other = admin(
                    kafka, new TopicSettings(8, 3, 1, SETTINGS.shortRetention(), Duration.ofHours(2)))) {
                List<String> differences = other.differences();
                TopicException refusal = assertThrows(TopicException.class, other::check);

                assertContains(differences, "millrace.commands: expected 8 partitions, but it has 4");
                assertContains(differences, "millrace.events: expected at least 3 replicas of a partition, but it has 1");
                assertContains(differences, "millrace.commands: expected retention.ms=-1, but it is 60000");
                assertContains(
                        differences, "millrace.task-streams: expected retention.ms=7200000, but it is 3600000");
                differences.forEach(each -> assertTrue(refusal.getMessage().contains(each), refusal.getMessage()));
            }
        }
    }

    private static void makeCommandsShortLived(EmbeddedKafka kafka) throws Exception {
        try (Admin direct = Admin.create(kafka.access().client(Map.of()))) {
            direct.createTopics(List.of(
                            new NewTopic(Topics.COMMANDS, 4, (short) 1).configs(Map.of("retention.ms", "60000"))))
                    .all()
                    .get();
        }
    }

    private static TopicAdmin admin(EmbeddedKafka kafka, TopicSettings settings) {
        return new TopicAdmin(kafka.access().bootstrapServers(), kafka.access().properties(), new TopicPlan(settings));
    }

    private static void assertContains(List<String> differences, String expected) {
        assertTrue(differences.contains(expected), () -> "expected '" + expected + "' among " + differences);
    }
}
