package io.millrace.infra.embedded;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KafkaOfFolderTest {

    @TempDir
    private Path data;

    @Test
    void findsTheOneThatRunsAndStartsOneThatIsStopped() throws Exception {
        try (EmbeddedKafka running = EmbeddedKafka.start(data.resolve("kafka"), 0)) {
            try (Admin admin = Admin.create(running.access().client(Map.of()))) {
                admin.createTopics(List.of(new NewTopic("there", 1, (short) 1)))
                        .all()
                        .get();
            }
            try (KafkaOfFolder found = KafkaOfFolder.open(data)) {
                assertEquals(running.access().bootstrapServers(), found.access().bootstrapServers());
                assertEquals(Set.of("there"), topics(found));
            }
            try (KafkaOfFolder again = KafkaOfFolder.open(data)) {
                assertEquals(Set.of("there"), topics(again), "whoever only reads it does not stop it");
            }
        }
        try (KafkaOfFolder started = KafkaOfFolder.open(data)) {
            assertEquals(Set.of("there"), topics(started));
        }
    }

    @Test
    void saysThatThereIsNoKafkaInAFolder() {
        String text = assertThrows(EmbeddedStartException.class, () -> KafkaOfFolder.open(data))
                .getMessage();

        assertTrue(text.endsWith("but there is no Kafka in it"), text);
    }

    private static Set<String> topics(KafkaOfFolder kafka) throws Exception {
        try (Admin admin = Admin.create(kafka.access().client(Map.of()))) {
            return admin.listTopics().names().get();
        }
    }
}
