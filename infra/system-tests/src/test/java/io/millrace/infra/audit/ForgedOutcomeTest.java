package io.millrace.infra.audit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.millrace.infra.cli.Main;
import io.millrace.infra.embedded.NodeFile;
import io.millrace.infra.system.Outcomes;
import io.millrace.infra.system.TestHttp;
import io.millrace.infra.system.TestKeys;
import io.millrace.infra.system.TestServer;
import io.millrace.infra.testing.Await;
import io.millrace.infra.testing.TestClient;
import io.millrace.ingest.audit.trail.TrailExport;
import io.millrace.ingest.config.Access;
import io.millrace.proto.Shards;
import io.millrace.proto.Topics;
import io.millrace.proto.kafka.ClientSettings;
import io.millrace.proto.mac.CommandMacs;
import io.millrace.proto.mac.MacKeys;
import io.millrace.proto.mac.MacMode;
import io.millrace.proto.proof.OutcomeHashes;
import io.millrace.proto.v1.CommandRecord;
import io.millrace.proto.v1.MacVerdict;
import io.millrace.proto.v1.OutcomeRecord;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
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
            CommandMacs macs = new CommandMacs(MacMode.REQUIRE, MacKeys.read(TestKeys.in(server.data())));
            List<String> broken = broken(server, macs);
            assertEquals(1, broken.size(), broken::toString);
            assertTrue(broken.getFirst().contains("SEAL: expected the outcome of the command"), broken::toString);
            // Whoever has no keys cannot tell the forged one, and it is the true one that then comes twice.
            List<String> unseen = broken(server, CommandMacs.OFF);
            assertTrue(unseen.stream().noneMatch(line -> line.contains("SEAL")), unseen::toString);
            theCommandSaysSo(server);
        }
    }

    private static void theCommandSaysSo(TestServer server) throws IOException {
        Path config = NodeFile.write(
                server.data().resolve("auditor"),
                server.kafka(),
                Map.of("commands.mac.key_file", TestKeys.in(server.data()).toString()));
        StringWriter said = new StringWriter();
        PrintWriter to = new PrintWriter(said, true);

        int code = Main.execute(
                new String[] {
                    "audit",
                    "export",
                    "--out",
                    server.data().resolve("trail.jsonl").toString(),
                    "--config",
                    config.toString()
                },
                to,
                to);

        assertEquals(1, code, said::toString);
        assertTrue(said.toString().contains(", 1 of them of records that do not fit the log"), said::toString);
    }

    /** @return the lines of an export that are of records which do not fit the log */
    private static List<String> broken(TestServer server, CommandMacs macs) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ClientSettings kafka = new ClientSettings(
                server.kafka().bootstrapServers(), server.kafka().properties());
        try (TrailExport export = new TrailExport(kafka, macs)) {
            export.run(Map.of(), new TrailExport.Wanted(null, null, null), out);
        }
        return out.toString(StandardCharsets.UTF_8)
                .lines()
                .filter(line -> line.contains(TrailExport.BROKEN))
                .toList();
    }

    private static boolean isTold(TestServer server, TestHttp http, UUID execution) {
        return !http.get(server.http("/api/orgs/dev/audit?command=start_workflow&execution=" + execution))
                .body()
                .path("entries")
                .isEmpty();
    }

    private static byte[] command(TestServer server, int partition, long offset) {
        TopicPartition place = new TopicPartition(Topics.COMMANDS, partition);
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(
                server.kafka().client(Map.of()), new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            consumer.assign(List.of(place));
            consumer.seek(place, offset);
            return Await.found(
                    "the command at offset " + offset,
                    () -> consumer.poll(Duration.ofMillis(100)).records(place).stream()
                            .map(ConsumerRecord::value)
                            .findFirst());
        }
    }

    /** @return an outcome that says that the next command was carried out, and continues the hash of its partition */
    private static OutcomeRecord forged(TestServer server, int partition) throws InvalidProtocolBufferException {
        OutcomeRecord last;
        try (Outcomes outcomes = new Outcomes(server.kafka())) {
            last = outcomes.ofPartition(partition).getLast();
        }
        byte[] record = command(server, partition, last.getCommandOffset() + 1);
        CommandRecord command = CommandRecord.parseFrom(record);
        OutcomeHashes hashes = new OutcomeHashes();
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
                .setCommandHash(ByteString.copyFrom(hashes.command(record)))
                .build();
        return fits.toBuilder()
                .setPartitionHash(ByteString.copyFrom(
                        hashes.partition(last.getPartitionHash().toByteArray(), fits)))
                .build();
    }
}
