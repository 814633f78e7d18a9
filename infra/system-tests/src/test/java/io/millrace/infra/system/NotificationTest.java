package io.millrace.infra.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.infra.testing.TestClient;
import io.millrace.infra.testing.TestSubscriber;
import io.millrace.proto.flovyn.v1.StartWorkflowRequest;
import io.millrace.proto.flovyn.v1.StartWorkflowResponse;
import io.millrace.proto.flovyn.v1.WorkflowExecution;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What a subscribed worker hears, on a whole server. Each test has a queue of its own. */
@ExtendWith(SharedServer.class)
class NotificationTest {

    /** Long against the few milliseconds that a notification takes, short enough to wait for nothing. */
    private static final Duration SILENCE = Duration.ofMillis(700);

    private static TestClient worker;

    @BeforeAll
    static void start(TestServer shared) {
        worker = shared.worker();
    }

    @AfterAll
    static void stop() {
        worker.close();
    }

    @Test
    void aNotificationIsTrue() throws InterruptedException {
        try (TestSubscriber subscriber = new TestSubscriber(worker, "w", "true")) {
            String id = worker.start("echo", "true");

            assertEquals("true", subscriber.next().getQueue());
            WorkflowExecution found = worker.poll("w", "true", 0).orElseThrow();
            assertEquals(id, found.getId());
            assertEquals("{\"n\":1}", found.getInput().toStringUtf8());
        }
    }

    @Test
    void aWorkerThatSubscribesLateIsToldAtOnce() throws InterruptedException {
        String id = worker.start("echo", "late");

        try (TestSubscriber subscriber = new TestSubscriber(worker, "w", "late")) {
            assertEquals("late", subscriber.next().getQueue());
            assertEquals(id, worker.poll("w", "late", 0).orElseThrow().getId());
        }
    }

    @Test
    void aRepeatedIdempotentStartIsNotTold() throws InterruptedException {
        StartWorkflowRequest request = TestClient.startRequest("echo", "repeated")
                .setIdempotencyKey("once")
                .build();
        try (TestSubscriber subscriber = new TestSubscriber(worker, "w", "repeated")) {
            StartWorkflowResponse first = worker.workflows().startWorkflow(request);
            subscriber.next();
            worker.poll("w", "repeated", 0).orElseThrow();

            StartWorkflowResponse second = worker.workflows().startWorkflow(request);

            assertEquals(first.getWorkflowExecutionId(), second.getWorkflowExecutionId());
            assertTrue(first.getIdempotencyKeyNew());
            assertFalse(second.getIdempotencyKeyNew());
            assertEquals(Optional.empty(), subscriber.next(SILENCE));
        }
    }

    @Test
    void workThatIsTakenAndDoneIsNotToldAgain() throws InterruptedException {
        try (TestSubscriber subscriber = new TestSubscriber(worker, "w", "done")) {
            String id = worker.start("echo", "done");
            subscriber.next();
            worker.poll("w", "done", 0).orElseThrow();
            worker.complete(id, "{\"n\":2}");

            assertEquals(Optional.empty(), subscriber.next(SILENCE));
            assertEquals(List.of("WORKFLOW_STARTED", "WORKFLOW_COMPLETED"), worker.eventTypes(id));
        }
    }

    @Test
    void anotherQueueIsNotTold() throws InterruptedException {
        try (TestSubscriber subscriber = new TestSubscriber(worker, "w", "mine")) {
            worker.start("echo", "theirs");

            assertEquals(Optional.empty(), subscriber.next(SILENCE));
        }
    }
}
