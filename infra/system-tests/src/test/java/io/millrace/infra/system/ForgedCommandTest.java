package io.millrace.infra.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.infra.testing.Await;
import io.millrace.infra.testing.TestClient;
import io.millrace.proto.Ids;
import io.millrace.proto.Shards;
import io.millrace.proto.Topics;
import io.millrace.proto.mac.CommandMacs;
import io.millrace.proto.mac.MacKey;
import io.millrace.proto.mac.MacKeys;
import io.millrace.proto.mac.MacMode;
import io.millrace.proto.v1.CancelWorkflow;
import io.millrace.proto.v1.CommandRecord;
import io.millrace.proto.v1.MacVerdict;
import io.millrace.proto.v1.OutcomeRecord;
import io.millrace.proto.v1.Principal;
import io.millrace.proto.v1.RefusalReason;
import io.millrace.proto.v1.StartWorkflow;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Whoever can write to Kafka, but is no node, changes nothing: what he writes stands as refused on the log. */
class ForgedCommandTest {

    private static final UUID ORG = UUID.fromString("550e8400-e29b-41d4-a716-446655440000");

    private static TestServer server;
    private static TestClient worker;
    private static TestHttp http;
    private static KafkaProducer<byte[], byte[]> producer;

    @BeforeAll
    static void start() {
        server = TestServer.start();
        worker = server.worker();
        http = new TestHttp("flovyn_sk_dev_admin");
        producer = new KafkaProducer<>(
                server.kafka().client(Map.of()), new ByteArraySerializer(), new ByteArraySerializer());
        try (Outcomes outcomes = new Outcomes(server.kafka())) {
            Await.until("rules 3 on all partitions", () -> {
                worker.start("echo", "any");
                return outcomes
                                .all(outcome -> outcome.getRulesVersion() >= 3
                                        && outcome.getCommand().equals("start_workflow"))
                                .stream()
                                .map(outcome ->
                                        Ids.fromBytes(outcome.getEvents(0).getExecutionId()))
                                .map(id -> Shards.partition(Shards.of(id), 4))
                                .distinct()
                                .count()
                        == 4;
            });
        }
    }

    @AfterAll
    static void stop() {
        producer.close();
        http.close();
        worker.close();
        server.close();
    }

    private static CommandRecord.Builder invented(UUID commandId) {
        return CommandRecord.newBuilder()
                .setCommandId(Ids.toByteString(commandId))
                .setOrgId(Ids.toByteString(ORG))
                .setPrincipal(Principal.newBuilder()
                        .setType(Principal.Type.USER)
                        .setId("the-director")
                        .setRole("OWNER"))
                .setOrigin("node-1 192.0.2.1:1")
                .setTimeMs(System.currentTimeMillis());
    }

    private static OutcomeRecord outcomeOf(UUID commandId, UUID execution, byte[] record) {
        producer.send(new ProducerRecord<>(Topics.COMMANDS, Shards.partition(Shards.of(execution), 4), null, record));
        producer.flush();
        try (Outcomes outcomes = new Outcomes(server.kafka())) {
            return outcomes.await(
                    "what came of " + commandId,
                    outcome -> outcome.getCommandId().equals(Ids.toByteString(commandId)));
        }
    }

    @Test
    void aStartWithoutAMacIsRefusedAndStartsNothing() {
        UUID execution = Shards.newId();
        UUID commandId = Shards.newId();
        byte[] record = invented(commandId)
                .setStartWorkflow(StartWorkflow.newBuilder()
                        .setExecutionId(Ids.toByteString(execution))
                        .setKind("echo")
                        .setQueue("forged"))
                .build()
                .toByteArray();

        OutcomeRecord outcome = outcomeOf(commandId, execution, record);

        assertEquals(MacVerdict.MAC_MISSING, outcome.getMac());
        assertEquals(RefusalReason.PERMISSION_DENIED, outcome.getRefusal().getReason());
        assertEquals(0, outcome.getEventsCount());
        assertEquals(
                404,
                http.get(server.http("/api/orgs/dev/workflow-executions/" + execution))
                        .status());
        assertTrue(worker.poll("w", "forged", 0).isEmpty());
        assertTrue(http.text(server.http("/_/metrics"))
                .contains("millrace_commands_foreign_total{found=\"mac_missing\"} 1"));
    }

    @Test
    void aCancellationWithTheMacOfAnotherKeyCancelsNothing() {
        String id = worker.start("echo", "kept");
        UUID execution = UUID.fromString(id);
        UUID commandId = Shards.newId();
        CommandMacs stranger = new CommandMacs(
                MacMode.REQUIRE,
                new MacKeys(List.of(
                        new MacKey("test", "a key that is not the nodes' own".getBytes(StandardCharsets.UTF_8)))));
        byte[] record = stranger.seal(
                Shards.partition(Shards.of(execution), 4),
                invented(commandId)
                        .setCancelWorkflow(CancelWorkflow.newBuilder().setExecutionId(Ids.toByteString(execution)))
                        .build());

        OutcomeRecord outcome = outcomeOf(commandId, execution, record);

        assertEquals(MacVerdict.MAC_WRONG, outcome.getMac());
        assertTrue(outcome.getRefusal().getText().contains("does not fit"));
        assertEquals(List.of("WORKFLOW_STARTED"), worker.eventTypes(id));
        assertEquals(id, worker.poll("w", "kept", 60).orElseThrow().getId());
    }

    @Test
    void allThatNodesWriteThemselvesIsKnown() {
        worker.complete(worker.start("echo", "own"), "1");

        try (Outcomes outcomes = new Outcomes(server.kafka())) {
            List<OutcomeRecord> byNodes = outcomes.all(outcome -> outcome.getRulesVersion() >= 3
                    && !outcome.getPrincipal().getId().equals("the-director"));
            assertTrue(byNodes.size() >= 2);
            assertTrue(byNodes.stream().allMatch(outcome -> outcome.getMac() == MacVerdict.MAC_VALID));
        }
    }
}
