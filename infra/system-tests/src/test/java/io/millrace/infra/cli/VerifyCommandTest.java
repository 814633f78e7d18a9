package io.millrace.infra.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.infra.system.Outcomes;
import io.millrace.infra.system.TestServer;
import io.millrace.infra.testing.TempFolder;
import io.millrace.infra.testing.TestClient;
import io.millrace.ingest.audit.trail.TrailExport;
import io.millrace.proto.Ids;
import io.millrace.proto.Shards;
import io.millrace.proto.Topics;
import io.millrace.proto.v1.OutcomeRecord;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** A log that a server wrote is carried out again beside it; in the end it is forged, and then cut. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class VerifyCommandTest {

    /** Name of a command that nobody has asked for. */
    private static final String FORGED = "pause_workflow";

    private static TestServer server;
    private static String last;

    @BeforeAll
    static void work() throws Exception {
        server = TestServer.start();
        try (TestClient worker = server.worker();
                Outcomes outcomes = new Outcomes(server.kafka())) {
            for (int i = 0; i < 8; i++) {
                worker.start("echo", "q");
                worker.complete(worker.poll("w", "q", 60).orElseThrow().getId(), "1");
            }
            last = worker.start("echo", "waits");
            outcomes.await("the start of " + last, outcome -> isAbout(outcome, last));
        }
    }

    private static boolean isAbout(OutcomeRecord outcome, String id) {
        return outcome.getEventsList().stream()
                .anyMatch(event -> Ids.fromBytesOrNull(event.getExecutionId()) != null
                        && Ids.fromBytes(event.getExecutionId()).toString().equals(id));
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    @Order(1)
    void saysThatTheSameComesOfTheLog() {
        LogCommand verify = LogCommand.run(server, "verify");

        assertEquals(0, verify.exit(), verify::all);
        assertTrue(
                verify.out()
                        .matches("the same: [1-9][0-9]* outcomes of 4 partitions compared in [0-9.]+ s, [0-9,]+/s\n"),
                verify::all);
        assertEquals("", verify.err());
    }

    @Test
    @Order(2)
    void comparesOnePartitionFromAPlaceOn() {
        LogCommand all = LogCommand.run(server, "verify", "--partition", "3");
        LogCommand later = LogCommand.run(server, "verify", "--from", "3:1");

        assertEquals(0, later.exit(), later::all);
        assertEquals(compared(all) - 1, compared(later));
    }

    private static int compared(LogCommand verify) {
        return Integer.parseInt(verify.out().replaceAll("the same: ([0-9]+) outcomes of 1 partitions.*\n", "$1"));
    }

    @Test
    @Order(3)
    void saysWhatThereIsWhereItIsAskedForWhatIsNot() {
        assertNotSeen("expected a partition from 0 to 3, but got 99", "verify", "--partition", "99");
        assertNotSeen("whose commands go from offset 0 to ", "verify", "--from", "3:100000");
        assertNotSeen("is before it: the first command came at ", "verify", "--from", "2001-01-01T00:00:00Z");
        assertNotSeen(
                "is yet to come",
                "verify",
                "--to",
                Instant.now().plusSeconds(3_600).toString());
        assertNotSeen(
                "expected a time such as 2026-01-31T14:03:00Z, or partition:offset such as 3:12000 behind --to, but got 'noon'",
                "verify",
                "--to",
                "noon");
        Instant now = Instant.now();
        assertNotSeen(
                "expected a moment to begin that is before the one to end",
                "verify",
                "--from",
                now.toString(),
                "--to",
                now.minusMillis(1).toString());
        assertNotSeen("expected rules newer than 2", "verify", "--rules", "99");
    }

    /** Waits for as long as it has patience with Kafka. */
    @Test
    @Execution(ExecutionMode.CONCURRENT)
    void saysThatKafkaDoesNotAnswer() {
        LogCommand away = LogCommand.run(List.of("verify", "--set", "kafka.bootstrap_servers=127.0.0.1:1"));
        assertEquals(2, away.exit(), away::all);
        assertTrue(away.err().contains("millrace: expected Kafka at 127.0.0.1:1 to show its log, but"), away::all);
    }

    private static void assertNotSeen(String text, String... args) {
        LogCommand command = LogCommand.run(server, args);
        assertEquals(2, command.exit(), command::all);
        assertTrue(command.err().contains(text), command::all);
    }

    @Test
    @Order(4)
    void showsAnOutcomeThatSomebodyForged() throws Exception {
        int partition = Shards.partition(UUID.fromString(last), 4);
        OutcomeRecord there;
        try (Outcomes outcomes = new Outcomes(server.kafka())) {
            there = outcomes.await("the start of " + last, outcome -> isAbout(outcome, last));
        }
        try (KafkaProducer<byte[], byte[]> forger = new KafkaProducer<>(
                server.kafka().client(Map.of()), new ByteArraySerializer(), new ByteArraySerializer())) {
            forger.send(new ProducerRecord<>(Topics.EVENTS, partition, null, there.toByteArray()))
                    .get(120, TimeUnit.SECONDS);
        }

        LogCommand verify = LogCommand.run(server, "verify");

        assertEquals(1, verify.exit(), verify::all);
        assertTrue(verify.out().contains("the first difference: a second outcome is recorded"), verify::all);
        assertTrue(
                verify.out()
                        .contains(
                                "1  start_workflow: a second outcome is recorded (not intended: the same rules decided)"),
                verify::all);
    }

    /** Whoever may write events names any command. What stands behind that is compared as ever. */
    @Test
    @Order(5)
    void anOutcomeOfACommandThatIsYetToComeHidesNoOther() throws Exception {
        int partition = Shards.partition(UUID.fromString(last), 4);
        try (KafkaProducer<byte[], byte[]> forger = new KafkaProducer<>(
                        server.kafka().client(Map.of()), new ByteArraySerializer(), new ByteArraySerializer());
                TestClient worker = server.worker();
                Outcomes outcomes = new Outcomes(server.kafka())) {
            long ahead = lastCommand(outcomes, partition) + 10;
            for (long offset : new long[] {ahead, Long.MAX_VALUE}) {
                byte[] forged = OutcomeRecord.newBuilder()
                        .setCommandOffset(offset)
                        .setCommand(FORGED)
                        .build()
                        .toByteArray();
                forger.send(new ProducerRecord<>(Topics.EVENTS, partition, null, forged))
                        .get(120, TimeUnit.SECONDS);
            }
            while (lastCommand(outcomes, partition) <= ahead) {
                worker.start("echo", "behind");
            }
        }

        LogCommand verify = LogCommand.run(server, "verify");

        assertEquals(1, verify.exit(), verify::all);
        assertTrue(verify.out().contains("2  " + FORGED + ": the log has no such command"), verify::all);
        assertTrue(verify.out().contains("1  start_workflow: a second outcome is recorded"), verify::all);
        assertFalse(verify.out().contains("no outcome is recorded"), verify::all);
        assertFalse(verify.out().contains("only the hashes"), verify::all);
    }

    private static long lastCommand(Outcomes outcomes, int partition) {
        return outcomes.ofPartition(partition).stream()
                .filter(outcome -> !outcome.getCommand().equals(FORGED))
                .mapToLong(OutcomeRecord::getCommandOffset)
                .max()
                .orElseThrow();
    }

    @Test
    @Order(6)
    void saysThatTheBeginningOfALogWasDeleted() throws Exception {
        try (Admin admin = Admin.create(server.kafka().client(Map.of()))) {
            admin.deleteRecords(Map.of(new TopicPartition(Topics.COMMANDS, 2), RecordsToDelete.beforeOffset(1)))
                    .all()
                    .get(120, TimeUnit.SECONDS);
        }

        assertNotSeen(
                "expected millrace.commands from its beginning, but the first record of partition 2 is at offset 1",
                "verify");
    }

    /** Whoever looks for what is deleted is told so, and not that it never was. */
    @Test
    @Order(7)
    void saysWhatIsLeftOfAnExecutionWhoseBeginningWasDeleted() throws Exception {
        int partition = Shards.partition(UUID.fromString(last), 4);
        try (Admin admin = Admin.create(server.kafka().client(Map.of()))) {
            for (String topic : List.of(Topics.COMMANDS, Topics.EVENTS)) {
                admin.deleteRecords(Map.of(new TopicPartition(topic, partition), RecordsToDelete.beforeOffset(-1)))
                        .all()
                        .get(120, TimeUnit.SECONDS);
            }
        }
        for (String command : List.of("history", "why")) {
            LogCommand gone = LogCommand.run(server, command, last);
            assertEquals(2, gone.exit(), gone::all);
            assertTrue(
                    gone.err()
                            .matches("(?s).*but nothing in it is about " + last + "; its partition " + partition
                                    + " begins at offset [1-9][0-9]*, and what was before is deleted\n"),
                    gone::all);
        }

        try (TestClient worker = server.worker();
                Outcomes outcomes = new Outcomes(server.kafka())) {
            assertEquals(last, worker.poll("w", "waits", 60).orElseThrow().getId());
            outcomes.await("the claim of " + last, outcome -> isAbout(outcome, last));
        }

        for (String command : List.of("history", "why")) {
            assertNotSeen("to tell of the beginning of " + last + ", but it begins later", command, last);
        }
        assertNotSeen(
                "to tell of the beginning of " + last + ", but it begins later",
                "replay",
                "--until",
                "now",
                "--workflow",
                last);
        assertNotSeen("expected millrace.commands from its beginning", "replay", "--until", "now", "--all");
    }

    /** An auditor is told what is missing, and gets what is left. */
    @Test
    @Order(8)
    void exportsWhatIsLeftAndSaysWhatIsNot() throws Exception {
        int partition = Shards.partition(UUID.fromString(last), 4);
        try (TempFolder folder = new TempFolder()) {
            Path out = folder.path().resolve("trail.jsonl");
            Path position = folder.path().resolve("position");
            String place = "expected millrace.events-" + partition;

            LogCommand all = LogCommand.run(server, "audit", "export", "--out", out.toString());
            assertEquals(1, all.exit(), all::all);
            assertTrue(
                    all.out()
                            .matches(
                                    "(?s).*" + place
                                            + " from its beginning, but it begins at offset [1-9][0-9]*: what was before is deleted\n.*"),
                    all::all);
            List<String> lines = Files.readAllLines(out);
            assertEquals(
                    1,
                    lines.stream()
                            .filter(line -> line.contains(TrailExport.BROKEN) && line.contains("\"LOST: " + place))
                            .count(),
                    lines::toString);
            assertTrue(
                    lines.stream()
                            .anyMatch(line -> line.contains(TrailExport.OUTCOME)
                                    && line.contains("\"kafka:millrace.events/" + partition + "\"")),
                    lines::toString);

            Files.writeString(position, partition + ":1\n");
            LogCommand gap = LogCommand.run(
                    server, "audit", "export", "--out", out.toString(), "--position", position.toString());
            assertEquals(1, gap.exit(), gap::all);
            assertTrue(
                    gap.out().contains(place + " to hold offset 1, where the export before ended, but it begins at"),
                    gap::all);

            Files.writeString(position, partition + ":1000000\n");
            LogCommand cut = LogCommand.run(
                    server, "audit", "export", "--out", out.toString(), "--position", position.toString());
            assertEquals(1, cut.exit(), cut::all);
            assertTrue(
                    cut.out()
                            .contains(place + " to hold offset 1000000, where the export before ended, but it ends at"),
                    cut::all);
            assertTrue(Files.readString(position).contains(partition + ":1000000\n"));

            Files.writeString(position, "0:1\n7:1\n");
            LogCommand foreign = LogCommand.run(
                    server, "audit", "export", "--out", out.toString(), "--position", position.toString());
            assertEquals(1, foreign.exit(), foreign::all);
            assertTrue(
                    foreign.err()
                            .contains(
                                    "expected positions in the 4 partitions of millrace.events, but there are some in [7]"),
                    foreign::all);
            assertEquals("0:1\n7:1\n", Files.readString(position));
        }
    }
}
