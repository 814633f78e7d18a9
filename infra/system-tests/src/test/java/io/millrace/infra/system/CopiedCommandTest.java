package io.millrace.infra.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.millrace.infra.testing.Await;
import io.millrace.infra.testing.TestClient;
import io.millrace.ingest.config.Access;
import io.millrace.proto.Topics;
import io.millrace.proto.flovyn.v1.CompleteTaskRequest;
import io.millrace.proto.flovyn.v1.PollTaskRequest;
import io.millrace.proto.v1.CommandRecord;
import io.millrace.proto.v1.CommandRecord.BodyCase;
import io.millrace.proto.v1.MacVerdict;
import io.millrace.proto.v1.OutcomeRecord;
import io.millrace.proto.v1.RefusalReason;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Whoever can read and write the log of commands can copy what nodes wrote, with a MAC that fits. Nothing comes of it. */
class CopiedCommandTest {

    private static final String EXECUTIONS = "/api/orgs/dev/workflow-executions";

    private static TestServer server;
    private static TestClient worker;
    private static TestHttp http;
    private static KafkaProducer<byte[], byte[]> producer;

    @BeforeAll
    static void start() {
        server = TestServer.start(Map.of(), true);
        worker = server.worker();
        http = new TestHttp("flovyn_sk_dev_admin");
        producer = new KafkaProducer<>(
                server.kafka().client(Map.of()), new ByteArraySerializer(), new ByteArraySerializer());
    }

    @AfterAll
    static void stop() {
        producer.close();
        http.close();
        worker.close();
        server.close();
    }

    /** @return all that stands on the topic of commands now, in the order of each partition */
    private static List<ConsumerRecord<byte[], byte[]>> log() {
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(
                server.kafka().client(Map.of()), new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            List<TopicPartition> partitions = consumer.partitionsFor(Topics.COMMANDS).stream()
                    .map(info -> new TopicPartition(info.topic(), info.partition()))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            List<ConsumerRecord<byte[], byte[]>> log = new ArrayList<>();
            Await.until("the end of " + Topics.COMMANDS, () -> {
                consumer.poll(Duration.ofMillis(100)).forEach(log::add);
                return ends.entrySet().stream().allMatch(end -> consumer.position(end.getKey()) >= end.getValue());
            });
            log.removeIf(record -> record.offset() >= ends.get(new TopicPartition(record.topic(), record.partition())));
            return log;
        }
    }

    private static CommandRecord command(ConsumerRecord<byte[], byte[]> record) {
        try {
            return CommandRecord.parseFrom(record.value());
        } catch (InvalidProtocolBufferException e) {
            throw new AssertionError("expected a command at offset " + record.offset(), e);
        }
    }

    private static void copy(ConsumerRecord<byte[], byte[]> record) {
        producer.send(new ProducerRecord<>(
                record.topic(), record.partition(), null, record.key(), record.value(), record.headers()));
    }

    /** Copies the newest command of the type, and waits until the copy is refused. */
    private static OutcomeRecord copyNewest(BodyCase type) {
        ConsumerRecord<byte[], byte[]> record = log().stream()
                .filter(each -> command(each).getBodyCase() == type)
                .reduce((earlier, later) ->
                        command(later).getTimeMs() >= command(earlier).getTimeMs() ? later : earlier)
                .orElseThrow();
        copy(record);
        producer.flush();
        try (Outcomes outcomes = new Outcomes(server.kafka())) {
            OutcomeRecord outcome = outcomes.await(
                    "what came of the copy of " + type,
                    each -> each.getCommandId().equals(command(record).getCommandId())
                            && each.getCommandOffset() != record.offset());
            assertEquals(MacVerdict.MAC_COPIED, outcome.getMac(), type::name);
            assertEquals(RefusalReason.PERMISSION_DENIED, outcome.getRefusal().getReason());
            assertEquals(
                    "expected a command that a node of this installation put here, once, but it is a copy of one that was"
                            + " decided before",
                    outcome.getRefusal().getText());
            assertEquals(0, outcome.getEventsCount());
            return outcome;
        }
    }

    private static double counted() {
        return http.text(server.http("/_/metrics"))
                .lines()
                .filter(line -> line.startsWith("millrace_commands_foreign_total{found=\"mac_copied\"}"))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
                .sum();
    }

    private static List<JsonNode> trail(String query) {
        List<JsonNode> entries = new ArrayList<>();
        http.get(server.http("/api/orgs/dev/audit" + query))
                .body()
                .path("entries")
                .forEach(entries::add);
        return entries;
    }

    private static void assertToldByTheTrail(OutcomeRecord copy) {
        Await.until(
                "the refusal in the trail",
                () -> trail("?command=" + copy.getCommand() + "&outcome=PERMISSION_DENIED").stream()
                        .anyMatch(entry -> entry.path("refusal")
                                .asText()
                                .endsWith("it is a copy of one that was decided before")));
    }

