package io.millrace.infra.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.infra.embedded.EmbeddedKafka;
import io.millrace.infra.server.CloseStack;
import io.millrace.infra.server.MillraceServer;
import io.millrace.infra.system.NodeOnKafka;
import io.millrace.infra.system.Outcomes;
import io.millrace.infra.testing.Await;
import io.millrace.infra.testing.TempFolder;
import io.millrace.infra.testing.TestClient;
import io.millrace.ingest.config.Access;
import io.millrace.proto.Ids;
import io.millrace.proto.flovyn.v1.WorkflowExecution;
import io.millrace.proto.flovyn.v1.WorkflowStatus;
import io.millrace.proto.v1.OutcomeRecord;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The clock of a broker jumps by minutes and hours, forward and back, while workflows run. */
class BrokerClockTest {

    private static final Duration TIMER = Duration.ofSeconds(1);
    private static final String QUEUE = "clocks";

    private final CloseStack parts = new CloseStack();
    private final Path folder = parts.push("test folder", new TempFolder()).path();
    private final JumpingClock clock = new JumpingClock();

    /**
     * What the broker waits for by its clock is over then. As the clock went back, what it waits for before it connects to the controller
     * again may have moved hours away, and it would not be let go for minutes.
     */
    @AfterEach
    void stop() {
        clock.ahead(Duration.ofHours(5));
        parts.close();
    }

    @Test
    void timersFireOnceAndNeverEarlyAndNoTimeGoesBackHoweverTheClockOfABrokerJumps() throws InterruptedException {
        EmbeddedKafka kafka = parts.push("Kafka", EmbeddedKafka.start(folder.resolve("kafka"), 0, Map.of(), clock));
        MillraceServer node = NodeOnKafka.start(parts, folder, kafka.access(), "clocks", Map.of());
        TestClient worker = parts.push("worker", new TestClient(node.grpcPort(), Access.DEV_WORKER_KEY));
        List<String> ids = new ArrayList<>();
        String before = waitingForTimer(worker, Duration.ofHours(10));
        for (Duration ahead : List.of(
                Duration.ZERO,
                Duration.ofMinutes(40),
                Duration.ofHours(3),
                Duration.ofMinutes(-5),
                Duration.ofHours(-4),
                Duration.ofHours(1),
                Duration.ZERO)) {
            clock.ahead(ahead);
            long begun = System.nanoTime();
            String id = waitingForTimer(worker, TIMER);
            worker.complete(await(worker, id).getId(), "1");
            long tookMs = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun);

            assertEquals(
                    List.of(
                            "WORKFLOW_STARTED",
                            "TIMER_STARTED",
                            "WORKFLOW_SUSPENDED",
                            "TIMER_FIRED",
                            "WORKFLOW_COMPLETED"),
                    worker.eventTypes(id),
                    "ahead by " + ahead);
            assertTrue(tookMs >= TIMER.toMillis(), "ahead by " + ahead + " a timer of a second fired after " + tookMs);
            ids.add(id);
        }
        assertEquals(
                List.of("WORKFLOW_STARTED", "TIMER_STARTED", "WORKFLOW_SUSPENDED"),
                worker.eventTypes(before),
                "the clock was three hours ahead at the most, and this timer is for ten");
        try (Outcomes outcomes = new Outcomes(kafka.access())) {
            ids.forEach(id -> assertInOrder(outcomes, id));
        }
        assertTrue(node.notReady().isEmpty(), () -> node.notReady().toString());
    }

    private static String waitingForTimer(TestClient worker, Duration timer) {
        String id = worker.start("sleeper", QUEUE);
        assertEquals(id, await(worker, id).getId());
        worker.workflows()
                .submitWorkflowCommands(Protocol.batch(
                        id,
                        WorkflowStatus.SUSPENDED,
                        1,
                        Commands.timer("t", timer.toMillis()),
                        Commands.suspend("sleeps")));
        return id;
    }

    /** @return the workflow, which is handed out as soon as it has something to do */
    private static WorkflowExecution await(TestClient worker, String id) {
        return Await.found(
                "work of " + id,
                () -> worker.poll("w", QUEUE, 2).filter(work -> work.getId().equals(id)));
    }

    /** What the partition says of the time of each command that concerns the workflow. */
    private static void assertInOrder(Outcomes outcomes, String id) {
        List<Long> times = outcomes
                .all(outcome -> outcome.getEventsList().stream()
                        .anyMatch(event -> event.getExecutionId().equals(Ids.toByteString(UUID.fromString(id)))))
                .stream()
                .map(OutcomeRecord::getTimeMs)
                .toList();
        assertTrue(times.size() >= 4, () -> "times of " + id + ": " + times);
        assertEquals(times.stream().sorted().toList(), times);
    }
}
