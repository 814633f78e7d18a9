package io.millrace.infra.audit;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.millrace.infra.system.Outcomes;
import io.millrace.infra.system.TestHttp;
import io.millrace.infra.system.TestServer;
import io.millrace.infra.testing.Await;
import io.millrace.infra.testing.TestClient;
import io.millrace.ingest.config.Access;
import io.millrace.proto.Shards;
import io.millrace.proto.Topics;
import io.millrace.proto.proof.OutcomeHashes;
import io.millrace.proto.v1.CommandRecord;
import io.millrace.proto.v1.MacVerdict;
import io.millrace.proto.v1.OutcomeRecord;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;

/** Whoever can write to Kafka can write an outcome whose command is there and whose hashes are right. It has no seal. */
class ForgedOutcomeTest {

    private static final int PARTITIONS = 4;

    @Test
    void anOutcomeThatFitsAndHasNoSealIsNamedAndTheTrueOneIsTakenIn() throws Exception {
        try (TestServer server = TestServer.start(Map.of(), true);
                TestHttp http = new TestHttp(Access.DEV_USER_KEY);
                KafkaProducer<byte[], byte[]> forger = new KafkaProducer<>(
                        server.kafka().client(Map.of()), new ByteArraySerializer(), new ByteArraySerializer())) {
            UUID first;
            try (TestClient worker = server.worker()) {
                first = UUID.fromString(worker.start("echo", "before"));
            }
            int partition = Shards.partition(Shards.of(first), PARTITIONS);
            Await.until("the start in the trail", () -> isTold(server, http, first));
            // Its last word is a command whose outcome is still to be written.
            server.stopNode(TestServer.FIRST);
            OutcomeRecord forged = forged(server, partition);
            forger.send(new ProducerRecord<>(Topics.EVENTS, partition, null, forged.toByteArray()))
                    .get(120, TimeUnit.SECONDS);

            server.restartNode(TestServer.FIRST);

            try (TestClient worker = server.worker()) {
                UUID after = UUID.fromString(worker.start("echo", "after"));
                while (Shards.partition(Shards.of(after), PARTITIONS) != partition) {
                    after = UUID.fromString(worker.start("echo", "after"));
                }
                UUID behind = after;
                Await.until("what stands behind it in the trail", () -> isTold(server, http, behind));
            }
            JsonNode said = http.get(server.http("/api/orgs/dev/read-model")).body();
            assertEquals(1, said.path("breaks").asInt(), said::toString);
            assertEquals("SEAL", said.path("lastBreaks").get(0).path("kind").asText(), said::toString);
        }
    }

    private static boolean isTold(TestServer server, TestHttp http, UUID execution) {
        return !http.get(server.http("/api/orgs/dev/audit?command=start_workflow&execution=" + execution))
                .body()
                .path("entries")
                .isEmpty();
    }

    private static CommandRecord command(TestServer server, int partition, long offset) {
        TopicPartition place = new TopicPartition(Topics.COMMANDS, partition);
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(
                server.kafka().client(Map.of()), new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            consumer.assign(List.of(place));
            consumer.seek(place, offset);
            byte[] record = Await.found(
                    "the command at offset " + offset,
                    () -> consumer.poll(Duration.ofMillis(100)).records(place).stream()
                            .map(ConsumerRecord::value)
                            .findFirst());
            return CommandRecord.newBuilder().mergeFrom(record).build();
        } catch (InvalidProtocolBufferException e) {
            throw new AssertionError("expected a command at offset " + offset, e);
        }
    }

    /** @return an outcome that says that the next command was carried out, and continues the hash of its partition */
    private static OutcomeRecord forged(TestServer server, int partition) {
        OutcomeRecord last;
        try (Outcomes outcomes = new Outcomes(server.kafka())) {
            last = outcomes.ofPartition(partition).getLast();
        }
        CommandRecord command = command(server, partition, last.getCommandOffset() + 1);
        OutcomeRecord fits = OutcomeRecord.newBuilder()
                .setCommandId(command.getCommandId())
                .setOrgId(command.getOrgId())
                .setPrincipal(command.getPrincipal())
                .setOrigin(command.getOrigin())
                .setTraceparent(command.getTraceparent())
                .setCommand(command.getBodyCase().name().toLowerCase(Locale.ROOT))
                .setCommandOffset(last.getCommandOffset() + 1)
                .setTimeMs(last.getTimeMs())
                .setRulesVersion(last.getRulesVersion())
                .setMac(MacVerdict.MAC_VALID)
                .build();
        return fits.toBuilder()
                .setPartitionHash(ByteString.copyFrom(
                        new OutcomeHashes().partition(last.getPartitionHash().toByteArray(), fits)))
                .build();
    }
}