    @Test
    void aSignalThatIsCopiedComesOnce() {
        String id = worker.start("echo", "signals");
        assertEquals(
                200,
                http.post(server.http(EXECUTIONS + "/" + id + "/signal"), "{\"signalName\":\"pay\",\"signalValue\":7}")
                        .status());
        List<String> before = worker.eventTypes(id);

        OutcomeRecord copy = copyNewest(BodyCase.SIGNAL_WORKFLOW);

        assertEquals(before, worker.eventTypes(id));
        assertEquals(1, before.stream().filter("SIGNAL_RECEIVED"::equals).count(), before::toString);
        assertToldByTheTrail(copy);
    }

    @Test
    void aStartThatIsCopiedStartsNothing() {
        double before = counted();
        String id = worker.start("echo", "starts");
        worker.complete(worker.poll("w", "starts", 10).orElseThrow().getId(), "1");

        OutcomeRecord copy = copyNewest(BodyCase.START_WORKFLOW);

        assertEquals("WORKFLOW_COMPLETED", worker.eventTypes(id).getLast());
        assertTrue(worker.poll("w", "starts", 0).isEmpty());
        assertToldByTheTrail(copy);
        assertTrue(counted() > before, "the copy is counted");
    }

    @Test
    void aResultOfATaskThatIsCopiedIsReportedOnce() {
        String id = http.post(
                        server.http("/api/orgs/dev/task-executions"), "{\"kind\":\"resize\",\"queue\":\"results\"}")
                .body()
                .path("id")
                .asText();
        PollTaskRequest poll = PollTaskRequest.newBuilder()
                .setWorkerId("w")
                .setOrgId(Access.DEV_ORG.toString())
                .setQueue("results")
                .setTimeoutSeconds(30)
                .build();
        Await.until(
                "the task to be handed out", () -> worker.tasks().pollTask(poll).hasTask());
        worker.tasks()
                .completeTask(CompleteTaskRequest.newBuilder()
                        .setTaskExecutionId(id)
                        .setOutput(ByteString.copyFromUtf8("1"))
                        .build());

        OutcomeRecord copy = copyNewest(BodyCase.COMPLETE_TASK);

        assertEquals(
                "COMPLETED",
                http.get(server.http("/api/orgs/dev/task-executions/" + id))
                        .body()
                        .path("status")
                        .asText());
        assertToldByTheTrail(copy);
    }

    @Test
    void aCancellationThatIsCopiedCancelsNothing() {
        String id = worker.start("echo", "cancellations");
        assertEquals(
                200,
                http.post(server.http(EXECUTIONS + "/" + id + "/terminate"), "{\"reason\":\"over\"}")
                        .status());
        List<String> before = worker.eventTypes(id);

        OutcomeRecord copy = copyNewest(BodyCase.TERMINATE_WORKFLOW);

        assertEquals(before, worker.eventTypes(id));
        assertToldByTheTrail(copy);
    }

    /** All that nodes ever wrote, once more: tenures, due times, claims and what partitions tell each other, too. */
    @Test
    void theWholeLogCopiedBehindItselfChangesNothing() {
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            ids.add(worker.start("echo", "whole"));
        }
        for (int i = 0; i < 6; i++) {
            worker.complete(worker.poll("w", "whole", 10).orElseThrow().getId(), "1");
        }
        Map<String, List<String>> before = histories(ids);
        List<ConsumerRecord<byte[], byte[]>> log = log();

        log.forEach(CopiedCommandTest::copy);
        producer.flush();

        try (Outcomes outcomes = new Outcomes(server.kafka())) {
            Await.until(
                    "what came of all copies",
                    () -> outcomes.all(outcome -> outcome.getMac() == MacVerdict.MAC_COPIED)
                                    .size()
                            >= log.size());
            List<OutcomeRecord> others = outcomes.all(outcome -> outcome.getMac() != MacVerdict.MAC_COPIED
                    && outcome.getMac() != MacVerdict.MAC_VALID
                    && outcome.getCommandOffset() > 0);
            assertEquals(List.of(), others, "all that nodes write is known, and taken for no copy");
        }
        assertEquals(before, histories(ids));
        for (int i = 0; i < 6; i++) {
            worker.complete(worker.poll("w", "whole", 10).orElseThrow().getId(), "1");
        }
        assertTrue(worker.poll("w", "whole", 0).isEmpty());
        ids.forEach(
                id -> assertEquals("WORKFLOW_COMPLETED", worker.eventTypes(id).getLast()));
        assertEquals(200, http.get(server.http("/_/ready")).status());
    }

    private static Map<String, List<String>> histories(List<String> ids) {
        return ids.stream().collect(Collectors.toMap(id -> id, worker::eventTypes));
    }
}
