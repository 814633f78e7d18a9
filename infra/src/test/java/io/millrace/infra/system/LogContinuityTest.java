package io.millrace.infra.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.millrace.dispatcher.engine.Rules;
import io.millrace.infra.testing.Await;
import io.millrace.infra.testing.Outcomes;
import io.millrace.infra.testing.TestClient;
import io.millrace.infra.testing.TestServer;
import io.millrace.proto.Ids;
import io.millrace.proto.v1.OutcomeRecord;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

/** Kafka loses what the dispatcher keeps there beside the log: its offsets, and then its whole state. */
class LogContinuityTest {

    private static final String GROUP = "millrace-dispatcher";
    private static final String CHANGELOG = "millrace-dispatcher-state-changelog";

    @Test
    void neitherLostOffsetsNorALostStateLoseOrDoubleAnything() throws Exception {
        try (TestServer server = TestServer.start()) {
            String waiting;
            try (TestClient worker = server.worker()) {
                for (int i = 0; i < 5; i++) {
                    worker.start("echo", "done");
                    worker.complete(worker.poll("w", "done", 5).orElseThrow().getId(), "1");
                }
                waiting = worker.start("echo", "waits");
            }

            server.stopNode(TestServer.FIRST);
            forgetOffsets(server);
            server.restartNode(TestServer.FIRST);
            assertGoesOn(server, waiting);

            server.stopNode(TestServer.FIRST);
            forgetState(server);
            server.restartNode(TestServer.FIRST);
            assertGoesOn(server, waiting);
            try (TestClient worker = server.worker()) {
                assertEquals(waiting, worker.poll("w", "waits", 5).orElseThrow().getId());
                worker.complete(waiting, "2");
                assertEquals("WORKFLOW_COMPLETED", worker.eventTypes(waiting).getLast());
            }
        }
    }

    private static void assertGoesOn(TestServer server, String waiting) {
        try (TestClient worker = server.worker();
                Outcomes outcomes = new Outcomes(server.kafka())) {
            assertEquals(List.of("WORKFLOW_STARTED"), worker.eventTypes(waiting));
            String next = worker.start("echo", "next");
            outcomes.await("the start of " + next, outcome -> outcome.getEventsList().stream()
                    .anyMatch(event -> event.getType().equals("WORKFLOW_STARTED")
                            && Ids.fromBytes(event.getExecutionId()).toString().equals(next)));
            Set<ByteString> seen = new HashSet<>();
            outcomes.await("an outcome under the newest rules", outcome -> outcome.getRulesVersion() == Rules.VERSION);
            for (OutcomeRecord outcome : outcomes.all(each -> true)) {
                assertTrue(seen.add(outcome.getCommandId()), () -> "a second outcome of " + outcome);
            }
        }
    }

    /** As when all nodes have been away for a week. */
    private static void forgetOffsets(TestServer server) {
        try (Admin admin = Admin.create(server.kafka().client(Map.of()))) {
            Await.until("the group to be empty", () -> {
                try {
                    admin.deleteConsumerGroups(Set.of(GROUP)).all().get();
                    return true;
                } catch (ExecutionException e) {
                    return false; // its members are still thought to be there
                } catch (InterruptedException e) {
                    throw new AssertionError("interrupted", e);
                }
            });
        }
    }

    private static void forgetState(TestServer server) throws Exception {
        delete(server.folder(TestServer.FIRST).resolve("streams"));
        try (Admin admin = Admin.create(server.kafka().client(Map.of()))) {
            int partitions = admin.describeTopics(Set.of(CHANGELOG))
                    .allTopicNames()
                    .get()
                    .get(CHANGELOG)
                    .partitions()
                    .size();
            Map<TopicPartition, RecordsToDelete> all = new HashMap<>();
            for (int partition = 0; partition < partitions; partition++) {
                TopicPartition log = new TopicPartition(CHANGELOG, partition);
                long end = admin.listOffsets(Map.of(log, OffsetSpec.latest())).partitionResult(log).get().offset();
                all.put(log, RecordsToDelete.beforeOffset(end));
            }
            admin.deleteRecords(all).all().get();
        }
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
