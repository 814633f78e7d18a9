package io.millrace.infra.embedded;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.infra.testing.StandingPort;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.SaslAuthenticationException;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedKafkaTest {

    private static final TopicPartition LETTERS = new TopicPartition("letters", 0);

    private static final Duration STANDSTILL = Duration.ofSeconds(2);

    @TempDir
    private Path folder;

    @Test
    void takesThePortOfTheLastStartAgainIfItIsFree(@TempDir Path data) throws Exception {
        int port = StandingPort.next();
        Files.writeString(data.resolve("port"), String.valueOf(port));
        try (EmbeddedKafka kafka = EmbeddedKafka.start(data, 0)) {
            assertEquals(port, kafka.port());
        }
        try (EmbeddedKafka kafka = EmbeddedKafka.start(data, 0)) {
            assertEquals(port, kafka.port());
        }
        try (ServerSocket other = new ServerSocket(port, 1, InetAddress.getLoopbackAddress());
                EmbeddedKafka kafka = EmbeddedKafka.start(data, 0)) {
            assertNotEquals(port, kafka.port());
            assertTrue(other.isBound());
        }
    }

    @Test
    void keepsTopicsAndRecordsOverARestart() throws Exception {
        try (EmbeddedKafka kafka = EmbeddedKafka.start(folder, 0)) {
            createLetters(kafka.access());
            send(kafka.access(), "a");
        }

        try (EmbeddedKafka kafka = EmbeddedKafka.start(folder, 0)) {
            send(kafka.access(), "b");

            assertEquals(List.of("a", "b"), letters(kafka.access(), 2));
        }
    }

    @Test
    void keepsAcknowledgedRecordsWhenTheProcessIsKilled() throws Exception {
        // given a broker in another process, which acknowledged a record
        Process process = new ChildProcess(KafkaChild.class, folder.toString()).start();
        try (var said = process.inputReader(StandardCharsets.UTF_8)) {
            KafkaAccess kafka = KafkaChild.access(folder, said.readLine());
            createLetters(kafka);
            send(kafka, "a");
        } finally {
            // when it is killed
            process.destroyForcibly().waitFor();
        }

        // then the record is there for its successor
        try (EmbeddedKafka kafka = EmbeddedKafka.start(folder, 0)) {
            assertEquals(List.of("a"), letters(kafka.access(), 1));
        }
    }

    @Test
    void letsASuccessorInThoughThePredecessorNeverSaidGoodbye() throws Exception {
        // given a broker that was killed while its controller took it for alive, as it does for weeks
        Process process = new ChildProcess(KafkaChild.class, folder.toString()).start();
        try (var said = process.inputReader(StandardCharsets.UTF_8)) {
            said.readLine();
        } finally {
            process.destroyForcibly().waitFor();
        }

        // then its successor starts, and so does the one after it, which followed an orderly stop
        EmbeddedKafka.start(folder, 0).close();
        EmbeddedKafka.start(folder, 0).close();
    }

    @Test
    void losesNoLeaderWhileTheWholeProcessStandsStill() throws Exception {
        // given a broker that leads a partition
        Process process = new ChildProcess(KafkaChild.class, folder.toString()).start();
        try (var said = process.inputReader(StandardCharsets.UTF_8)) {
            KafkaAccess kafka = KafkaChild.access(folder, said.readLine());
            createLetters(kafka);
            send(kafka, "a");

            // when its process stands still for longer than heartbeats may be late, and goes on
            signal(process, "STOP");
            LockSupport.parkNanos(STANDSTILL.toNanos());
            signal(process, "CONT");
            // Takes its turn behind all that the controller had to look after meanwhile.
            create(kafka, "after");

            // then the broker never lost the leadership
            send(kafka, "b");
            assertEquals(Optional.of(0), leaderEpoch(kafka));
        } finally {
            process.destroyForcibly().waitFor();
        }
    }

    @Test
    void letsInWhoeverKnowsThePasswordOnly() {
        try (EmbeddedKafka kafka = EmbeddedKafka.start(folder, 0);
                Admin stranger =
                        Admin.create(new KafkaAccess(kafka.access().bootstrapServers(), BrokerSettings.client("guess"))
                                .client(Map.of()))) {
            ExecutionException refusal = assertThrows(
                    ExecutionException.class,
                    () -> stranger.listTopics().names().get());

            assertInstanceOf(SaslAuthenticationException.class, refusal.getCause());
        }
    }

    @Test
    void commitsTransactions() throws Exception {
        try (EmbeddedKafka kafka = EmbeddedKafka.start(folder, 0)) {
            createLetters(kafka.access());
            Map<String, Object> settings = kafka.access().client(Map.of("transactional.id", "writer"));
            try (Producer<String, String> producer =
                    new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer())) {
                producer.initTransactions();
                producer.beginTransaction();
                producer.send(new ProducerRecord<>(LETTERS.topic(), "a"));
                producer.commitTransaction();
            }

            assertEquals(List.of("a"), letters(kafka.access(), 1));
        }
    }

    @Test
    void refusesAPortThatIsTaken() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            EmbeddedStartException refusal =
                    assertThrows(EmbeddedStartException.class, () -> EmbeddedKafka.start(folder, taken.getLocalPort()));

            assertTrue(
                    refusal.getMessage()
                            .startsWith("expected port " + taken.getLocalPort() + " of 127.0.0.1 to be free"),
                    refusal::getMessage);
        }
        // and leaves the folder fit for use
        EmbeddedKafka.start(folder, 0).close();
    }

    @Test
    void refusesAFolderThatIsInUse() {
        try (EmbeddedKafka kafka = EmbeddedKafka.start(folder, 0)) {
            EmbeddedStartException refusal =
                    assertThrows(EmbeddedStartException.class, () -> EmbeddedKafka.start(folder, 0));

            assertTrue(
                    refusal.getMessage().contains("to be free, but a running Millrace uses it"), refusal::getMessage);
            assertTrue(kafka.port() > 0);
        }
    }

    @Test
    void reportsAFolderThatIsNoKafkaFolder() throws Exception {
        Files.createDirectories(folder.resolve("log"));
        Files.writeString(folder.resolve("log").resolve("meta.properties"), "version=1\nnode.id=7\ncluster.id=x\n");

        EmbeddedStartException refusal =
                assertThrows(EmbeddedStartException.class, () -> EmbeddedKafka.start(folder, 0));

        assertTrue(refusal.getMessage().contains("expected Kafka to start on " + folder), refusal::getMessage);
    }

    @Test
    void refusesAFolderThatANewerKafkaHasWrittenTo() throws Exception {
        EmbeddedKafka.start(folder, 0).close();
        EmbeddedKafka.start(folder, 0).close();
        Files.writeString(folder.resolve("version"), "99.0.1");

        EmbeddedStartException refusal =
                assertThrows(EmbeddedStartException.class, () -> EmbeddedKafka.start(folder, 0));

        assertTrue(refusal.getMessage().contains("or older, but Kafka 99.0.1 has written to it"), refusal::getMessage);
    }

    @Test
    void tellsThatItStopped() throws Exception {
        EmbeddedKafka kafka = EmbeddedKafka.start(folder, 0);
        kafka.close();
        kafka.close();

        kafka.stopped().toCompletableFuture().get(1, TimeUnit.SECONDS);
    }

    private static void createLetters(KafkaAccess kafka) throws Exception {
        create(kafka, LETTERS.topic());
    }

    private static void create(KafkaAccess kafka, String topic) throws Exception {
        try (Admin admin = Admin.create(kafka.client(Map.of()))) {
            admin.createTopics(List.of(new NewTopic(topic, 1, (short) 1))).all().get();
        }
    }

    /** @return how often the lead of the letters has passed to another, or to the same again */
    private static Optional<Integer> leaderEpoch(KafkaAccess kafka) throws Exception {
        try (Admin admin = Admin.create(kafka.client(Map.of()))) {
            return admin.listOffsets(Map.of(LETTERS, OffsetSpec.latest()))
                    .partitionResult(LETTERS)
                    .get()
                    .leaderEpoch();
        }
    }

    private static void signal(Process process, String name) throws Exception {
        assertEquals(
                0,
                new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                        .start()
                        .waitFor());
    }

    private static void send(KafkaAccess kafka, String letter) throws Exception {
        try (Producer<String, String> producer = new KafkaProducer<>(
                kafka.client(Map.of("acks", "all")), new StringSerializer(), new StringSerializer())) {
            producer.send(new ProducerRecord<>(LETTERS.topic(), letter)).get();
        }
    }

    private static List<String> letters(KafkaAccess kafka, int count) {
        Map<String, Object> settings = kafka.client(Map.of("isolation.level", "read_committed"));
        try (Consumer<String, String> consumer =
                new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer())) {
            consumer.assign(List.of(LETTERS));
            consumer.seekToBeginning(List.of(LETTERS));
            List<String> read = new ArrayList<>();
            while (read.size() < count) {
                consumer.poll(Duration.ofSeconds(1)).forEach(record -> read.add(record.value()));
            }
            return read;
        }
    }
}
