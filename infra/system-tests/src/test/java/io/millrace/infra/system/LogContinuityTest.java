package io.millrace.infra.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import com.google.protobuf.ByteString;
import io.millrace.dispatcher.Dispatcher;
import io.millrace.dispatcher.engine.command.Rules;
import io.millrace.infra.testing.Await;
import io.millrace.infra.testing.TestClient;
import io.millrace.proto.Ids;
import io.millrace.proto.v1.OutcomeRecord;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.utils.Utils;
import org.junit.jupiter.api.Test;

/** Kafka loses what the dispatcher keeps there beside the log and its outcomes. */
class LogContinuityTest {

    private static final String GROUP = "millrace-dispatcher";

    @Test
    void lostOffsetsNeitherLoseNorDoubleAnything() throws Exception {
        goesOnAfter(LogContinuityTest::forgetOffsets);
    }

    /** Then everything looks like an installation that has not carried out anything yet, but for the outcomes. */
    @Test
    void lostOffsetsAndALostStateNeitherLoseNorDoubleAnything() throws Exception {
        goesOnAfter(server -> {
            forgetOffsets(server);
            forgetState(server);
        });
    }

    private interface Loss {
        void of(TestServer server) throws Exception;
    }

    private static void goesOnAfter(Loss loss) throws Exception {
        try (TestServer server = TestServer.start()) {
            String waiting;
            try (TestClient worker = server.worker()) {
                for (int i = 0; i < 5; i++) {
                    worker.start("echo", "done");
                    worker.complete(worker.poll("w", "done", 60).orElseThrow().getId(), "1");
                }
                waiting = worker.start("echo", "waits");
            }

            server.stopNode(TestServer.FIRST);
            loss.of(server);
            server.restartNode(TestServer.FIRST);
            assertGoesOn(server, waiting);

            try (TestClient worker = server.worker()) {
                assertEquals(
                        waiting, worker.poll("w", "waits", 60).orElseThrow().getId());
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
            outcomes.await(
                    "the start of " + next,
                    outcome -> outcome.getEventsList().stream()
                            .anyMatch(event -> event.getType().equals("WORKFLOW_STARTED")
                                    && Ids.fromBytes(event.getExecutionId())
                                            .toString()
                                            .equals(next)));
            Map<ByteString, OutcomeRecord> seen = new HashMap<>();
            outcomes.await("an outcome under the newest rules", outcome -> outcome.getRulesVersion() == Rules.VERSION);
            for (OutcomeRecord outcome : outcomes.all(each -> true)) {
                OutcomeRecord first = seen.putIfAbsent(outcome.getCommandId(), outcome);
                assertNull(
                        first,
                        () -> "expected one outcome of each command, but besides " + first + " there is " + outcome);
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

    /** Neither the changelog nor what the node keeps of it is there any more. */
    private static void forgetState(TestServer server) throws Exception {
        try (Admin admin = Admin.create(server.kafka().client(Map.of()))) {
            admin.deleteTopics(Set.of(Dispatcher.changelog(GROUP))).all().get();
        }
        List<Path> stores;
        try (Stream<Path> files = Files.walk(server.data().resolve(TestServer.FIRST))) {
            stores = files.filter(file -> file.endsWith(GROUP)).toList();
        }
        assertEquals(1, stores.size(), () -> "folders of stores: " + stores);
        Utils.delete(stores.getFirst().toFile());
    }
}
