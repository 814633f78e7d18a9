package io.millrace.infra.torture;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.infra.worker.JsonData;
import io.millrace.infra.worker.Pending;
import io.millrace.infra.worker.TaskOptions;
import io.millrace.infra.worker.WorkerOptions;
import io.millrace.infra.worker.WorkflowContext;
import java.time.Duration;

/**
 * What the workers do: an order runs a task, waits for a signal, a timer and a promise, some start a child, and a second task
 * takes the result of the first. What comes out depends on the input alone.
 */
final class OrderWorkflows {

    static final String ORDER = "torture-order";
    static final String QUEUE = "torture";
    static final String SIGNAL = "go";
    static final String PROMISE = "paid";

    static final String PART = "torture-part";
    private static final String ADD = "torture-add";
    /** Attempts end with workers that die, and none of the task's own fails. */
    private static final TaskOptions PATIENT = TaskOptions.DEFAULT.withMaxRetries(100);

    private OrderWorkflows() {}

    static WorkerOptions of(WorkerOptions options) {
        return options.queue(QUEUE)
                .workflow(ORDER, OrderWorkflows::order)
                .workflow(PART, (workflow, input) -> number(3 * input.path("n").asLong()))
                .task(ADD, (task, input) -> number(1 + input.path("n").asLong()));
    }

    private static JsonNode number(long value) {
        return JsonData.of(String.valueOf(value));
    }

    private static JsonNode order(WorkflowContext workflow, JsonNode input) {
        long n = input.path("n").asLong();
        Pending<Void> timer =
                workflow.sleep(Duration.ofMillis(input.path("sleepMs").asLong()));
        JsonNode first = workflow.scheduleTask(ADD, input, PATIENT).await();
        JsonNode go = workflow.waitForSignal(SIGNAL).await();
        timer.await();
        JsonNode paid = workflow.promise(PROMISE).await();
        long part = 0;
        if (input.path("child").asBoolean()) {
            part = workflow.childWorkflow("part", PART, input).await().asLong();
        }
        JsonNode second = workflow.scheduleTask(ADD, JsonData.of("{\"n\":" + first.asLong() + "}"), PATIENT)
                .await();
        return number(second.asLong() + 10 * n + 1_000_000 * (go.asLong() + paid.asLong()) + part);
    }

    /** @return the input of an order */
    static String input(long n, long sleepMs, boolean child) {
        return "{\"n\":" + n + ",\"sleepMs\":" + sleepMs + ",\"child\":" + child + "}";
    }

    /** @return what must come out of it, with 1 as the value of signal and promise */
    static long output(long n, boolean child) {
        return n + 2 + 10 * n + 2_000_000 + (child ? 3 * n : 0);
    }
}
